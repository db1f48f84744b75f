/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_csv.h - separated values, one record a line (RFC 4180, but a field
 * has no newline in it). Fields are named by their column, from "1", and by
 * what the configuration calls it. Pure.
 */
#ifndef SEKISHO_FEED_PARSE_CSV_H
#define SEKISHO_FEED_PARSE_CSV_H

#include "cardtools/feed/record.h"

/*
 * columns are the names, separated by commas; "" where there are none. A
 * line that only repeats them is the header: ERR_NOTFOUND. ERR_INPUT with the
 * reason for a quotation mark without its other.
 */
MUST_CHECK enum error parse_csv(const char *line, size_t len, char separator,
    const char *columns, struct record *ret_record, const char **ret_why);

#endif
