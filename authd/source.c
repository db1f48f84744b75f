/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/source.h"

#include <string.h>

enum { WINDOW_MS = 600000, PROBES = 8 };

/* The source's entry, made or taken over from the stalest if needed. */
static struct shared_source *
entry(struct shared *s, const struct source_rule *rule, uint64_t source,
    int64_t now_ms)
{
	struct shared_source *oldest = NULL, *e;
	int64_t gained;
	unsigned i;

	for (i = 0; i < PROBES; i++) {
		e = &s->source[(source + i) % SHARED_SOURCES];
		if (e->key == source)
			goto found;
		if (oldest == NULL || e->refilled_ms < oldest->refilled_ms)
			oldest = e;
	}
	e = oldest;
	memset(e, 0, sizeof *e);
	e->key = source;
	e->tokens_milli = (int64_t)rule->burst * 1000;
	e->refilled_ms = e->window_ms = now_ms;
found:
	/* rate per minute is rate / 60 thousandths per millisecond */
	gained = (now_ms - e->refilled_ms) * rule->rate / 60;
	if (gained > 0) {
		e->tokens_milli += gained;
		e->refilled_ms = now_ms;
	}
	if (e->tokens_milli > (int64_t)rule->burst * 1000)
		e->tokens_milli = (int64_t)rule->burst * 1000;
	if (now_ms - e->window_ms > WINDOW_MS) {
		memset(e->persons, 0, sizeof e->persons);
		e->window_ms = now_ms;
	}
	return e;
}

bool
source_within_budget(struct shared *shared, const struct source_rule *rule,
    uint64_t source, int64_t now_ms)
{
	const struct shared_source *e;
	int persons = 0;
	unsigned i;
	bool within;

	shared_lock(shared);
	e = entry(shared, rule, source, now_ms);
	for (i = 0; i < 4; i++)
		persons += __builtin_popcountll(e->persons[i]);
	within = e->tokens_milli >= 1000 && persons <= rule->persons;
	shared_unlock(shared);
	return within;
}

void
source_failed(struct shared *shared, const struct source_rule *rule,
    uint64_t source, uint64_t person, int64_t now_ms)
{
	struct shared_source *e;

	shared_lock(shared);
	e = entry(shared, rule, source, now_ms);
	e->tokens_milli -= 1000;
	if (e->tokens_milli < 0)
		e->tokens_milli = 0;
	e->persons[person / 64 % 4] |= UINT64_C(1) << (person % 64);
	shared_unlock(shared);
}
