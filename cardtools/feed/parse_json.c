/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/parse_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct walk {
	struct record *record;
	const char **why;
	char path[RECORD_NAME_MAX + 1];
};

static enum error
put(struct walk *walk, const char *value, size_t len)
{
	return record_put(walk->record, walk->path, value, len, walk->why);
}

static enum error
put_number(struct walk *walk, const json_t *value)
{
	char text[64];
	int n;

	if (json_is_integer(value))
		n = snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else
		n = snprintf(
		    text, sizeof text, "%.17g", json_real_value(value));
	return put(walk, text, (size_t)n);
}

static enum error take(struct walk *walk, const json_t *value, int depth);

/* What is below, with its name behind the path. */
static enum error
descend(struct walk *walk, const char *key, const json_t *value, int depth)
{
	const size_t len = strlen(walk->path);
	enum error err;
	int n;

	n = snprintf(walk->path + len, sizeof walk->path - len, "%s%s",
	    len > 0 ? "." : "", key);
	if (n < 0 || (size_t)n >= sizeof walk->path - len) {
		*walk->why = "a name that is too long";
		return ERR_INPUT;
	}
	err = take(walk, value, depth);
	walk->path[len] = '\0';
	return err;
}

static enum error
take_array(struct walk *walk, const json_t *array, int depth)
{
	enum error err = ERR_OK;
	char number[24];
	size_t i;

	for (i = 0; err == ERR_OK && i < json_array_size(array); i++) {
		(void)snprintf(number, sizeof number, "%zu", i);
		err = descend(walk, number, json_array_get(array, i), depth);
	}
	return err;
}

static enum error
take(struct walk *walk, const json_t *value, int depth)
{
	enum error err = ERR_OK;
	const char *key;
	void *at;

	if (depth > JSON_DEPTH) {
		*walk->why = "JSON nested too deep";
		return ERR_INPUT;
	}
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		/* json_object_foreach wants an object that is not const */
		for (at = json_object_iter((json_t *)(uintptr_t)value);
		     err == ERR_OK && at != NULL;
		     at = json_object_iter_next(
			 (json_t *)(uintptr_t)value, at)) {
			key = json_object_iter_key(at);
			err = descend(
			    walk, key, json_object_iter_value(at), depth + 1);
		}
		return err;
	case JSON_ARRAY:
		return take_array(walk, value, depth + 1);
	case JSON_STRING:
		return put(
		    walk, json_string_value(value), json_string_length(value));
	case JSON_INTEGER:
	case JSON_REAL:
		return put_number(walk, value);
	case JSON_TRUE:
		return put(walk, "true", 4);
	case JSON_FALSE:
		return put(walk, "false", 5);
	case JSON_NULL:
		return ERR_OK;
	}
	return ERR_INPUT;
}

enum error
parse_json(const char *line, size_t len, struct record *ret_record,
    const char **ret_why)
{
	struct walk walk = {ret_record, ret_why, ""};
	json_error_t fault;
	enum error err;
	json_t *root;

	record_begin(ret_record);
	/* A name that comes twice means two things: refused. */
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &fault);
	if (root == NULL) {
		*ret_why = "not JSON";
		return ERR_INPUT;
	}
	if (json_is_object(root)) {
		err = take(&walk, root, 0);
	} else {
		*ret_why = "not a JSON object";
		err = ERR_INPUT;
	}
	json_decref(root);
	return err;
}
