/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/prove.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"

enum { HEX_HASH = 2 * MERKLE_HASH };

/* The batch being read: hashes of its events, and the one that is wanted. */
struct wanted {
	char statement[STATEMENT_TEXT];
	unsigned char signature[STATEMENT_SIGNATURE];
	unsigned char (*leaves)[MERKLE_HASH];
	size_t n, room, index;
	char *event; /* NULL: not met yet */
};

static enum error
keep(struct wanted *w, const struct line *line, uint64_t id)
{
	if (w->n == w->room) {
		size_t room = w->room == 0 ? 2048 : 2 * w->room;
		void *more = realloc(w->leaves, room * MERKLE_HASH);

		if (more == NULL)
			return ERR_NOMEM;
		w->leaves = more;
		w->room = room;
	}
	merkle_leaf(line->text, line->len, w->leaves[w->n]);
	if (line->id == id && w->event == NULL) {
		w->event = strndup(line->text, line->len);
		w->index = w->n;
		if (w->event == NULL)
			return ERR_NOMEM;
	}
	w->n++;
	return ERR_OK;
}

static json_t *
hex_string(const unsigned char *octets, size_t len)
{
	char text[2 * STATEMENT_SIGNATURE + 1];

	hex_encode(octets, len, text);
	return json_string(text);
}

static enum error
write_proof(const struct wanted *w, FILE *to)
{
	const unsigned char(*leaves)[MERKLE_HASH] =
	    (const unsigned char(*)[MERKLE_HASH])w->leaves;
	unsigned char path[MERKLE_LEVELS][MERKLE_HASH];
	json_t *proof = json_object(), *hashes = json_array();
	struct statement s;
	enum error err = ERR_OK;
	size_t n, i;

	n = merkle_path(leaves, w->n, w->index, path);
	/* what would prove nothing is not written */
	if (statement_read(w->statement, strlen(w->statement), &s) != ERR_OK ||
	    s.leaves != w->n ||
	    !merkle_proves(leaves[w->index], w->index, w->n,
		(const unsigned char(*)[MERKLE_HASH])path, n, s.root)) {
		json_decref(hashes);
		json_decref(proof);
		return ERR_MISMATCH;
	}
	for (i = 0; i < n; i++)
		(void)json_array_append_new(
		    hashes, hex_string(path[i], MERKLE_HASH));
	if (json_object_set_new(proof, "event", json_string(w->event)) != 0 ||
	    json_object_set_new(
		proof, "index", json_integer((json_int_t)w->index)) != 0 ||
	    json_object_set_new(proof, "path", hashes) != 0 ||
	    json_object_set_new(
		proof, "statement", json_string(w->statement)) != 0 ||
	    json_object_set_new(proof, "signature",
		hex_string(w->signature, STATEMENT_SIGNATURE)) != 0)
		err = ERR_NOMEM;
	else if (json_dumpf(proof, to, 0) != 0 || fputc('\n', to) == EOF)
		err = ERR_SYSTEM;
	json_decref(proof);
	return err;
}

enum error
prove_event(struct export *export, uint64_t id, FILE *to)
{
	struct wanted w = {.n = 0};
	enum error err;

	for (;;) {
		const struct line *line = &export->line;

		err = export_next(export);
		if (err != ERR_OK || line->kind == LINE_END ||
		    (line->kind == LINE_SEAL && w.event != NULL))
			break;
		if (line->kind == LINE_SEAL) {
			memcpy(
			    w.statement, line->statement, sizeof w.statement);
			memcpy(
			    w.signature, line->signature, sizeof w.signature);
			w.n = 0;
			continue;
		}
		err = keep(&w, line, id);
		if (err != ERR_OK)
			break;
	}
	if (err == ERR_OK)
		err = w.event == NULL ? ERR_NOTFOUND : write_proof(&w, to);
	free(w.event);
	free(w.leaves);
	return err;
}

static enum error
read_path(const json_t *hashes,
    unsigned char ret_path[MERKLE_LEVELS][MERKLE_HASH], size_t *ret_n)
{
	size_t n = json_array_size(hashes), i, len;

	if (!json_is_array(hashes) || n > MERKLE_LEVELS)
		return ERR_INPUT;
	for (i = 0; i < n; i++) {
		const json_t *hash = json_array_get(hashes, i);

		if (json_string_length(hash) != HEX_HASH ||
		    hex_decode(json_string_value(hash), HEX_HASH, ret_path[i],
			MERKLE_HASH, &len) != ERR_OK)
			return ERR_INPUT;
	}
	*ret_n = n;
	return ERR_OK;
}

static enum error
check(const json_t *proof, const struct auditkeys *keys,
    struct proven *ret_proven)
{
	unsigned char path[MERKLE_LEVELS][MERKLE_HASH], leaf[MERKLE_HASH];
	const json_t *event = json_object_get(proof, "event");
	const json_t *index = json_object_get(proof, "index");
	json_t *seal;
	struct line line;
	char *text;
	size_t n;
	enum error err;

	if (json_string_length(event) == 0 || !json_is_integer(index) ||
	    json_integer_value(index) < 0 ||
	    read_path(json_object_get(proof, "path"), path, &n) != ERR_OK)
		return ERR_INPUT;
	seal = json_pack("{s:O?, s:O?}", "statement",
	    json_object_get(proof, "statement"), "signature",
	    json_object_get(proof, "signature"));
	text = json_dumps(seal, 0);
	json_decref(seal);
	if (text == NULL)
		return ERR_INPUT;
	err = export_seal(text, strlen(text), &line);
	free(text);
	if (err == ERR_OK)
		err = statement_read(line.statement, strlen(line.statement),
		    &ret_proven->statement);
	if (err != ERR_OK)
		return err;
	merkle_leaf(json_string_value(event), json_string_length(event), leaf);
	if (!auditkeys_signed(
		keys, &ret_proven->statement, line.statement, line.signature) ||
	    !merkle_proves(leaf, (uint64_t)json_integer_value(index),
		ret_proven->statement.leaves,
		(const unsigned char(*)[MERKLE_HASH])path, n,
		ret_proven->statement.root))
		return ERR_MISMATCH;
	ret_proven->event =
	    strndup(json_string_value(event), json_string_length(event));
	return ret_proven->event == NULL ? ERR_NOMEM : ERR_OK;
}

enum error
prove_check(FILE *from, const struct auditkeys *keys, struct proven *ret_proven)
{
	json_t *proof = json_loadf(from, JSON_REJECT_DUPLICATES, NULL);
	enum error err;

	memset(ret_proven, 0, sizeof *ret_proven);
	err =
	    json_is_object(proof) ? check(proof, keys, ret_proven) : ERR_INPUT;
	json_decref(proof);
	return err;
}
