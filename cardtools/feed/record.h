/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - what one line says, flat: names and values, whatever the format
 * was. Everything lies inside the record, so that a line costs no allocation
 * and cannot grow beyond its bounds.
 */
#ifndef SEKISHO_FEED_RECORD_H
#define SEKISHO_FEED_RECORD_H

#include <stddef.h>

#include "common/base/error.h"

enum {
	FEED_LINE_MAX = 8192, /* octets, without what ends it */
	RECORD_FIELDS = 128,
	/* names of a nested key repeat those above it */
	RECORD_POOL = 4 * FEED_LINE_MAX,
	RECORD_NAME_MAX = 255,
};

struct record_field {
	const char *name, *value; /* NUL-terminated UTF-8 without NUL */
};

struct record {
	size_t n, used;
	struct record_field field[RECORD_FIELDS];
	char pool[RECORD_POOL];
};

void record_begin(struct record *record);

/*
 * ERR_INPUT, with the reason in *ret_why, for a name that is there already,
 * for too much, and for what is not UTF-8.
 */
MUST_CHECK enum error record_put(struct record *record, const char *name,
    const char *value, size_t len, const char **ret_why);

/* NULL if there is none of this name. */
const char *record_get(const struct record *record, const char *name);

#endif
