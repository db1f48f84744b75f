/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusals.h - refusal times that this node knows to be running, for one
 * second at most, once the database has told so several times in a row: an
 * attack on one person then costs neither a read nor a write each, and
 * nobody else's processor time. What was refused meanwhile is counted here
 * and written as a sum. Under such an attack an unlock or a new password is
 * noticed after that second.
 */
#ifndef SEKISHO_AUTHD_REFUSALS_H
#define SEKISHO_AUTHD_REFUSALS_H

#include "authd/shared.h"

enum { REFUSALS_FRESH_MS = 1000, REFUSALS_REPEATED = 8 };

/* A refusal of this key that is still fresh: counts it and copies it. */
bool refusals_hit(struct shared *shared, uint64_t key, uint64_t client_version,
    int64_t now_ms, struct refusal *ret_refusal);

/*
 * Remembers what the database told. Returns how many of the same had been
 * counted and are now the caller's to write.
 */
uint64_t refusals_note(struct shared *shared, const struct refusal *refusal);

/* The reference under which the sum is written, given to all who repeat. */
void refusals_name(struct shared *shared, uint64_t key, const char ref[8]);

/* Takes one that is no longer fresh and has something to be written. */
bool refusals_take(
    struct shared *shared, int64_t now_ms, struct refusal *ret_refusal);

#endif
