/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#include "cardtools/command.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

struct sheet {
	int columns;
	size_t n, cap;
	char **cell;
	bool headed;
};

void
out_json(const json_t *value, bool compact)
{
	(void)json_dumpf(value, stdout,
	    JSON_ENCODE_ANY | (compact ? JSON_COMPACT : JSON_INDENT(2)));
	(void)putchar('\n');
	(void)fflush(stdout);
}

char *
out_json_text(const json_t *value)
{
	size_t len = json_dumpb(value, NULL, 0, JSON_COMPACT);
	char *text = malloc(len + 1);

	/* not json_dumps(): its memory is json's own to free */
	if (text == NULL || json_dumpb(value, text, len, JSON_COMPACT) != len) {
		free(text);
		return NULL;
	}
	text[len] = '\0';
	return text;
}

void
out(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
}

void
say(const char *format, ...)
{
	va_list args;

	(void)fflush(stdout);
	(void)fputs("card-admin: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void
say_about(const char *text, const char *detail)
{
	const char *hole = strstr(text, "{}");
	char *shown = out_clean(detail);

	if (hole == NULL)
		say("%s", text);
	else
		say("%.*s%s%s", (int)(hole - text), text, shown, hole + 2);
	free(shown);
}

static void *
need(void *memory)
{
	if (memory == NULL) {
		say("%s", _("out of memory"));
		exit(STATUS_UNREACHED);
	}
	return memory;
}

int
out_width(const char *text)
{
	return u8_strwidth((const uint8_t *)text, "UTF-8");
}

size_t
out_characters(const char *text)
{
	return u8_mbsnlen((const uint8_t *)text, strlen(text));
}

char *
out_clean(const char *text)
{
	size_t len = strlen(text), at = 0;
	char *clean = need(calloc(1, len + 1)), *end = clean;

	while (at < len) {
		const uint8_t *from = (const uint8_t *)text + at;
		ucs4_t uc;
		int n = u8_mbtoucr(&uc, from, len - at);

		/* Cc: terminal control; Cf: direction overrides and the like */
		if (n <= 0 || uc_is_general_category_withtable(uc,
				  UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf)) {
			*end++ = '?';
			at += n > 0 ? (size_t)n : 1;
			continue;
		}
		memcpy(end, from, (size_t)n);
		end += n;
		at += (size_t)n;
	}
	return clean;
}

struct sheet *
sheet_new(int n, const char *const *headings)
{
	struct sheet *sheet = need(calloc(1, sizeof *sheet));
	int i;

	sheet->columns = n;
	for (i = 0; headings != NULL && i < n; i++)
		sheet_cell(sheet, headings[i]);
	sheet->headed = headings != NULL;
	return sheet;
}

void
sheet_cell(struct sheet *sheet, const char *text)
{
	if (sheet->n == sheet->cap) {
		sheet->cap = sheet->cap == 0 ? 64 : 2 * sheet->cap;
		sheet->cell = need(
		    reallocarray(sheet->cell, sheet->cap, sizeof *sheet->cell));
	}
	sheet->cell[sheet->n++] =
	    out_clean(text != NULL && text[0] != '\0' ? text : "-");
}

void
sheet_moment(struct sheet *sheet, const char *text)
{
	char shown[WHEN_TEXT];

	if (text == NULL || text[0] == '\0') {
		sheet_cell(sheet, NULL);
		return;
	}
	when_local(text, false, shown);
	sheet_cell(sheet, shown);
}

void
sheet_until(struct sheet *sheet, const char *text)
{
	char shown[WHEN_TEXT];

	if (text == NULL || text[0] == '\0') {
		sheet_cell(sheet, NULL);
		return;
	}
	when_last_day(text, shown);
	sheet_cell(sheet, shown);
}

void
sheet_end(struct sheet **sheet)
{
	const struct sheet *s = *sheet;
	const size_t columns = (size_t)s->columns;
	int *width = need(calloc(columns, sizeof *width));
	size_t i;

	for (i = 0; i < s->n; i++) {
		int w = out_width(s->cell[i]);

		if (w > width[i % columns])
			width[i % columns] = w;
	}
	if (s->headed && s->n <= columns)
		out("%s\n", _("nothing to show"));
	for (i = 0; i < s->n && !(s->headed && s->n <= columns); i++) {
		bool last = i % columns == columns - 1;
		int pad = width[i % columns] - out_width(s->cell[i]) + 2;

		out("%s%*s", s->cell[i], last ? 0 : pad, last ? "" : " ");
		if (last)
			out("\n");
	}
	for (i = 0; i < s->n; i++)
		free(s->cell[i]);
	free(s->cell);
	free(width);
	free(*sheet);
	*sheet = NULL;
}

const char *
field(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_string_value(value) : "";
}
