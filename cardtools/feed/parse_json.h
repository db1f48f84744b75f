/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_json.h - a JSON object in one line (RFC 8259) becomes a record: a
 * dotted path names what is nested ("params.valid", "doors.0.name"), true
 * and false are those words, null is nothing. Pure.
 */
#ifndef SEKISHO_FEED_PARSE_JSON_H
#define SEKISHO_FEED_PARSE_JSON_H

#include "cardtools/feed/record.h"

enum { JSON_DEPTH = 8 };

/* ERR_INPUT with the reason; the record is then worth nothing. */
MUST_CHECK enum error parse_json(const char *line, size_t len,
    struct record *ret_record, const char **ret_why);

#endif
