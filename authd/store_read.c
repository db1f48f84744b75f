/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/store.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "authd/store_internal.h"

enum error
store_copy_box(const struct db_result *r, int row, int column,
    struct arena *arena, struct store_box *ret_box)
{
	const char *text = db_text(r, row, column);
	size_t cap;

	ret_box->len = 0;
	if (text == NULL)
		return ERR_OK;
	cap = strlen(text) / 2;
	ret_box->bytes = arena_alloc(arena, cap + 1);
	if (ret_box->bytes == NULL)
		return ERR_NOMEM;
	return db_bytes(r, row, column, ret_box->bytes, cap, &ret_box->len);
}

/* "{password,totp}" as a set. */
static unsigned
methods_of(const char *array)
{
	unsigned set = 0;
	char word[32];
	size_t n = 0;

	for (; array != NULL && *array != '\0'; array++) {
		if (((*array >= 'a' && *array <= 'z') ||
			(*array >= '0' && *array <= '9')) &&
		    n < sizeof word - 1) {
			word[n++] = *array;
			continue;
		}
		word[n] = '\0';
		n = 0;
		set |= (unsigned)method_from_text(word);
	}
	return set;
}

static json_int_t
get_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *
get_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "" : text;
}

/* What earlier rounds of this login proved, as they wrote it. */
static enum error
read_proven(const char *text, enum purpose purpose, struct store_view *view)
{
	json_t *array, *o;
	size_t i;

	array = json_loads(text, 0, NULL);
	if (array == NULL)
		return ERR_INPUT;
	json_array_foreach(array, i, o)
	{
		struct evidence *e = &view->proven[view->n_proven];

		if (view->n_proven ==
		    sizeof view->proven / sizeof *view->proven)
			break;
		memset(e, 0, sizeof *e);
		e->method = method_from_text(get_text(o, "method"));
		/* a key's user verification is either, and a door's */
		e->category = e->method == METHOD_UV || e->method == METHOD_DOOR
				  ? category_from_text(get_text(o, "category"))
				  : method_category(e->method);
		e->purpose = purpose;
		e->at = get_int(o, "at");
		e->until = get_int(o, "until");
		e->change = (int)get_int(o, "change");
		e->event = get_int(o, "event");
		e->earlier = get_int(o, "earlier");
		(void)snprintf(
		    e->token, sizeof e->token, "%.36s", get_text(o, "token"));
		(void)snprintf(
		    e->label, sizeof e->label, "%.255s", get_text(o, "label"));
		view->n_proven++;
	}
	json_decref(array);
	return ERR_OK;
}

enum column {
	C_NOW,
	C_CLIENT_VERSION,
	C_RULES_VERSION,
	C_CLIENT_NAME,
	C_CLIENT_KIND,
	C_CODES,
	C_SHOW_FIRST,
	C_CLIENT_LANG,
	C_NO_MA,
	C_METHODS,
	C_STATE_SECONDS,
	C_TOTP_WINDOW,
	C_SESSION_TIMEOUT,
	C_IDLE_TIMEOUT,
	C_SCOPE,
	C_SUBJECT,
	C_PERSON,
	C_PERSON_VERSION,
	C_PERSON_USABLE,
	C_PERSON_LANG,
	C_FAMILIAR,
	C_KNOWLEDGE_WAIT,
	C_POSSESSION_WAIT,
	C_VERIFIER,
	C_SALT,
	C_OPSLIMIT,
	C_MEMLIMIT,
	C_TAG,
	C_TAG_KEY,
	C_MUST_CHANGE, /* read by programs of before; C_CHANGE says more */
	C_COST_OPSLIMIT,
	C_COST_MEMLIMIT,
	C_STATE_FOUND,
	C_STATE_EVIDENCE,
	C_TOKEN,
	C_TOKEN_LABEL,
	C_ALGORITHM,
	C_DIGITS,
	C_PERIOD,
	C_LAST_STEP,
	C_DRIFT,
	C_SEED,
	C_SEED_KEY,
	C_KEY_TOKEN,
	C_KEY_LABEL,
	C_KEY_SPKI,
	C_KEY_PIN,
	C_KEY_FAULT,
	C_DOOR_COUNTS,
	C_DOOR_EVENT,
	C_DOOR_CATEGORY,
	C_DOOR_AT,
	C_DOOR_UNTIL,
	C_DOOR_NAME,
	C_DOOR_FAULT,
	C_EARLIER,
	C_EARLIER_CATEGORY,
	C_EARLIER_METHOD,
	C_EARLIER_AT,
	C_EARLIER_UNTIL,
	C_EARLIER_TOKEN,
	C_EARLIER_LABEL,
	C_FIDO2_UV,
	C_KEY_ALGORITHM,
	C_KEY_UV,
	C_KEY_BACKUP,
	C_KEY_RP,
	C_GRANTS,
	C_REGISTERED_STATIONS,
	C_STATION_FAULT,
	C_CHANGE,
	C_WITH_CARD,
	C_CARRIED,
};

