/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader.h - PC/SC: which readers have a card, and what a PIV card says of
 * its PIN without being told one. Whoever opens a card here resets it, so
 * that no PIN that somebody else gave it is left.
 */
#ifndef SEKISHO_TERMINAL_READER_H
#define SEKISHO_TERMINAL_READER_H

#include <stdbool.h>

#include "cardtools/terminal/card.h"

enum { READERS_MAX = 8 };

struct readers {
	size_t n; /* those with a card in them */
	char name[READERS_MAX][CARD_READER];
	/* how often cards came and went there; pcscd counts */
	unsigned events[READERS_MAX];
};

/* Waits at most wait_ms for any card. ERR_CLOSED: there is no pcscd. */
MUST_CHECK enum error readers_find(int wait_ms, struct readers *ret_readers);

/* ERR_NOTFOUND if there is no card in this reader now. */
MUST_CHECK enum error reader_present(const char *reader);

/* The same, and whether nothing came or went there since that count. */
MUST_CHECK enum error reader_unchanged(const char *reader, unsigned events);

/*
 * Resets the card; before that it asks a PIV card how many tries are left
 * for its PIN, in the same transaction (TRIES_UNKNOWN for other cards).
 * ERR_NOTFOUND: the card is gone. ERR_BUSY: somebody keeps it to himself.
 */
MUST_CHECK enum error reader_reset(const char *reader, unsigned *ret_tries);

/*
 * Returns when the card has left the reader (or the reader the machine), or
 * when fd is readable or closed: *ret_changed says which. With away the other
 * way round: waits for a card.
 */
MUST_CHECK enum error reader_watch(
    const char *reader, bool away, int fd, bool *ret_changed);

#endif
