/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/parse_csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct reader {
	const char *at, *end;
	char separator;
};

/*
 * The next field, without its quotation marks. *ret_more: a separator stands
 * behind it.
 */
static bool
take_field(
    struct reader *reader, char *ret_text, size_t *ret_len, bool *ret_more)
{
	const char *at = reader->at, *const end = reader->end;
	bool quoted = at < end && *at == '"';
	size_t len = 0;

	if (quoted)
		at++;
	for (; at < end; at++) {
		if (quoted && *at == '"' && at + 1 < end && at[1] == '"') {
			at++;
		} else if (quoted && *at == '"') {
			quoted = false;
			/* nothing may stand between it and the separator */
			if (at + 1 < end && at[1] != reader->separator)
				return false;
			continue;
		} else if (!quoted && *at == reader->separator) {
			break;
		}
		ret_text[len++] = *at;
	}
	if (quoted)
		return false;
	*ret_more = at < end;
	reader->at = at < end ? at + 1 : at;
	*ret_len = len;
	return true;
}

/* The name of the next column, and what follows it; "" when none is left. */
static const char *
take_name(const char *columns, char ret_name[RECORD_NAME_MAX + 1])
{
	size_t len = strcspn(columns, ",");

	(void)snprintf(ret_name, RECORD_NAME_MAX + 1, "%.*s",
	    len > RECORD_NAME_MAX ? RECORD_NAME_MAX : (int)len, columns);
	return columns + len + (columns[len] == ',');
}

enum error
parse_csv(const char *line, size_t len, char separator, const char *columns,
    struct record *ret_record, const char **ret_why)
{
	struct reader reader = {line, line + len, separator};
	char text[FEED_LINE_MAX], name[RECORD_NAME_MAX + 1], number[24];
	bool more = true, header = columns[0] != '\0';
	enum error err;
	size_t n = 0, text_len;

	record_begin(ret_record);
	if (len > FEED_LINE_MAX) {
		*ret_why = "the line is too long";
		return ERR_INPUT;
	}
	/* a byte order mark, as office programs begin a file */
	if (len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		reader.at += 3;
	while (more) {
		if (!take_field(&reader, text, &text_len, &more)) {
			*ret_why = "a quotation mark without its other";
			return ERR_INPUT;
		}
		(void)snprintf(number, sizeof number, "%zu", ++n);
		err = record_put(ret_record, number, text, text_len, ret_why);
		columns = take_name(columns, name);
		header = header && strlen(name) == text_len &&
			 memcmp(name, text, text_len) == 0;
		if (err == ERR_OK && name[0] != '\0')
			err = record_put(
			    ret_record, name, text, text_len, ret_why);
		if (err != ERR_OK)
			return err;
	}
	return header && columns[0] == '\0' ? ERR_NOTFOUND : ERR_OK;
}
