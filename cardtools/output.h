/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - what people and scripts see. Text from the database is shown
 * with control characters replaced: a login somebody tried must not drive the
 * terminal of who reads the audit.
 */
#ifndef SEKISHO_CARDTOOLS_OUTPUT_H
#define SEKISHO_CARDTOOLS_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "common/base/error.h"

/* One value on standard output; on one line if compact. */
void out_json(const json_t *value, bool compact);

/* As a parameter for the database; NULL without memory. Caller frees. */
char *out_json_text(const json_t *value);

void out(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "card-admin: text" on standard error. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* text with {} replaced by detail; for texts that come from a table. */
void say_about(const char *text, const char *detail);

/* How many columns a text takes, East Asian characters counted as two. */
int out_width(const char *text);

/* How many characters a text has, as the database counts them. */
size_t out_characters(const char *text);

/* A copy safe for a terminal. Caller frees. */
char *out_clean(const char *text);

struct sheet;

/* Columns aligned by the width of their content. headings: n texts, already
 * translated; NULL for none. All functions end the program if memory ends. */
struct sheet *sheet_new(int n, const char *const *headings);
/* Adds a cell; rows fill from the left. NULL is shown as "-". */
void sheet_cell(struct sheet *sheet, const char *text);
void sheet_moment(struct sheet *sheet, const char *text);
/* An end: a midnight is shown as the day before, the last that counts. */
void sheet_until(struct sheet *sheet, const char *text);
/* Prints (with "nothing" if there are no rows) and frees. */
void sheet_end(struct sheet **sheet);

/* Shorthands for answers of the database. "" when absent or null. */
const char *field(const json_t *object, const char *name);

#endif
