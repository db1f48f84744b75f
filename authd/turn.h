/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turn.h - whose turn it is to hash. As many Argon2 at a time as there are
 * cores; a bounded number of workers may wait, and sources take turns, so
 * that a flood from one never makes another wait behind all of it.
 */
#ifndef SEKISHO_AUTHD_TURN_H
#define SEKISHO_AUTHD_TURN_H

#include "authd/shared.h"

/*
 * Waits for a turn, at most timeout_ms. ERR_BUSY when too many wait already
 * or a worker of a quieter source took this one's place; ERR_TIMEOUT.
 * *ret_waited tells whether others went first, so that what was read before
 * may be old.
 */
MUST_CHECK enum error turn_enter(struct shared *shared, unsigned worker,
    uint64_t source, unsigned class, int timeout_ms, bool *ret_waited);

/* The hasher that goes with the turn: 0 up to hashes - 1, nobody else's. */
unsigned turn_hasher(const struct shared *shared, unsigned worker);

void turn_leave(struct shared *shared, unsigned worker);

/* The worker died: gives back whatever it held. */
void turn_forget(struct shared *shared, unsigned worker);

#endif
