/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard.h - what keeps client look-ups from stalling FreeRADIUS, whose only
 * receiving thread waits for them: unknown addresses are remembered, a
 * failing authd is left alone for a while, and strangers (whose addresses
 * may be forged) get a fifth of the time at most. Pure but for its memory;
 * times are milliseconds of a monotonic clock, given as arguments.
 */
#ifndef SEKISHO_RADIUS_GUARD_H
#define SEKISHO_RADIUS_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GUARD_SLOTS = 4096, /* unknown addresses remembered */
	GUARD_UNKNOWN_MS = 5000,
	GUARD_FAILED_MS = 1000,
	GUARD_SHARE = 5, /* strangers get one part in five */
	GUARD_BURST_MS = 200,
};

struct guard_slot {
	uint8_t address[16];
	int64_t until;
};

struct guard {
	uint8_t key[16]; /* random: nobody can aim at a slot */
	int64_t failed_until;
	int64_t refilled;
	int64_t balance; /* in GUARD_SHARE parts of a millisecond */
	struct guard_slot slots[GUARD_SLOTS];
};

enum guard_verdict { GUARD_ASK, GUARD_UNKNOWN, GUARD_FAILING, GUARD_BUSY };

void guard_init(struct guard *guard, const uint8_t key[16], int64_t now);

/* May authd be asked about this address? IPv4 as ::ffff:a.b.c.d. */
enum guard_verdict guard_check(
    struct guard *guard, const uint8_t address[16], bool stranger, int64_t now);

/* What came of it: spent milliseconds by a stranger, unknown, or failed. */
void guard_charge(struct guard *guard, int64_t spent);
void guard_unknown(struct guard *guard, const uint8_t address[16], int64_t now);
void guard_failed(struct guard *guard, int64_t now);

#endif
