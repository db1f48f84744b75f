/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csv.h - comma separated values (RFC 4180) as office programs write them:
 * UTF-8 with or without a byte order mark, or CP932. Pure.
 */
#ifndef SEKISHO_CARDTOOLS_CSV_H
#define SEKISHO_CARDTOOLS_CSV_H

#include <stddef.h>
#include <stdio.h>

#include "common/base/error.h"

enum { CSV_FIELDS = 16, CSV_BYTES_MAX = 4 * 1024 * 1024 };

struct csv_row {
	unsigned line; /* where it begins, from 1 */
	size_t n;
	char *field[CSV_FIELDS];
};

struct csv {
	char *text; /* the fields lie in it */
	struct csv_row *row;
	size_t n;
};

/*
 * ERR_INPUT for what is neither UTF-8 nor CP932, a quotation mark without
 * its other, a NUL or too many fields; ret_line says where (0: everywhere).
 * Empty lines are skipped. Caller frees.
 */
MUST_CHECK enum error csv_parse(
    const void *bytes, size_t len, struct csv **ret_csv, unsigned *ret_line);
void csv_free(struct csv **csv);

/*
 * One field, in quotation marks. What a spreadsheet would take for a formula
 * gets an apostrophe before it.
 */
void csv_put(FILE *to, const char *text);

#endif
