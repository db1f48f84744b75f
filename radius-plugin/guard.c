/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/guard.h"

#include <sodium.h>
#include <string.h>

static struct guard_slot *
slot(struct guard *guard, const uint8_t address[16])
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint16_t index;

	(void)crypto_shorthash(hash, address, 16, guard->key);
	memcpy(&index, hash, sizeof index);
	return &guard->slots[index % GUARD_SLOTS];
}

void
guard_init(struct guard *guard, const uint8_t key[16], int64_t now)
{
	memset(guard, 0, sizeof *guard);
	memcpy(guard->key, key, sizeof guard->key);
	guard->refilled = now;
	guard->balance = (int64_t)GUARD_BURST_MS * GUARD_SHARE;
	guard->failed_until = now;
}

enum guard_verdict
guard_check(
    struct guard *guard, const uint8_t address[16], bool stranger, int64_t now)
{
	const int64_t most = (int64_t)GUARD_BURST_MS * GUARD_SHARE;
	const struct guard_slot *s = slot(guard, address);

	guard->balance += now - guard->refilled;
	guard->refilled = now;
	if (guard->balance > most)
		guard->balance = most;
	if (now < guard->failed_until)
		return GUARD_FAILING;
	if (now < s->until && memcmp(s->address, address, 16) == 0)
		return GUARD_UNKNOWN;
	return stranger && guard->balance <= 0 ? GUARD_BUSY : GUARD_ASK;
}

void
guard_charge(struct guard *guard, int64_t spent)
{
	/* No look-up is free: at least a millisecond, 200 a second at most. */
	guard->balance -= (spent > 0 ? spent : 1) * GUARD_SHARE;
}

void
guard_unknown(struct guard *guard, const uint8_t address[16], int64_t now)
{
	struct guard_slot *s = slot(guard, address);

	memcpy(s->address, address, 16);
	s->until = now + GUARD_UNKNOWN_MS;
}

void
guard_failed(struct guard *guard, int64_t now)
{
	guard->failed_until = now + GUARD_FAILED_MS;
}
