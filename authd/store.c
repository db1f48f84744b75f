/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/store.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "authd/carried.h"
#include "authd/store_internal.h"
#include "common/base/log.h"

void
store_prepare(void)
{
	json_object_seed(0); /* reads /dev/urandom */
}

char *
store_evidence(
    const struct evidence *evidence, size_t n, const char *client_name)
{
	json_t *array = json_array();
	char *text;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct evidence *e = &evidence[i];
		json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:s}", "category",
		    category_text(e->category), "method",
		    method_text(e->method), "at", (json_int_t)e->at, "until",
		    (json_int_t)e->until, "client", client_name);

		if (o != NULL && e->token[0] != '\0')
			(void)json_object_set_new(
			    o, "token", json_string(e->token));
		if (o != NULL && e->label[0] != '\0')
			(void)json_object_set_new(
			    o, "label", json_string(e->label));
		if (o != NULL && e->event != 0)
			(void)json_object_set_new(
			    o, "event", json_integer((json_int_t)e->event));
		if (o != NULL && e->earlier != 0)
			(void)json_object_set_new(
			    o, "earlier", json_integer((json_int_t)e->earlier));
		if (o != NULL && e->change != CHANGE_NONE)
			(void)json_object_set_new(
			    o, "change", json_integer(e->change));
		if (json_array_append_new(array, o) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	text = json_dumps(array, JSON_COMPACT);
	json_decref(array);
	return text;
}

static const char *
categories_array(unsigned set)
{
	static const char *const arrays[8] = {"{}", "{knowledge}",
	    "{possession}", "{knowledge,possession}", "{inherence}",
	    "{knowledge,inherence}", "{possession,inherence}",
	    "{knowledge,possession,inherence}"};

	return arrays[set & CATEGORY_ALL];
}

enum error
store_repeated(struct db *db, const struct store_view *v,
    const unsigned char digest[STORE_DIGEST], int timeout_ms,
    struct store_answer *ret_answer)
{
	char client_version[24], rules_version[24], person_version[24];
	char repeat[2 * STORE_DIGEST + 3];
	const char *params[6] = {repeat, v->client_id, client_version,
	    rules_version, v->person_found ? v->person_id : NULL,
	    person_version};
	struct db_result *r = NULL;
	enum error err;

	(void)snprintf(client_version, 24, "%" PRId64, v->client_version);
	(void)snprintf(rules_version, 24, "%" PRId64, v->rules_version);
	(void)snprintf(person_version, 24, "%" PRId64, v->person_version);
	db_bytea(digest, STORE_DIGEST, repeat);
	memset(ret_answer, 0, sizeof *ret_answer);
	ret_answer->outcome = STORE_ACCEPT;
	err = db_call(db, "answer_repeated",
	    "SELECT sekisho.answer_repeated($1::bytea, $2::uuid, $3, $4, "
	    "$5::uuid, $6)",
	    6, params, timeout_ms, &r);
	if (err == ERR_OK && db_text(r, 0, 0) != NULL)
		err = db_bytes(r, 0, 0, ret_answer->class_octets,
		    sizeof ret_answer->class_octets, &ret_answer->class_len);
	db_result_free(&r);
	return err;
}

enum error
store_read_answer(struct db_result **result, struct store_answer *ret_answer)
{
	const struct db_result *r = *result;
	const char *outcome = db_text(r, 0, 0);
	enum error err = ERR_OK;

	if (outcome == NULL)
		err = ERR_INPUT;
	else
		ret_answer->outcome =
		    strcmp(outcome, "accept") == 0	? STORE_ACCEPT
		    : strcmp(outcome, "challenge") == 0 ? STORE_CHALLENGE
							: STORE_REJECT;
	ret_answer->wait = (int)db_int(r, 0, 2);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, 1, ret_answer->reason, sizeof ret_answer->reason);
	if (err == ERR_OK)
		err = db_copy_text(
		    r, 0, 3, ret_answer->ref, sizeof ret_answer->ref);
	ret_answer->class_len = 0;
	if (err == ERR_OK && ret_answer->outcome == STORE_ACCEPT)
		err = db_bytes(r, 0, 4, ret_answer->class_octets,
		    sizeof ret_answer->class_octets, &ret_answer->class_len);
	db_result_free(result);
	return err;
}

enum error
store_record(struct db *db, const struct store_record *rec, int timeout_ms,
    struct store_answer *ret_answer)
{
	static const char *const outcomes[] = {"accept", "challenge", "reject"};
	const struct store_view *v = rec->view;
	char client_version[24], rules_version[24], person_version[24];
	char step[24], drift[24], counter[24], repeat[2 * STORE_DIGEST + 3];
	char failed[64], digests[2 * (2 * STORE_DIGEST + 8)];
	char old_state[2 * STATE_HASH + 3], new_state[2 * STATE_HASH + 3];
	char carried[2 * CARRIED_BOX + 3];
	struct db_result *r = NULL;
	char *evidence;
	size_t i, at = 0, fat = 0;
	enum error err;

