/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/store_change.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/store_internal.h"

enum column {
	C_LOGIN,
	C_NAMES,
	C_BIRTH,
	C_STAFF_NUMBER,
	C_MIN_CHARS,
	C_DOOR_CHARS,
	C_GUESS_BITS,
	C_COST_OPSLIMIT,
	C_COST_MEMLIMIT,
	C_SALT,
	C_OPSLIMIT,
	C_MEMLIMIT,
	C_SEALED,
	C_KEY_VERSION,
};

static const char *
keep(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

/* The forms of a name, as an array of texts that ends with NULL. */
static enum error
read_names(const char *text, struct arena *arena, struct guess_about *about)
{
	json_t *array = json_loads(text, 0, NULL), *name;
	const char **names;
	enum error err = ERR_OK;
	size_t i;

	if (!json_is_array(array)) {
		json_decref(array);
		return ERR_INPUT;
	}
	names =
	    arena_alloc(arena, (json_array_size(array) + 1) * sizeof *names);
	if (names == NULL)
		err = ERR_NOMEM;
	json_array_foreach(array, i, name)
	{
		if (err == ERR_OK)
			names[i] = keep(arena, json_string_value(name));
		if (err == ERR_OK && names[i] == NULL)
			err = ERR_NOMEM;
	}
	json_decref(array);
	about->names = names;
	return err;
}

static enum error
read_before(const struct db_result *r, int row, struct arena *arena,
    struct store_before *b)
{
	enum error err;
	size_t len;

	b->cost.opslimit = (unsigned)db_int(r, row, C_OPSLIMIT);
	b->cost.memlimit_kib = (unsigned)db_int(r, row, C_MEMLIMIT);
	b->tag.key_version = (unsigned)db_int(r, row, C_KEY_VERSION);
	err = db_bytes(r, row, C_SALT, b->salt, sizeof b->salt, &len);
	if (err == ERR_OK && len != sizeof b->salt)
		err = ERR_INPUT;
	return err == ERR_OK ? store_copy_box(r, row, C_SEALED, arena, &b->tag)
			     : err;
}

enum error
store_ground(struct db *db, const char *person_id, int timeout_ms,
    struct arena *arena, struct store_ground *g)
{
	const char *params[1] = {person_id};
	struct db_result *r = NULL;
	enum error err;
	int row;

	memset(g, 0, sizeof *g);
	err = db_call(db, "password_ground",
	    "SELECT * FROM sekisho.password_ground($1::uuid)", 1, params,
	    timeout_ms, &r);
	if (err == ERR_OK &&
	    (db_rows(r) == 0 || db_text(r, 0, C_NAMES) == NULL))
		err = ERR_NOTFOUND;
	if (err != ERR_OK)
		goto out;
	g->about.login = keep(arena, db_text(r, 0, C_LOGIN));
	g->about.birth = keep(arena, db_text(r, 0, C_BIRTH));
	g->about.staff_number = keep(arena, db_text(r, 0, C_STAFF_NUMBER));
	g->min_chars = (unsigned)db_int(r, 0, C_MIN_CHARS);
	g->door_chars = (unsigned)db_int(r, 0, C_DOOR_CHARS);
	g->guess_bits = (unsigned)db_int(r, 0, C_GUESS_BITS);
	g->cost_today.opslimit = (unsigned)db_int(r, 0, C_COST_OPSLIMIT);
	g->cost_today.memlimit_kib = (unsigned)db_int(r, 0, C_COST_MEMLIMIT);
	err = read_names(db_text(r, 0, C_NAMES), arena, &g->about);
	for (row = 0;
	     err == ERR_OK && row < db_rows(r) &&
	     g->n_history < STORE_HISTORY && db_text(r, row, C_SALT) != NULL;
	     row++)
		err = read_before(r, row, arena, &g->history[g->n_history++]);
out:
	db_result_free(&r);
	return err;
}

enum error
store_change(struct db *db, const struct store_record *rec,
    const struct store_password *p, int timeout_ms,
    struct store_answer *ret_answer)
{
	const struct store_view *v = rec->view;
	char client_version[24], rules_version[24], person_version[24];
	char state[2 * STATE_HASH + 3], salt[2 * PWHASH_SALT + 3];
	char box[2 * SEAL_BOX_MAX + 3], opslimit[24], memlimit[24];
	char key_version[24], min_chars[24], *evidence;
	struct db_result *r = NULL;
	enum error err;

	evidence =
	    store_evidence(rec->evidence, rec->n_evidence, v->client_name);
	if (evidence == NULL)
		return ERR_NOMEM;
	(void)snprintf(client_version, 24, "%" PRId64, v->client_version);
	(void)snprintf(rules_version, 24, "%" PRId64, v->rules_version);
	(void)snprintf(person_version, 24, "%" PRId64, v->person_version);
	(void)snprintf(opslimit, 24, "%u", p->cost.opslimit);
	(void)snprintf(memlimit, 24, "%u", p->cost.memlimit_kib);
	(void)snprintf(key_version, 24, "%u", p->key_version);
	(void)snprintf(min_chars, 24, "%u", p->min_chars);
	db_bytea(rec->old_state, STATE_HASH, state);
	db_bytea(p->salt, sizeof p->salt, salt);
	db_bytea(p->box.bytes, p->box.len, box);
	{
		const char *params[19] = {v->client_id, client_version,
		    rules_version, v->person_id, person_version, v->scope,
		    rec->login, rec->reason, evidence, state, rec->ref,
		    rec->node, p->id, salt, opslimit, memlimit, box,
		    key_version, min_chars};

		err = db_call(db, "password_change",
		    "SELECT * FROM sekisho.password_change($1::uuid, $2, $3, "
		    "$4::uuid, $5, $6, $7, $8, $9::jsonb, $10::bytea, $11, "
		    "$12, $13::uuid, $14::bytea, $15, $16, $17::bytea, $18, "
		    "$19)",
		    19, params, timeout_ms, &r);
	}
	free(evidence);
	return err == ERR_OK ? store_read_answer(&r, ret_answer) : err;
}
