/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/renewal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/rules/name.h"
#include "common/wire/renewal.h"
#include "common/wire/state.h"

enum { KEY_ID = 32 };

struct ask {
	struct worker *w;
	const Sekisho__AuthRequest *r;
	char login[NAME_MAX_OCTETS + 1];
	char version[24], key[2 * KEY_ID + 3];
	unsigned char challenge[STATE_CHALLENGE];
	char challenge_text[2 * STATE_CHALLENGE + 3];
};

/* Refused, with the reason in the log and nowhere else. */
static void
refuse(const struct ask *a, const char *reason, Sekisho__AuthReply *reply)
{
	log_info("renewal refused", "login", a->login, "client",
	    a->r->client_id, "reason", reason);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
}

/* The challenge goes with the State, as at a login. */
static void
take_state(struct ask *a, const void *state, size_t len)
{
	state_challenge(state, len, a->challenge);
	db_bytea(a->challenge, sizeof a->challenge, a->challenge_text);
}

static enum error
reply_state(struct ask *a, const char *state, Sekisho__AuthReply *reply)
{
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	reply->state = arena_strndup(a->w->arena, state, strlen(state));
	return reply->state == NULL ? ERR_NOMEM : ERR_OK;
}

/* Row of card_renew_begin and card_renew_place: *ret_fault NULL is well. */
static enum error
read_row(struct ask *a, const struct db_result *row, const char **ret_fault)
{
	if (db_rows(row) == 0 || !db_bool(row, 0, 0)) {
		log_warn("no answer", "why",
		    "client was changed, or is not registered", "client",
		    a->r->client_id);
		return ERR_DENIED;
	}
	*ret_fault = db_text(row, 0, 2);
	return ERR_OK;
}

static enum error
reply_challenge(struct ask *a, const char *state, Sekisho__AuthReply *reply)
{
	struct arena *arena = a->w->arena;
	const char *server = a->w->config->server_id;
	enum error err = reply_state(a, state, reply);

	if (err != ERR_OK)
		return err;
	reply->challenge.data = arena_alloc(arena, STATE_CHALLENGE);
	reply->server_id = arena_strndup(arena, server, strlen(server));
	reply->client_id =
	    arena_strndup(arena, a->r->client_id, strlen(a->r->client_id));
	reply->purpose =
	    arena_strndup(arena, RENEWAL_PURPOSE, strlen(RENEWAL_PURPOSE));
	reply->login = arena_strndup(arena, a->login, strlen(a->login));
	if (reply->challenge.data == NULL || reply->server_id == NULL ||
	    reply->client_id == NULL || reply->purpose == NULL ||
	    reply->login == NULL)
		return ERR_NOMEM;
	memcpy(reply->challenge.data, a->challenge, STATE_CHALLENGE);
	reply->challenge.len = STATE_CHALLENGE;
	return ERR_OK;
}

static enum error
begin(struct ask *a, Sekisho__AuthReply *reply)
{
	const char *params[4] = {a->r->client_id, a->version, a->login, a->key};
	struct db_result *row = NULL;
	const char *fault, *state;
	enum error err;

	err = db_call(a->w->db, "card_renew_begin",
	    "SELECT * FROM sekisho.card_renew_begin($1::uuid, $2, $3, "
	    "$4::bytea)",
	    4, params, a->w->config->database_timeout_ms, &row);
	if (err == ERR_OK)
		err = read_row(a, row, &fault);
	if (err == ERR_OK && fault != NULL) {
		refuse(a, fault, reply);
	} else if (err == ERR_OK) {
		state = db_text(row, 0, 3);
		take_state(a, state, strlen(state));
		err = reply_challenge(a, state, reply);
	}
	db_result_free(&row);
	return err;
}

/* The clerk's arguments: client, one-time key, proofs. */
static enum error
seal_args(struct ask *a, const char *order, char ret_args[2 * SEAL_BOX_MAX + 3])
{
	const Sekisho__AuthRequest *r = a->r;
	unsigned char args[SEAL_PAYLOAD_MAX];
	struct box box;
	size_t len = 0;
	enum error err;

	_Static_assert(UUID_TEXT - 1 + RENEWAL_PUBLIC + RENEWAL_PROOF_MAX <=
			   SEAL_PAYLOAD_MAX,
	    "all fits");
	memcpy(args, r->client_id, UUID_TEXT - 1);
	len += UUID_TEXT - 1;
	memcpy(args + len, r->public_key.data, RENEWAL_PUBLIC);
	len += RENEWAL_PUBLIC;
	memcpy(args + len, r->proof.data, r->proof.len);
	len += r->proof.len;
	err = seal_box(a->w->public_key, SEAL_ORDER, order, args, len, &box);
	if (err == ERR_OK)
		db_bytea(box.bytes, box.len, ret_args);
	return err;
}