	evidence =
	    store_evidence(rec->evidence, rec->n_evidence, v->client_name);
	if (evidence == NULL)
		return ERR_NOMEM;
	(void)snprintf(client_version, 24, "%" PRId64, v->client_version);
	(void)snprintf(rules_version, 24, "%" PRId64, v->rules_version);
	(void)snprintf(person_version, 24, "%" PRId64, v->person_version);
	(void)snprintf(step, 24, "%" PRId64, rec->step);
	(void)snprintf(drift, 24, "%" PRId64, rec->drift);
	(void)snprintf(counter, 24, "%" PRId64, rec->counter);
	if (rec->answer != NULL)
		db_bytea(rec->answer, STORE_DIGEST, repeat);
	if (rec->old_state != NULL)
		db_bytea(rec->old_state, STATE_HASH, old_state);
	if (rec->new_state != NULL)
		db_bytea(rec->new_state, STATE_HASH, new_state);
	if (rec->carried != NULL)
		db_bytea(rec->carried, CARRIED_BOX, carried);
	failed[fat++] = '{';
	digests[at++] = '{';
	for (i = 0; i < rec->n_failures; i++) {
		char hex[2 * STORE_DIGEST + 1];

		hex_encode(rec->failure[i].digest, STORE_DIGEST, hex);
		fat += (size_t)snprintf(failed + fat, sizeof failed - fat,
		    "%s%s", i > 0 ? "," : "",
		    category_text(rec->failure[i].category));
		at += (size_t)snprintf(digests + at, sizeof digests - at,
		    "%s\"\\\\x%s\"", i > 0 ? "," : "", hex);
	}
	(void)snprintf(failed + fat, sizeof failed - fat, "}");
	(void)snprintf(digests + at, sizeof digests - at, "}");
	{
		const char *params[26] = {v->client_id, client_version,
		    rules_version, v->subject,
		    v->person_found ? v->person_id : NULL, person_version,
		    v->scope, rec->login, purpose_text(rec->purpose),
		    outcomes[rec->outcome], rec->reason,
		    categories_array(rec->evaluated), failed, digests, evidence,
		    rec->old_state != NULL ? old_state : NULL,
		    rec->new_state != NULL ? new_state : NULL,
		    rec->token != NULL ? rec->token->id : NULL, step, drift,
		    rec->ref, rec->node, rec->counts ? counter : NULL,
		    rec->backed_up ? "t" : "f",
		    rec->answer != NULL ? repeat : NULL,
		    rec->carried != NULL ? carried : NULL};

		err = db_call(db, "attempt_record",
		    "SELECT * FROM sekisho.attempt_record($1::uuid, $2, $3, "
		    "$4::uuid, $5::uuid, $6, $7, $8, $9, $10, $11, "
		    "$12::text[], $13::text[], $14::bytea[], $15::jsonb, "
		    "$16::bytea, $17::bytea, $18::uuid, $19, $20, $21, $22, "
		    "$23, $24, $25::bytea, $26::bytea)",
		    26, params, timeout_ms, &r);
	}
	free(evidence);
	if (err != ERR_OK)
		return err;
	return store_read_answer(&r, ret_answer);
}

enum error
store_tally(struct db *db, const struct store_tally *t, int timeout_ms,
    char ret_ref[STORE_REF])
{
	char count[24];
	const char *params[10] = {t->subject, t->scope, t->client, t->reason,
	    t->login, t->person, t->ref, t->node, count,
	    purpose_text(t->purpose)};
	struct db_result *r = NULL;
	enum error err;

	(void)snprintf(count, sizeof count, "%" PRIu64, t->count);
	err = db_call(db, "attempt_tally",
	    "SELECT sekisho.attempt_tally($1::uuid, $2, $3::uuid, $4, $5, "
	    "$6::uuid, $7, $8, $9, $10)",
	    10, params, timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	err = db_copy_text(r, 0, 0, ret_ref, STORE_REF);
	db_result_free(&r);
	return err;
}

enum error
store_rehash(struct db *db, const struct store_view *view, const char *id,
    const unsigned char salt[PWHASH_SALT], const struct box *box,
    unsigned key_version, int timeout_ms)
{
	char salt_text[2 * PWHASH_SALT + 3], box_text[2 * SEAL_BOX_MAX + 3];
	char opslimit[24], memlimit[24], version[24];
	const char *params[8] = {view->person_id, view->verifier_id, id,
	    salt_text, opslimit, memlimit, box_text, version};
	struct db_result *r = NULL;
	enum error err;

	db_bytea(salt, PWHASH_SALT, salt_text);
	db_bytea(box->bytes, box->len, box_text);
	(void)snprintf(opslimit, 24, "%u", view->cost_today.opslimit);
	(void)snprintf(memlimit, 24, "%u", view->cost_today.memlimit_kib);
	(void)snprintf(version, 24, "%u", key_version);
	err = db_call(db, "verifier_rehash",
	    "SELECT sekisho.verifier_rehash($1::uuid, $2::uuid, $3::uuid, "
	    "$4::bytea, $5, $6, $7::bytea, $8)",
	    8, params, timeout_ms, &r);
	if (err == ERR_OK)
		db_result_free(&r);
	return err;
}
