/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - how far a file has been read, as the database keeps it: its
 * inode, the offset behind the last line, and a digest of what stands before
 * it, so that another file with the same number is not taken for it.
 */
#ifndef SEKISHO_FEED_PLACE_H
#define SEKISHO_FEED_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

enum { PLACE_TEXT = 192, PLACE_TAIL = 4096 };

struct place {
	uint64_t device, inode, offset, tail; /* tail: octets digested */
	char digest[65];
};

/* The place at offset of an open file; the last line has so many octets. */
MUST_CHECK enum error place_take(
    int fd, uint64_t offset, uint64_t last_line, struct place *ret_place);

void place_write(const struct place *place, char ret_text[PLACE_TEXT]);
/* ERR_INPUT for what place_write did not write. */
MUST_CHECK enum error place_read(const char *text, struct place *ret_place);

/*
 * Whether this open file is the one, and still has what was read of it. The
 * device's number is not compared: it may differ after the machine started.
 */
bool place_fits(const struct place *place, int fd);

#endif