static enum error
read_token(const struct db_result *r, int row, struct arena *arena,
    struct store_token *t)
{
	enum error err;

	t->digits = (unsigned)db_int(r, row, C_DIGITS);
	t->period = (unsigned)db_int(r, row, C_PERIOD);
	t->last_step = db_int(r, row, C_LAST_STEP);
	t->drift = db_int(r, row, C_DRIFT);
	t->seed.key_version = (unsigned)db_int(r, row, C_SEED_KEY);
	err = db_copy_text(r, row, C_TOKEN, t->id, sizeof t->id);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, row, C_TOKEN_LABEL, t->label, sizeof t->label);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, row, C_ALGORITHM, t->algorithm, sizeof t->algorithm);
	if (err == ERR_OK)
		err = store_copy_box(r, row, C_SEED, arena, &t->seed);
	return err;
}

static enum error
read_password(
    const struct db_result *r, struct arena *arena, struct store_view *v)
{
	size_t len;
	enum error err;

	v->cost_today.opslimit = (unsigned)db_int(r, 0, C_COST_OPSLIMIT);
	v->cost_today.memlimit_kib = (unsigned)db_int(r, 0, C_COST_MEMLIMIT);
	v->cost = v->cost_today;
	v->has_password = db_text(r, 0, C_VERIFIER) != NULL;
	if (!v->has_password)
		return ERR_OK;
	v->cost.opslimit = (unsigned)db_int(r, 0, C_OPSLIMIT);
	v->cost.memlimit_kib = (unsigned)db_int(r, 0, C_MEMLIMIT);
	v->change = (int)db_int(r, 0, C_CHANGE);
	v->with_card = db_bool(r, 0, C_WITH_CARD);
	v->tag.key_version = (unsigned)db_int(r, 0, C_TAG_KEY);
	err = db_copy_text(
	    r, 0, C_VERIFIER, v->verifier_id, sizeof v->verifier_id);
	if (err == ERR_OK)
		err = db_bytes(r, 0, C_SALT, v->salt, sizeof v->salt, &len);
	if (err == ERR_OK && len != sizeof v->salt)
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = store_copy_box(r, 0, C_TAG, arena, &v->tag);
	return err;
}

