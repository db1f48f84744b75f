/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/entry.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/factor_card.h"
#include "authd/source.h"
#include "authd/text.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/crypto/spki.h"
#include "common/rules/decide.h"
#include "common/wire/badge.h"
#include "common/wire/entry.h"
#include "common/wire/state.h"

enum {
	KEY_ID = 32,
	ENTRY_SECONDS = 10, /* what is proven here is used at once */
};

/* Numbers that nobody has: as many as a terminal may ask about (badge.c). */
static const struct source_rule budget = {
    .burst = 20, .rate = 20, .persons = 256};

struct entry {
	struct worker *w;
	const Sekisho__AuthRequest *r;
	char version[24];
	bool answered, is_door;
	char client_name[STORE_NAME];
	enum lang lang;
	char reader[ENTRY_READER_MAX + 1]; /* "": none, or none that can be */
	char state[2 * STATE_HASH + 3];
};

/* What entry_read knows, of a card's answer. */
struct ground {
	int64_t now;
	bool state_found;
	char method[16];
	char person[UUID_TEXT];
	char person_version[24];
	const char *login; /* in the arena; NULL: nobody's */
	struct store_key key;
};

static bool
is_purpose(const Sekisho__AuthRequest *r, const char *word)
{
	return secret_equal(
	    r->purpose.data, r->purpose.len, word, strlen(word));
}

/* Whether it may be one of a door's. */
static bool
is_asked(const Sekisho__AuthRequest *r)
{
	return is_purpose(r, ENTRY_PURPOSE) ||
	       is_purpose(r, ENTRY_KEYS_PURPOSE) ||
	       (r->purpose.len == 0 && r->badge.len == 0 &&
		   r->service_type == ENTRY_SERVICE_TYPE);
}

static enum error
stay_silent(const struct entry *e, const char *why)
{
	log_warn("no answer", "why", why, "client", e->r->client_id);
	return ERR_DENIED;
}

