/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/export.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"

enum { LEAF_HEX = 2 * (8 + MERKLE_HASH) };

void
export_open(FILE *from, struct export *ret_export)
{
	memset(ret_export, 0, sizeof *ret_export);
	ret_export->from = from;
}

void
export_close(struct export *export)
{
	free(export->line.leaves);
	free(export->buffer);
	(void)fclose(export->from);
	memset(export, 0, sizeof *export);
}

static enum error
read_leaves(const char *hex, size_t len, struct line *line)
{
	size_t n = len / LEAF_HEX, i;

	if (len % LEAF_HEX != 0 || n == 0 || n > EXPORT_LEAVES)
		return ERR_INPUT;
	line->leaves = calloc(n, sizeof *line->leaves);
	if (line->leaves == NULL)
		return ERR_NOMEM;
	line->n_leaves = n;
	for (i = 0; i < n; i++) {
		unsigned char octets[8 + MERKLE_HASH];
		size_t got, b;

		if (hex_decode(hex + i * LEAF_HEX, LEAF_HEX, octets,
			sizeof octets, &got) != ERR_OK)
			return ERR_INPUT;
		for (b = 0; b < 8; b++)
			line->leaves[i].id =
			    line->leaves[i].id << 8 | octets[b];
		memcpy(line->leaves[i].hash, octets + 8, MERKLE_HASH);
	}
	return ERR_OK;
}

static enum error
read_seal(const json_t *o, struct line *line)
{
	const json_t *statement = json_object_get(o, "statement");
	const json_t *signature = json_object_get(o, "signature");
	const json_t *leaves = json_object_get(o, "leaves");
	size_t len = json_string_length(statement), got;

	if (len == 0 || len >= sizeof line->statement ||
	    memchr(json_string_value(statement), '\0', len) != NULL ||
	    json_string_length(signature) != (size_t)2 * STATEMENT_SIGNATURE ||
	    hex_decode(json_string_value(signature),
		(size_t)2 * STATEMENT_SIGNATURE, line->signature,
		sizeof line->signature, &got) != ERR_OK)
		return ERR_INPUT;
	line->kind = LINE_SEAL;
	memcpy(line->statement, json_string_value(statement), len);
	line->statement[len] = '\0';
	return leaves == NULL ? ERR_OK
			      : read_leaves(json_string_value(leaves),
				    json_string_length(leaves), line);
}

static void
forget(struct line *line)
{
	free(line->leaves);
	line->leaves = NULL;
	line->n_leaves = 0;
}

/*
 * The id of an event as the database writes it, without reading all of it:
 * what else it says is hashed, and not believed. 0 if it is written otherwise.
 */
static uint64_t
quick_id(const char *text, size_t len)
{
	static const char begin[] = "{\"v\": 1, \"at\": \"",
			  then[] = "\", \"id\": ";
	const size_t at = sizeof begin - 1 + STATEMENT_AT - 1;
	const char *c = text + at + sizeof then - 1;
	uint64_t id = 0;
	int digits = 0;

	if (len < at + sizeof then + 20 ||
	    memcmp(text, begin, sizeof begin - 1) != 0 ||
	    memcmp(text + at, then, sizeof then - 1) != 0)
		return 0;
	for (; *c >= '0' && *c <= '9' && digits < 18; c++, digits++)
		id = 10 * id + (uint64_t)(*c - '0');
	return *c == ',' ? id : 0;
}

static void
take_event(const char *text, size_t len, uint64_t id, struct line *line)
{
	line->kind = LINE_EVENT;
	line->text = text;
	line->len = len;
	line->id = id;
}

static enum error
read_line(const char *text, size_t len, struct line *line)
{
	const uint64_t quick = quick_id(text, len);
	enum error err = ERR_INPUT;
	const json_t *id;
	json_t *o;

	if (quick > 0) {
		take_event(text, len, quick, line);
		return ERR_OK;
	}
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	id = json_object_get(o, "id");
	if (json_object_get(o, "statement") != NULL) {
		err = read_seal(o, line);
	} else if (json_is_integer(id) && json_integer_value(id) > 0) {
		take_event(text, len, (uint64_t)json_integer_value(id), line);
		err = ERR_OK;
	}
	json_decref(o);
	if (err != ERR_OK)
		forget(line);
	return err;
}

enum error
export_seal(const char *text, size_t len, struct line *line)
{
	enum error err;

	memset(line, 0, sizeof *line);
	err = read_line(text, len, line);
	if (err == ERR_OK && line->kind != LINE_SEAL)
		err = ERR_INPUT;
	return err;
}

/* getline() with a limit. ERR_NOTFOUND at the end. */
static enum error
get(struct export *e, size_t *ret_len)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(e->from)) != EOF && c != '\n') {
		if (len >= EXPORT_LINE)
			return ERR_INPUT;
		if (len + 1 >= e->size) {
			size_t size = e->size == 0 ? 4096 : 2 * e->size;
			char *more = realloc(e->buffer, size);

			if (more == NULL)
				return ERR_NOMEM;
			e->buffer = more;
			e->size = size;
		}
		e->buffer[len++] = (char)c;
	}
	if (c == EOF && ferror(e->from) != 0)
		return ERR_SYSTEM;
	*ret_len = len;
	return c == EOF && len == 0 ? ERR_NOTFOUND : ERR_OK;
}

enum error
export_next(struct export *e)
{
	uint64_t number = e->line.number + 1;
	size_t len = 0;
	enum error err;

	forget(&e->line);
	memset(&e->line, 0, sizeof e->line);
	e->line.number = number;
	err = get(e, &len);
	if (err == ERR_NOTFOUND)
		return ERR_OK; /* LINE_END */
	if (err == ERR_OK)
		err =
		    len == 0 ? ERR_INPUT : read_line(e->buffer, len, &e->line);
	return err;
}