static enum error
read_client(const struct db_result *r, struct store_view *v)
{
	const char *kind = db_text(r, 0, C_CLIENT_KIND);
	const char *codes = db_text(r, 0, C_CODES);
	const char *lang = db_text(r, 0, C_CLIENT_LANG);
	enum error err;

	if (kind == NULL || codes == NULL || lang == NULL)
		return ERR_INPUT;
	v->now = db_int(r, 0, C_NOW);
	v->client_version = db_int(r, 0, C_CLIENT_VERSION);
	v->client_is_door = strcmp(kind, "door") == 0;
	v->client_hidden_by_gateway =
	    strcmp(kind, "vpn") == 0 || strcmp(kind, "wlan") == 0;
	v->codes = strcmp(codes, "prompt") == 0	  ? CODES_PROMPT
		   : strcmp(codes, "append") == 0 ? CODES_APPEND
						  : CODES_EITHER;
	v->show_first = db_bool(r, 0, C_SHOW_FIRST);
	v->client_lang = strcmp(lang, "en") == 0 ? LANG_EN : LANG_JA;
	v->no_ma = db_bool(r, 0, C_NO_MA);
	v->rules_version = db_int(r, 0, C_RULES_VERSION);
	v->methods = methods_of(db_text(r, 0, C_METHODS));
	v->state_seconds = (int)db_int(r, 0, C_STATE_SECONDS);
	v->totp_window = (unsigned)db_int(r, 0, C_TOTP_WINDOW);
	v->fido2_verified = db_text(r, 0, C_FIDO2_UV) != NULL &&
			    strcmp(db_text(r, 0, C_FIDO2_UV), "required") == 0;
	v->session_timeout = (uint32_t)db_int(r, 0, C_SESSION_TIMEOUT);
	v->idle_timeout = (uint32_t)db_int(r, 0, C_IDLE_TIMEOUT);
	err = db_copy_text(
	    r, 0, C_CLIENT_NAME, v->client_name, sizeof v->client_name);
	if (err == ERR_OK)
		err = db_copy_text(r, 0, C_SCOPE, v->scope, sizeof v->scope);
	return err;
}

/* What an accept grants, and whether this machine may ask for one. */
static enum error
read_network(
    const struct db_result *r, struct arena *arena, struct store_view *v)
{
	const char *grants = db_text(r, 0, C_GRANTS);

	if (grants != NULL) {
		v->grants = arena_strndup(arena, grants, strlen(grants));
		if (v->grants == NULL)
			return ERR_NOMEM;
	}
	return db_copy_text(
	    r, 0, C_STATION_FAULT, v->station_fault, sizeof v->station_fault);
}

static enum error
read_person(const struct db_result *r, struct store_view *v)
{
	const char *lang = db_text(r, 0, C_PERSON_LANG);
	enum error err;

	v->person_found = db_text(r, 0, C_PERSON) != NULL;
	v->person_version = db_int(r, 0, C_PERSON_VERSION);
	v->person_usable = db_bool(r, 0, C_PERSON_USABLE);
	v->person_lang = lang == NULL		   ? v->client_lang
			 : strcmp(lang, "en") == 0 ? LANG_EN
						   : LANG_JA;
	v->familiar = db_bool(r, 0, C_FAMILIAR);
	v->knowledge_wait = (int)db_int(r, 0, C_KNOWLEDGE_WAIT);
	v->possession_wait = (int)db_int(r, 0, C_POSSESSION_WAIT);
	err = db_copy_text(r, 0, C_PERSON, v->person_id, sizeof v->person_id);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, C_SUBJECT, v->subject, sizeof v->subject);
	return err;
}

static enum error
read_key(const struct db_result *r, struct arena *arena, struct store_key *key)
{
	enum error err;

	const char *verifies = db_text(r, 0, C_KEY_UV);

	key->pin = db_bool(r, 0, C_KEY_PIN);
	key->algorithm = (int)db_int(r, 0, C_KEY_ALGORITHM);
	key->backup = db_bool(r, 0, C_KEY_BACKUP);
	/* one that had nothing then has been given a PIN since */
	key->verifies = verifies != NULL && strcmp(verifies, "fingerprint") == 0
			    ? CATEGORY_INHERENCE
			    : CATEGORY_KNOWLEDGE;
	err = db_copy_text(r, 0, C_KEY_TOKEN, key->token, sizeof key->token);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, C_KEY_LABEL, key->label, sizeof key->label);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, C_KEY_FAULT, key->fault, sizeof key->fault);
	if (err == ERR_OK)
		err =
		    db_copy_text(r, 0, C_KEY_RP, key->rp_id, sizeof key->rp_id);
	if (err == ERR_OK)
		err = store_copy_box(r, 0, C_KEY_SPKI, arena, &key->spki);
	return err;
}