static enum error
read_client(struct entry *e)
{
	const char *params[2] = {e->r->client_id, e->version};
	struct db_result *row = NULL;
	const char *lang;
	enum error err;

	err = db_call(e->w->db, "entry_client",
	    "SELECT * FROM sekisho.entry_client($1::uuid, $2)", 2, params,
	    e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	if (db_rows(row) == 0) {
		err = stay_silent(e, "client is not, or no longer, registered");
		goto out;
	}
	e->answered = db_bool(row, 0, 0);
	e->is_door = db_bool(row, 0, 1);
	lang = db_text(row, 0, 3);
	e->lang = lang != NULL && strcmp(lang, "en") == 0 ? LANG_EN : LANG_JA;
	err = db_copy_text(row, 0, 2, e->client_name, sizeof e->client_name);
out:
	db_result_free(&row);
	return err;
}

/* Refused outside with the one text; reason in the log. */
static enum error
reply_reject(const struct entry *e, const char *reason, const char *ref,
    const char *login, Sekisho__AuthReply *reply)
{
	struct arena *arena = e->w->arena;
	char text[TEXT_SIZE];

	text_refusal(e->lang, 0, e->w->config->contact, ref, text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	reply->text = arena_strndup(arena, text, strlen(text));
	reply->ref = arena_strndup(arena, ref, strlen(ref));
	reply->reason = arena_strndup(arena, reason, strlen(reason));
	if (reply->text == NULL || reply->ref == NULL || reply->reason == NULL)
		return ERR_NOMEM;
	log_info("entry refused", "reader", e->reader, "client", e->client_name,
	    "reason", reason, "login", login, "ref", ref);
	return ERR_OK;
}

/* What names nobody is summed up, a row a client and reason. */
static enum error
refuse(const struct entry *e, enum reason reason, Sekisho__AuthReply *reply)
{
	char mine[STORE_REF], ref[STORE_REF];
	const struct store_tally tally = {.subject = e->r->client_id,
	    .scope = "inside",
	    .client = e->r->client_id,
	    .reason = reason_text(reason),
	    .login = "(door)",
	    .ref = mine,
	    .node = e->w->config->node,
	    .count = 1,
	    .purpose = PURPOSE_ENTRY};
	enum error err;

	text_reference(mine);
	err = store_tally(
	    e->w->db, &tally, e->w->config->database_timeout_ms, ref);
	return err == ERR_OK
		   ? reply_reject(e, reason_text(reason), ref, NULL, reply)
		   : err;
}

static enum error
reply_challenge(
    const struct entry *e, const char *state, Sekisho__AuthReply *reply)
{
	struct arena *arena = e->w->arena;
	const char *server = e->w->config->server_id;

	reply->outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	reply->state = arena_strndup(arena, state, strlen(state));
	reply->challenge.data = arena_alloc(arena, STATE_CHALLENGE);
	reply->server_id = arena_strndup(arena, server, strlen(server));
	reply->client_id = arena_strndup(arena, e->r->client_id, UUID_TEXT - 1);
	reply->purpose =
	    arena_strndup(arena, ENTRY_PURPOSE, strlen(ENTRY_PURPOSE));
	/* nobody is known yet: the reader's name binds the signature */
	reply->login = arena_strndup(arena, e->reader, strlen(e->reader));
	if (reply->state == NULL || reply->challenge.data == NULL ||
	    reply->server_id == NULL || reply->client_id == NULL ||
	    reply->purpose == NULL || reply->login == NULL)
		return ERR_NOMEM;
	reply->challenge.len = STATE_CHALLENGE;
	state_challenge(state, strlen(state), reply->challenge.data);
	return ERR_OK;
}

static enum error
open_entry(struct entry *e, Sekisho__AuthReply *reply)
{
	uint8_t random[STATE_RANDOM], hash[STATE_HASH];
	char state[STATE_TEXT];
	const char *params[4] = {
	    e->r->client_id, e->version, e->reader, e->state};
	struct db_result *row = NULL;
	bool opened;
	enum error err;

	randombytes_buf(random, sizeof random);
	state_format(random, state);
	err = state_hash(state, strlen(state), hash);
	if (err != ERR_OK)
		return err;
	db_bytea(hash, sizeof hash, e->state);
	err = db_call(e->w->db, "entry_open",
	    "SELECT sekisho.entry_open($1::uuid, $2, $3, $4::bytea)", 4, params,
	    e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	opened = db_bool(row, 0, 0);
	db_result_free(&row);
	return opened ? reply_challenge(e, state, reply)
		      : refuse(e, REASON_READER_UNKNOWN, reply);
}

/* A challenge comes back unused. There is nobody to be told anything. */
static enum error
heartbeat(struct entry *e, Sekisho__AuthReply *reply)
{
	const char *params[4] = {
	    e->r->client_id, e->version, e->reader, e->state};
	struct db_result *row = NULL;
	bool heard;
	enum error err;

	err = db_call(e->w->db, "entry_heard",
	    "SELECT sekisho.entry_heard($1::uuid, $2, $3, $4::bytea)", 4,
	    params, e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	heard = db_bool(row, 0, 0);
	db_result_free(&row);
	if (!heard)
		return refuse(e, REASON_STATE_UNKNOWN, reply);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	return ERR_OK;
}

static enum error
read_ground(struct entry *e, struct ground *g)
{
	enum {
		NOW,
		STATE,
		METHOD,
		DOOR,
		PERSON,
		VERSION,
		LOGIN,
		TOKEN,
		LABEL,
		SPKI,
		PIN,
		FAULT
	};
	char key_id[2 * KEY_ID + 3];
	const char *params[5] = {
	    e->r->client_id, e->version, e->reader, e->state, key_id};
	struct arena *arena = e->w->arena;
	struct db_result *row = NULL;
	const char *login;
	enum error err;

	db_bytea(e->r->key_id.data, KEY_ID, key_id);
	err = db_call(e->w->db, "entry_read",
	    "SELECT * FROM sekisho.entry_read($1::uuid, $2, $3, $4::bytea, "
	    "$5::bytea)",
	    5, params, e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	g->now = db_int(row, 0, NOW);
	g->state_found = db_bool(row, 0, STATE);
	g->key.pin = db_bool(row, 0, PIN);
	err = db_copy_text(row, 0, METHOD, g->method, sizeof g->method);
	if (err == ERR_OK)
		err = db_copy_text(row, 0, PERSON, g->person, sizeof g->person);
	if (err == ERR_OK)
		err = db_copy_text(row, 0, VERSION, g->person_version,
		    sizeof g->person_version);
	if (err == ERR_OK)
		err = db_copy_text(
		    row, 0, TOKEN, g->key.token, sizeof g->key.token);
	if (err == ERR_OK)
		err = db_copy_text(
		    row, 0, LABEL, g->key.label, sizeof g->key.label);
	if (err == ERR_OK)
		err = db_copy_text(
		    row, 0, FAULT, g->key.fault, sizeof g->key.fault);
	login = db_text(row, 0, LOGIN);
	if (err == ERR_OK && login != NULL) {
		g->login = arena_strndup(arena, login, strlen(login));
		g->key.spki.bytes = arena_alloc(arena, SPKI_MAX);
		if (g->login == NULL || g->key.spki.bytes == NULL)
			err = ERR_NOMEM;
		else
			err = db_bytes(row, 0, SPKI, g->key.spki.bytes,
			    SPKI_MAX, &g->key.spki.len);
	}
	db_result_free(&row);
	return err;
}

/* The signature's worth, and what the door's side counts (decide). */
static enum error
evaluate(const struct entry *e, const struct ground *g,
    struct evidence evidence[2], size_t *ret_n, enum reason *ret_reason)
{
	const bool asks_pin = strcmp(g->method, "card_pin") == 0;
	const bool asks_card = strcmp(g->method, "card") == 0;
	const unsigned counted = asks_pin    ? METHOD_PIN
				 : asks_card ? METHOD_CARD
					     : METHOD_NONE;
	enum card_result result;
	struct decision decision;
	enum error err;
	size_t i, n;

	*ret_n = 0;
	err = factor_card(
	    e->w, PURPOSE_ENTRY, e->reader, &g->key, e->r, &result, ret_reason);
	if (err != ERR_OK || result != CARD_RIGHT)
		return err;
	n = g->key.pin ? 2 : 1;
	for (i = 0; i < n; i++) {
		struct evidence *v = &evidence[i];

		memset(v, 0, sizeof *v);
		v->method = i == 0 ? METHOD_CARD : METHOD_PIN;
		v->category = method_category(v->method);
		v->purpose = PURPOSE_ENTRY;
		v->at = g->now;
		v->until = g->now + ENTRY_SECONDS;
		memcpy(v->token, g->key.token, sizeof v->token);
		(void)snprintf(v->label, sizeof v->label, "%s", g->key.label);
	}
	*ret_n = n;
	decision = decide(PURPOSE_ENTRY, counted, 0, evidence, n, g->now);
	*ret_reason = decision.verdict == VERDICT_ACCEPT ? REASON_CARD_ACCEPTED
		      : asks_pin			 ? REASON_DOOR_ASKS_PIN
				 : REASON_DOOR_METHOD_OTHER;
	return ERR_OK;
}

static enum error
record(const struct entry *e, const struct ground *g,
    const struct evidence *evidence, size_t n, enum reason reason,
    Sekisho__AuthReply *reply)
{
	char mine[STORE_REF], *text;
	const char *params[12] = {e->r->client_id, e->version, e->reader,
	    e->state, g->person[0] != '\0' ? g->person : NULL,
	    g->person[0] != '\0' ? g->person_version : NULL, g->login,
	    reason == REASON_CARD_ACCEPTED ? "accept" : "reject",
	    reason_text(reason), NULL, mine, e->w->config->node};
	const char *outcome, *why, *ref;
	struct db_result *row = NULL;
	enum error err;

	text_reference(mine);
	text = store_evidence(evidence, n, e->client_name);
	if (text == NULL)
		return ERR_NOMEM;
	params[9] = text;
	err = db_call(e->w->db, "entry_record",
	    "SELECT * FROM sekisho.entry_record($1::uuid, $2, $3, $4::bytea, "
	    "$5::uuid, $6, $7, $8, $9, $10::jsonb, $11, $12)",
	    12, params, e->w->config->database_timeout_ms, &row);
	free(text);
	if (err != ERR_OK)
		return err;
	outcome = db_text(row, 0, 0);
	why = db_text(row, 0, 1);
	ref = db_text(row, 0, 2);
	if (outcome == NULL || why == NULL) {
		err = ERR_DB;
	} else if (strcmp(outcome, "accept") == 0) {
		/* whose card it was is none of the door's business */
		reply->outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
		log_info("entry", "login", g->login, "reader", e->reader,
		    "client", e->client_name, "card", g->key.label);
	} else {
		err = reply_reject(
		    e, why, ref != NULL ? ref : mine, g->login, reply);
	}
	db_result_free(&row);
	return err;
}

/* A card has signed the challenge. */
static enum error
card_entry(struct entry *e, Sekisho__AuthReply *reply)
{
	struct evidence evidence[2];
	struct ground g = {.now = 0};
	enum reason reason;
	enum error err;
	size_t n;

	if (e->r->key_id.len != KEY_ID || e->r->signature.len == 0)
		return refuse(e, REASON_SIGNATURE_MALFORMED, reply);
	err = read_ground(e, &g);
	if (err == ERR_OK && !g.state_found)
		return refuse(e, REASON_STATE_UNKNOWN, reply);
	if (err == ERR_OK)
		err = evaluate(e, &g, evidence, &n, &reason);
	return err == ERR_OK ? record(e, &g, evidence, n, reason, reply) : err;
}

/* A door that can sign nothing: a number, and who has it. */
static enum error
number_entry(struct entry *e, Sekisho__AuthReply *reply)
{
	const Sekisho__AuthRequest *r = e->r;
	const uint64_t source = mask_number(&e->w->mask, MASK_SOURCE,
	    r->client_id, strlen(r->client_id), "number", 6);
	unsigned char number[BADGE_MAX];
	char octets[2 * BADGE_MAX + 3], event[2 * 16 + 1], mine[STORE_REF];
	const char *params[7] = {r->client_id, e->version,
	    e->reader[0] != '\0' ? e->reader : NULL, octets, event, mine,
	    e->w->config->node};
	const char *outcome, *why, *ref, *login;
	struct db_result *row = NULL;
	size_t len;
	enum error err;

	if (badge_of_door(r->calling_station_id.data, r->calling_station_id.len,
		r->user_name.data, r->user_name.len, number, &len) != ERR_OK)
		return refuse(e, REASON_ENTRY_MALFORMED, reply);
	/* Many send the number again as a password. Anything else would be a
	 * code, and a door that asks for one believes that it is checked. */
	if (r->scheme != SEKISHO__SCHEME__SCHEME_NONE &&
	    (r->scheme != SEKISHO__SCHEME__SCHEME_PAP ||
		(r->password.len > 0 &&
		    !secret_equal(r->password.data, r->password.len,
			r->user_name.data, r->user_name.len))))
		return refuse(e, REASON_DOOR_CODE, reply);
	if (r->authenticator.len != 16)
		return refuse(e, REASON_ENTRY_MALFORMED, reply);
	if (!source_within_budget(e->w->shared, &budget, source, clock_ms()))
		return refuse(e, REASON_BADGE_TOO_MANY, reply);
	db_bytea(number, len, octets);
	hex_encode(r->authenticator.data, r->authenticator.len, event);
	text_reference(mine);
	err = db_call(e->w->db, "entry_number",
	    "SELECT * FROM sekisho.entry_number($1::uuid, $2, $3, $4::bytea, "
	    "$5, $6, $7)",
	    7, params, e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	outcome = db_text(row, 0, 0);
	why = db_text(row, 0, 1);
	ref = db_text(row, 0, 2);
	login = db_text(row, 0, 3);
	if (outcome == NULL || why == NULL) {
		err = ERR_DB;
	} else if (strcmp(outcome, "accept") == 0) {
		reply->outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
		log_info("entry", "login", login, "reader", e->reader, "client",
		    e->client_name, "by", "number");
	} else {
		if (strcmp(why, reason_text(REASON_BADGE_UNKNOWN)) == 0)
			source_failed(
			    e->w->shared, &budget, source, 0, clock_ms());
		err = reply_reject(
		    e, why, ref != NULL ? ref : mine, login, reply);
	}
	db_result_free(&row);
	return err;
}

/*
 * A page of the list of keys. The answer is a refusal: nothing opens by it, in
 * no client's eyes.
 */
static enum error
list_keys(struct entry *e, Sekisho__AuthReply *reply)
{
	char after[2 * KEY_ID + 3];
	const char *params[4] = {e->r->client_id, e->version, e->reader, after};
	uint8_t *octets = arena_alloc(e->w->arena, ENTRY_KEYS_MAX);
	struct db_result *row = NULL;
	uint32_t seconds;
	enum error err;
	size_t len;

	if (octets == NULL)
		return ERR_NOMEM;
	if (e->r->key_id.len != 0 && e->r->key_id.len != KEY_ID)
		return refuse(e, REASON_ENTRY_MALFORMED, reply);
	db_bytea(e->r->key_id.data, e->r->key_id.len, after);
	err = db_call(e->w->db, "entry_keys",
	    "SELECT * FROM sekisho.entry_keys($1::uuid, $2, $3, $4::bytea)", 4,
	    params, e->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	if (db_text(row, 0, 0) == NULL) {
		db_result_free(&row);
		return refuse(e, REASON_READER_UNKNOWN, reply);
	}
	seconds = (uint32_t)db_int(row, 0, 0);
	err = db_bytes(row, 0, 1, octets + 4, ENTRY_KEYS_MAX - 4, &len);
	if (err == ERR_OK) {
		octets[0] = (uint8_t)(seconds >> 24);
		octets[1] = (uint8_t)(seconds >> 16);
		octets[2] = (uint8_t)(seconds >> 8);
		octets[3] = (uint8_t)seconds;
		reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
		reply->keys = (ProtobufCBinaryData){len + 4, octets};
	}
	db_result_free(&row);
	return err;
}

/* Called-Station-Id: which of the client's readers. */
static void
take_reader(struct entry *e)
{
	const ProtobufCBinaryData called = e->r->called_station_id;

	if (called.len == 0 || called.len > ENTRY_READER_MAX ||
	    memchr(called.data, '\0', called.len) != NULL)
		return;
	memcpy(e->reader, called.data, called.len);
	e->reader[called.len] = '\0';
	if (!utf8_plain(e->reader))
		e->reader[0] = '\0';
}

enum error
entry_answer(struct worker *w, const Sekisho__AuthRequest *r, bool *ret_taken,
    Sekisho__AuthReply *reply)
{
	struct entry e = {.w = w, .r = r};
	const bool ours = r->purpose.len > 0;
	uint8_t hash[STATE_HASH];
	enum error err;

	(void)snprintf(
	    e.version, sizeof e.version, "%" PRIu64, r->client_version);
	*ret_taken = is_asked(r);
	if (!*ret_taken)
		return ERR_OK;
	err = read_client(&e);
	if (err != ERR_OK)
		return err;
	if (!e.is_door && !ours) {
		*ret_taken = false;
		return ERR_OK;
	}
	/* No exception for doors: anyone could open them. */
	if (!r->message_authenticator)
		return stay_silent(
		    &e, "a door's request comes with Message-Authenticator");
	if (!e.answered)
		return stay_silent(&e, "client was changed; FreeRADIUS will "
				       "look it up again");
	if (!e.is_door)
		return refuse(&e, REASON_ENTRY_NOT_HERE, reply);
	take_reader(&e);
	if (!ours)
		return r->called_station_id.len > 0 && e.reader[0] == '\0'
			   ? refuse(&e, REASON_READER_UNKNOWN, reply)
			   : number_entry(&e, reply);
	if (e.reader[0] == '\0')
		return refuse(&e, REASON_READER_UNKNOWN, reply);
	if (is_purpose(r, ENTRY_KEYS_PURPOSE))
		return list_keys(&e, reply);
	if (r->state_count == 0)
		return r->scheme == SEKISHO__SCHEME__SCHEME_NONE && r->can_card
			   ? open_entry(&e, reply)
			   : refuse(&e, REASON_ENTRY_MALFORMED, reply);
	if (r->state_count > 1 ||
	    state_hash(r->state.data, r->state.len, hash) != ERR_OK)
		return refuse(&e, REASON_STATE_MALFORMED, reply);
	db_bytea(hash, sizeof hash, e.state);
	return r->scheme == SEKISHO__SCHEME__SCHEME_SIGNATURE
		   ? card_entry(&e, reply)
		   : heartbeat(&e, reply);
}
