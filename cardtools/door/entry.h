/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry.h - one reader of a door, from a card's coming to its going. The
 * server issues the challenge and decides; nothing opens without its word.
 */
#ifndef SEKISHO_DOOR_ENTRY_H
#define SEKISHO_DOOR_ENTRY_H

#include <stdint.h>

#include "cardtools/door/doorconf.h"
#include "cardtools/door/history.h"
#include "cardtools/door/keylist.h"
#include "cardtools/terminal/radius.h"

struct reader {
	const struct doorconf *conf;
	const struct conf_pair *names; /* of PC/SC, ours */
	struct radius radius;
	struct keylist list;
	int64_t list_at; /* clock_ms: when a new one is due */
	struct history history;
	int64_t beat_at; /* clock_ms: when the next heartbeat is due */
};

/* Serves until it is killed. */
void reader_serve(struct reader *reader);

#endif