static enum error
read_door(const struct db_result *r, struct store_view *v)
{
	const char *category = db_text(r, 0, C_DOOR_CATEGORY);
	struct evidence *door = &v->door;

	enum error err;

	v->door_counts = db_bool(r, 0, C_DOOR_COUNTS);
	err = db_copy_text(
	    r, 0, C_DOOR_FAULT, v->door_fault, sizeof v->door_fault);
	if (err != ERR_OK || category == NULL)
		return err;
	door->category = category_from_text(category);
	door->method = METHOD_DOOR;
	door->purpose = PURPOSE_LOGIN;
	door->event = db_int(r, 0, C_DOOR_EVENT);
	door->at = db_int(r, 0, C_DOOR_AT);
	door->until = db_int(r, 0, C_DOOR_UNTIL);
	return db_copy_text(r, 0, C_DOOR_NAME, door->label, sizeof door->label);
}

/* What was proven at this terminal by a login before. */
static enum error
read_earlier(const struct db_result *r, struct store_view *v)
{
	const char *category = db_text(r, 0, C_EARLIER_CATEGORY);
	const char *method = db_text(r, 0, C_EARLIER_METHOD);
	struct evidence *e = &v->earlier;
	enum error err;

	if (category == NULL || method == NULL)
		return ERR_OK;
	e->category = category_from_text(category);
	e->method = method_from_text(method);
	e->purpose = PURPOSE_LOGIN;
	e->earlier = db_int(r, 0, C_EARLIER);
	e->at = db_int(r, 0, C_EARLIER_AT);
	e->until = db_int(r, 0, C_EARLIER_UNTIL);
	err = db_copy_text(r, 0, C_EARLIER_TOKEN, e->token, sizeof e->token);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, C_EARLIER_LABEL, e->label, sizeof e->label);
	return err;
}

/* ERR_NOTFOUND for no row. */
static enum error
read_view(const struct db_result *r, const char *client_id, struct arena *arena,
    struct store_view *v)
{
	enum error err;

	if (db_rows(r) == 0)
		return ERR_NOTFOUND;
	memset(v, 0, sizeof *v);
	(void)snprintf(v->client_id, sizeof v->client_id, "%s", client_id);
	err = read_client(r, v);
	if (err == ERR_OK)
		err = read_person(r, v);
	if (err == ERR_OK)
		err = read_password(r, arena, v);
	if (err == ERR_OK)
		err = read_door(r, v);
	if (err == ERR_OK)
		err = read_earlier(r, v);
	if (err == ERR_OK)
		err = read_network(r, arena, v);
	v->state_found = db_bool(r, 0, C_STATE_FOUND);
	if (err == ERR_OK && v->state_found)
		err = read_proven(
		    db_text(r, 0, C_STATE_EVIDENCE), PURPOSE_LOGIN, v);
	if (err == ERR_OK && v->state_found)
		err = store_copy_box(r, 0, C_CARRIED, arena, &v->carried);
	return err;
}

