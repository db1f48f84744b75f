/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * when.h - moments as people write them and as the database does. Pure but
 * for the local time zone; now is an argument.
 */
#ifndef SEKISHO_CARDTOOLS_WHEN_H
#define SEKISHO_CARDTOOLS_WHEN_H

#include <stdbool.h>
#include <time.h>

#include "common/base/error.h"

enum { WHEN_TEXT = 40 };

/*
 * Local time: "2027-03-31", "2027-03-31 17:15", "09:00" (today), "90m", "2h",
 * "7d" (ago), or with a zone "2027-03-31T17:15:00+09:00". A date alone is its
 * first second or, with whole_day, the first second after it.
 */
MUST_CHECK enum error when_parse(
    const char *text, time_t now, bool whole_day, time_t *ret_when);

/* For the database: "2027-03-31T08:15:00Z". */
void when_utc(time_t when, char ret_text[WHEN_TEXT]);

/* From the database ("2027-03-31T08:15:00.123+00:00") to local time without
 * a fraction; the text itself if it is not a moment. */
void when_local(const char *text, bool seconds, char ret_text[WHEN_TEXT]);

/* The same for an end: at midnight, the day before (see whole_day above). */
void when_last_day(const char *text, char ret_text[WHEN_TEXT]);

#endif
