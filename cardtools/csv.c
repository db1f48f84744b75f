/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/csv.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* A NUL-terminated copy in UTF-8. */
static enum error
decode(const char *bytes, size_t len, char **ret_text)
{
	char *in, *copy = NULL, *text, *out;
	size_t room = 3 * len + 1;
	enum error err = ERR_INPUT;
	iconv_t cp932;

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	text = out = calloc(1, 3 * len + 1);
	if (text == NULL)
		return ERR_NOMEM;
	if (u8_check((const uint8_t *)bytes, len) == NULL) {
		if (len > 0)
			memcpy(text, bytes, len);
		*ret_text = text;
		return ERR_OK;
	}
	cp932 = iconv_open("UTF-8", "CP932");
	if (cp932 != (iconv_t)-1) {
		copy = malloc(len);
		if (copy != NULL) {
			in = memcpy(copy, bytes, len);
			if (iconv(cp932, &in, &len, &out, &room) != (size_t)-1)
				err = ERR_OK;
		}
		(void)iconv_close(cp932);
	}
	free(copy);
	if (err == ERR_OK)
		*ret_text = text;
	else
		free(text);
	return err;
}

/*
 * Takes one field out of *at, in place; *ret_end is what ended it: a comma,
 * a newline or NUL. False for a quotation mark that is not closed.
 */
static bool
take_field(char **at, unsigned *line, char **ret_field, char *ret_end)
{
	char *from = *at, *to = *at;
	bool quoted = *from == '"';

	*ret_field = to;
	if (quoted)
		from++;
	for (;; from++) {
		if (*from == '\0' && quoted)
			return false;
		if (quoted && *from == '"' && from[1] == '"')
			from++;
		else if (quoted && *from == '"') {
			quoted = false;
			continue;
		} else if (!quoted &&
			   (*from == ',' || *from == '\n' || *from == '\0')) {
			break;
		}
		if (*from == '\n')
			(*line)++;
		if (!quoted && *from == '\r' &&
		    (from[1] == '\n' || from[1] == '\0'))
			continue;
		*to++ = *from;
	}
	*ret_end = *from;
	if (*from == '\n')
		(*line)++;
	*at = *from == '\0' ? from : from + 1;
	*to = '\0';
	return true;
}

static enum error
take_row(char **at, unsigned *line, struct csv_row *row)
{
	char end;

	row->line = *line;
	row->n = 0;
	do {
		if (row->n == CSV_FIELDS ||
		    !take_field(at, line, &row->field[row->n], &end))
			return ERR_INPUT;
		row->n++;
	} while (end == ',');
	return ERR_OK;
}

enum error
csv_parse(
    const void *bytes, size_t len, struct csv **ret_csv, unsigned *ret_line)
{
	struct csv *csv;
	size_t i, lines = 1;
	unsigned line = 1;
	enum error err;
	char *at;

	*ret_line = 0;
	if (len > CSV_BYTES_MAX || memchr(bytes, '\0', len) != NULL)
		return ERR_INPUT;
	csv = calloc(1, sizeof *csv);
	if (csv == NULL)
		return ERR_NOMEM;
	err = decode(bytes, len, &csv->text);
	for (i = 0; err == ERR_OK && csv->text[i] != '\0'; i++)
		lines += csv->text[i] == '\n';
	if (err == ERR_OK) {
		csv->row = calloc(lines, sizeof *csv->row);
		err = csv->row != NULL ? ERR_OK : ERR_NOMEM;
	}
	for (at = csv->text; err == ERR_OK && *at != '\0';) {
		struct csv_row *row = &csv->row[csv->n];

		err = take_row(&at, &line, row);
		if (err != ERR_OK)
			*ret_line = row->line;
		else if (row->n > 1 || row->field[0][0] != '\0')
			csv->n++;
	}
	if (err == ERR_OK)
		*ret_csv = csv;
	else
		csv_free(&csv);
	return err;
}

void
csv_free(struct csv **csv)
{
	if (*csv == NULL)
		return;
	free((*csv)->text);
	free((*csv)->row);
	free(*csv);
	*csv = NULL;
}

void
csv_put(FILE *to, const char *text)
{
	(void)fputc('"', to);
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		(void)fputc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			(void)fputc('"', to);
		(void)fputc(*text, to);
	}
	(void)fputc('"', to);
}