enum error
store_read(struct db *db, const char *client_id, const char *login,
    const char *bucket, const uint8_t *state_hash, const uint8_t *key_id,
    size_t key_id_len, const char *certificate, bool fido2, const char *station,
    int timeout_ms, struct arena *arena, struct store_view *ret_view)
{
	struct store_view *v = ret_view;
	char state[2 * STATE_HASH + 3], id[2 * STATE_HASH + 3];
	const char *params[8] = {client_id, login, bucket, NULL, NULL,
	    fido2 ? "t" : "f", certificate, station};
	struct db_result *r = NULL;
	enum error err;
	int row;

	if (state_hash != NULL) {
		db_bytea(state_hash, STATE_HASH, state);
		params[3] = state;
	}
	if (key_id != NULL) {
		db_bytea(key_id,
		    key_id_len < STATE_HASH ? key_id_len : STATE_HASH, id);
		params[4] = id;
	}
	err = db_call(db, "attempt_read",
	    "SELECT * FROM sekisho.attempt_read($1::uuid, $2, $3::uuid, "
	    "$4::bytea, $5::bytea, $6, $7::uuid, $8::macaddr)",
	    8, params, timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	err = read_view(r, client_id, arena, v);
	if (err == ERR_OK && key_id != NULL)
		err = read_key(r, arena, &v->key);
	for (row = 0; err == ERR_OK && row < db_rows(r); row++) {
		if (db_text(r, row, C_TOKEN) == NULL ||
		    v->n_tokens == STORE_TOKENS)
			continue;
		err = read_token(r, row, arena, &v->token[v->n_tokens]);
		v->n_tokens++;
	}
	db_result_free(&r);
	return err;
}

static enum error
read_offer(const struct db_result *r, int column, struct arena *arena,
    struct store_offer *ret)
{
	enum error err;

	err = db_copy_text(r, 0, column, ret->rp_id, sizeof ret->rp_id);
	if (err == ERR_OK)
		err = db_copy_text(r, 0, column + 1, ret->verification,
		    sizeof ret->verification);
	if (err == ERR_OK)
		err =
		    store_copy_box(r, 0, column + 2, arena, &ret->credentials);
	return err;
}

enum error
store_offer(struct db *db, const char *client_id, const char *login,
    const char *bucket, int timeout_ms, struct arena *arena,
    struct store_offer *ret_offer)
{
	const char *params[3] = {client_id, login, bucket};
	struct db_result *r = NULL;
	enum error err;

	memset(ret_offer, 0, sizeof *ret_offer);
	err = db_call(db, "fido2_offer",
	    "SELECT * FROM sekisho.fido2_offer($1::uuid, $2, $3::uuid)", 3,
	    params, timeout_ms, &r);
	if (err == ERR_OK && db_rows(r) > 0)
		err = read_offer(r, 0, arena, ret_offer);
	db_result_free(&r);
	return err;
}

enum error
store_open(struct db *db, const char *client_id, uint64_t client_version,
    bool message_authenticator, const char *login, const char *bucket,
    const uint8_t state_hash[STATE_HASH], bool fido2, int timeout_ms,
    struct arena *arena, struct store_view *ret_view,
    struct store_offer *ret_offer, bool *ret_opened)
{
	struct store_view *v = ret_view;
	char state[2 * STATE_HASH + 3], version[24];
	const char *params[8] = {client_id, version,
	    message_authenticator ? "t" : "f", login, bucket, state,
	    purpose_text(PURPOSE_LOGIN), fido2 ? "t" : "f"};
	struct db_result *r = NULL;
	const char *lang;
	enum error err = ERR_NOTFOUND;

	db_bytea(state_hash, STATE_HASH, state);
	(void)snprintf(version, sizeof version, "%" PRIu64, client_version);
	err = db_call(db, "attempt_open",
	    "SELECT * FROM sekisho.attempt_open($1::uuid, $2, $3, $4, "
	    "$5::uuid, $6::bytea, $7, $8)",
	    8, params, timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	if (db_rows(r) == 0) {
		err = ERR_NOTFOUND;
		goto out;
	}
	memset(v, 0, sizeof *v);
	memset(ret_offer, 0, sizeof *ret_offer);
	(void)snprintf(v->client_id, sizeof v->client_id, "%s", client_id);
	*ret_opened = db_bool(r, 0, 0);
	v->client_version = db_int(r, 0, 1);
	lang = db_text(r, 0, 3);
	v->client_lang =
	    lang != NULL && strcmp(lang, "en") == 0 ? LANG_EN : LANG_JA;
	v->no_ma = db_bool(r, 0, 4);
	err = db_copy_text(r, 0, 2, v->client_name, sizeof v->client_name);
	if (err == ERR_OK && fido2)
		err = read_offer(r, 5, arena, ret_offer);
out:
	db_result_free(&r);
	return err;
}

enum error
store_wait(struct db *db, const struct store_view *view, enum category category,
    int timeout_ms, int *ret_wait)
{
	const char *params[3] = {
	    view->subject, view->scope, category_text(category)};
	struct db_result *r = NULL;
	enum error err;

	err = db_call(db, "attempt_wait",
	    "SELECT sekisho.attempt_wait($1::uuid, $2, $3)", 3, params,
	    timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	*ret_wait = (int)db_int(r, 0, 0);
	db_result_free(&r);
	return ERR_OK;
}
