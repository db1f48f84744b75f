/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * framer.h - a stream of octets becomes lines: by newlines, or by the count
 * before each message (RFC 5425 4.3). Nothing grows: of what is longer than a
 * line may be, the beginning is kept and the rest passed over. Pure.
 */
#ifndef SEKISHO_FEED_FRAMER_H
#define SEKISHO_FEED_FRAMER_H

#include <stdbool.h>
#include <stdint.h>

#include "cardtools/feed/record.h"

enum { FRAMER_BUFFER = 16384, FRAME_DIGITS = 7 };

struct framer {
	bool counted;
	uint64_t passed; /* octets up to the end of the last line */
	uint64_t begun;	 /* where the last line began */

	size_t have, at; /* in buffer */
	bool in_frame;	 /* counted: the count has been read */
	size_t count;	 /* its digits so far, then octets to come */
	size_t digits;
	uint64_t taken; /* octets consumed */
	size_t len;
	bool too_long;
	bool given; /* the line was returned: the next begins */
	char line[FEED_LINE_MAX];
	char buffer[FRAMER_BUFFER];
};

void framer_begin(struct framer *framer, bool counted);

/* Where octets may be put, once framer_next has asked for more. */
char *framer_room(struct framer *framer, size_t *ret_size);
void framer_fed(struct framer *framer, size_t n);

/*
 * The next line, in framer->line until the next call. ERR_TIMEOUT: feed it
 * first. ERR_INPUT: no count where one must be; the stream is worth nothing.
 */
MUST_CHECK enum error framer_next(struct framer *framer, size_t *ret_len);

/* What stands there without its end, when there will be no more. */
MUST_CHECK enum error framer_rest(struct framer *framer, size_t *ret_len);

#endif