static enum error
place(struct ask *a, Sekisho__AuthReply *reply)
{
	char order[UUID_TEXT], args[2 * SEAL_BOX_MAX + 3], key_version[16];
	const char *params[8] = {a->r->client_id, a->version, a->login, a->key,
	    a->challenge_text, order, args, key_version};
	struct db_result *row = NULL;
	const char *fault;
	enum error err;

	take_state(a, a->r->state.data, a->r->state.len);
	uuid_random(order);
	(void)snprintf(
	    key_version, sizeof key_version, "%u", a->w->key_version);
	err = seal_args(a, order, args);
	if (err == ERR_OK)
		err = db_call(a->w->db, "card_renew_place",
		    "SELECT * FROM sekisho.card_renew_place($1::uuid, $2, $3, "
		    "$4::bytea, $5::bytea, $6::uuid, $7::bytea, $8)",
		    8, params, a->w->config->database_timeout_ms, &row);
	if (err == ERR_OK)
		err = read_row(a, row, &fault);
	if (err == ERR_OK && fault != NULL)
		refuse(a, fault, reply);
	else if (err == ERR_OK)
		err = reply_state(a, order, reply);
	db_result_free(&row);
	return err;
}

static enum error
reply_renewal(
    struct ask *a, const struct db_result *row, Sekisho__AuthReply *reply)
{
	uint8_t *octets = arena_alloc(a->w->arena, RENEWAL_MAX);
	size_t len;
	enum error err;

	if (octets == NULL)
		return ERR_NOMEM;
	err = db_bytes(row, 0, 2, octets, RENEWAL_MAX, &len);
	if (err == ERR_OK)
		reply->renewal = (ProtobufCBinaryData){len, octets};
	return err;
}

static enum error
poll(struct ask *a, Sekisho__AuthReply *reply)
{
	char order[UUID_TEXT] = "";
	const char *params[2] = {order, a->login}, *status;
	struct db_result *row = NULL;
	enum error err;

	if (a->r->state.len == UUID_TEXT - 1)
		memcpy(order, a->r->state.data, UUID_TEXT - 1);
	order[UUID_TEXT - 1] = '\0';
	if (!uuid_valid(order)) {
		refuse(a, "state_unknown", reply);
		return ERR_OK;
	}
	err = db_call(a->w->db, "card_renew_poll",
	    "SELECT * FROM sekisho.card_renew_poll($1::uuid, $2)", 2, params,
	    a->w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	status = db_rows(row) == 1 ? db_text(row, 0, 0) : "";
	if (strcmp(status, "new") != 0 && strcmp(status, "done") != 0) {
		const char *why = status[0] != '\0' ? db_text(row, 0, 1) : "";

		refuse(a,
		    status[0] == '\0' ? "state_unknown"
		    : why[0] != '\0'  ? why
				      : status,
		    reply);
		goto out;
	}
	if (strcmp(status, "done") == 0)
		err = reply_renewal(a, row, reply);
	if (err == ERR_OK)
		err = reply_state(a, order, reply);
out:
	db_result_free(&row);
	return err;
}

enum error
renewal_answer(struct worker *w, const Sekisho__AuthRequest *r,
    Sekisho__AuthReply *ret_reply)
{
	struct ask a = {.w = w, .r = r};

	/* As with a card's login: nobody asks in that client's name. */
	if (!r->message_authenticator || !uuid_valid(r->client_id)) {
		log_warn("no answer", "why",
		    "a renewal comes with Message-Authenticator", "client",
		    r->client_id);
		return ERR_DENIED;
	}
	if (name_at_home(r->user_name.data, r->user_name.len, w->config->realms,
		a.login) != ERR_OK)
		a.login[0] = '\0';
	(void)snprintf(
	    a.version, sizeof a.version, "%" PRIu64, r->client_version);
	if (a.login[0] == '\0' ||
	    !secret_equal(r->purpose.data, r->purpose.len, RENEWAL_PURPOSE,
		strlen(RENEWAL_PURPOSE)) ||
	    r->state_count > 1) {
		refuse(&a, "renewal_malformed", ret_reply);
		return ERR_OK;
	}
	if (r->state_count == 1 && r->proof.len == 0)
		return poll(&a, ret_reply);
	if (r->key_id.len != KEY_ID ||
	    (r->state_count == 1 && (r->public_key.len != RENEWAL_PUBLIC ||
					r->state.len != STATE_TEXT - 1))) {
		refuse(&a, "renewal_malformed", ret_reply);
		return ERR_OK;
	}
	db_bytea(r->key_id.data, r->key_id.len, a.key);
	return r->state_count == 1 ? place(&a, ret_reply)
				   : begin(&a, ret_reply);
}
