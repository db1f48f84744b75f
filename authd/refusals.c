/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/refusals.h"

#include <string.h>

bool
refusals_hit(struct shared *shared, uint64_t key, uint64_t client_version,
    int64_t now_ms, struct refusal *ret_refusal)
{
	struct refusal *r = &shared->refusal[key % SHARED_REFUSALS];
	bool hit;

	shared_lock(shared);
	hit = r->key == key && r->client_version == client_version &&
	      r->seen >= REFUSALS_REPEATED && now_ms < r->fresh_until_ms;
	if (hit) {
		r->pending++;
		*ret_refusal = *r;
	}
	shared_unlock(shared);
	return hit;
}

uint64_t
refusals_note(struct shared *shared, const struct refusal *refusal)
{
	struct refusal *r = &shared->refusal[refusal->key % SHARED_REFUSALS];
	uint64_t pending = 0;

	shared_lock(shared);
	if (r->key == refusal->key) {
		unsigned seen = r->seen;

		if (refusal->noted_ms - r->noted_ms > REFUSALS_FRESH_MS)
			seen = 0;
		pending = r->pending;
		*r = *refusal;
		r->pending = 0;
		r->seen = seen + 1;
	} else if (r->pending == 0) {
		*r = *refusal;
		r->seen = 1;
	}
	/* else another's sum waits to be written: this one is not kept */
	shared_unlock(shared);
	return pending;
}

void
refusals_name(struct shared *shared, uint64_t key, const char ref[8])
{
	struct refusal *r = &shared->refusal[key % SHARED_REFUSALS];

	shared_lock(shared);
	if (r->key == key)
		memcpy(r->ref, ref, sizeof r->ref);
	shared_unlock(shared);
}

bool
refusals_take(
    struct shared *shared, int64_t now_ms, struct refusal *ret_refusal)
{
	bool found = false;
	unsigned i;

	shared_lock(shared);
	for (i = 0; i < SHARED_REFUSALS && !found; i++) {
		struct refusal *r = &shared->refusal[i];

		if (r->pending == 0 || now_ms < r->fresh_until_ms)
			continue;
		*ret_refusal = *r;
		r->pending = 0;
		found = true;
	}
	shared_unlock(shared);
	return found;
}
