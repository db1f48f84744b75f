/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.h - who was let in by the list, until a server has been told. It is
 * told as accounting, with the key for a name, and makes nobody present.
 */
#ifndef SEKISHO_DOOR_HISTORY_H
#define SEKISHO_DOOR_HISTORY_H

#include <stdint.h>

#include "cardtools/terminal/radius.h"
#include "common/wire/entry.h"

enum { HISTORY_MAX = 1000, HISTORY_SESSION = 33 };

struct history {
	size_t n;
	struct {
		int64_t at; /* clock_ms */
		char key[2 * ENTRY_KEY + 1];
		char session[HISTORY_SESSION];
	} entry[HISTORY_MAX];
};

/* What does not fit any more is in the log alone. */
void history_add(
    struct history *history, const unsigned char key[ENTRY_KEY], int64_t at);

/* Tells, the oldest first, until all is told or no server answers. */
void history_tell(struct history *history, struct radius *radius,
    const char *nas_identifier, const char *reader);

#endif
