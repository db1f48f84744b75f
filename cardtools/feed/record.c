/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/record.h"

#include <string.h>
#include <unistr.h>

void
record_begin(struct record *record)
{
	record->n = record->used = 0;
}

static const char *
keep(struct record *record, const char *text, size_t len)
{
	char *at = record->pool + record->used;

	if (len >= sizeof record->pool - record->used)
		return NULL;
	if (len > 0)
		memcpy(at, text, len);
	at[len] = '\0';
	record->used += len + 1;
	return at;
}

enum error
record_put(struct record *record, const char *name, const char *value,
    size_t len, const char **ret_why)
{
	struct record_field *field = &record->field[record->n];
	const size_t name_len = strlen(name);

	if (name_len > RECORD_NAME_MAX || record->n == RECORD_FIELDS) {
		*ret_why = "too many fields, or a name that is too long";
		return ERR_INPUT;
	}
	if (record_get(record, name) != NULL) {
		*ret_why = "the same field twice";
		return ERR_INPUT;
	}
	/* jsonb has no NUL, and takes nothing but UTF-8 */
	if (memchr(value, '\0', len) != NULL ||
	    u8_check((const uint8_t *)value, len) != NULL ||
	    u8_check((const uint8_t *)name, name_len) != NULL) {
		*ret_why = "not UTF-8";
		return ERR_INPUT;
	}
	field->name = keep(record, name, name_len);
	field->value = keep(record, value, len);
	if (field->name == NULL || field->value == NULL) {
		*ret_why = "too much in one line";
		return ERR_INPUT;
	}
	record->n++;
	return ERR_OK;
}

const char *
record_get(const struct record *record, const char *name)
{
	size_t i;

	for (i = 0; i < record->n; i++) {
		if (strcmp(record->field[i].name, name) == 0)
			return record->field[i].value;
	}
	return NULL;
}
