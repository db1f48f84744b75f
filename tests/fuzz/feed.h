/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feed.h - what holds of every record, whatever format it came from. */
#ifndef SEKISHO_TESTS_FUZZ_FEED_H
#define SEKISHO_TESTS_FUZZ_FEED_H

#include <string.h>
#include <unistr.h>

#include "cardtools/feed/record.h"
#include "tests/fuzz/fuzz.h"

static inline void
record_holds(const struct record *record)
{
	size_t i;

	must(record->n <= RECORD_FIELDS && record->used <= RECORD_POOL);
	for (i = 0; i < record->n; i++) {
		const struct record_field *f = &record->field[i];

		must(strlen(f->name) <= RECORD_NAME_MAX);
		must(u8_check((const uint8_t *)f->value, strlen(f->value)) ==
		     NULL);
		must(record_get(record, f->name) == f->value); /* unique */
	}
}

/* What a parser said of a line. */
static inline void
outcome_holds(enum error err, const char *why, const struct record *record)
{
	must(err == ERR_OK || err == ERR_INPUT || err == ERR_NOTFOUND);
	must((err == ERR_INPUT) == (why != NULL));
	if (err == ERR_OK)
		record_holds(record);
}

#endif
