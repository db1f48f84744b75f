/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/decide.h"

#include <stdbool.h>

static unsigned
count_bits(unsigned set)
{
	unsigned n = 0;

	for (; set != 0; set &= set - 1)
		n++;
	return n;
}

static unsigned
categories_needed(enum purpose purpose)
{
	switch (purpose) {
	case PURPOSE_LOGIN:
	case PURPOSE_OPERATOR:
		return 2;
	case PURPOSE_ENTRY:
	case PURPOSE_NETWORK_DEVICE:
	case PURPOSE_PASSWORD_CHANGE:
		return 1;
	}
	return 3; /* an unknown purpose is not to be had */
}

static bool
counts(const struct evidence *e, enum purpose purpose, unsigned counted,
    int64_t now)
{
	return e->purpose == purpose && (counted & (unsigned)e->method) != 0 &&
	       e->at <= now + DECIDE_SKEW && now < e->until;
}

/* Proven in this login, and not by having come through a door before it. */
static bool
is_of_now(const struct evidence *e)
{
	return e->earlier == 0 && e->method != METHOD_DOOR;
}

/*
 * What was proven at an earlier login adds what was held then to something
 * that is proven now; it never suffices, and is never knowledge again.
 */
static bool
adds_to_now(const struct evidence *e, const struct evidence *all, size_t n_all,
    enum purpose purpose, unsigned counted, int64_t now)
{
	size_t i;

	if (e->earlier == 0)
		return true;
	for (i = 0; i < n_all && e->category != CATEGORY_KNOWLEDGE; i++) {
		if (is_of_now(&all[i]) && all[i].category != CATEGORY_NONE &&
		    counts(&all[i], purpose, counted, now))
			return true;
	}
	return false;
}

struct decision
decide(enum purpose purpose, unsigned counted, unsigned available,
    const struct evidence *evidence, size_t n_evidence, int64_t now)
{
	const unsigned needed = categories_needed(purpose);
	struct decision d = {VERDICT_REFUSE, 0, 0};
	unsigned reachable, method;
	size_t i;

	for (i = 0; i < n_evidence; i++) {
		if (counts(&evidence[i], purpose, counted, now) &&
		    adds_to_now(&evidence[i], evidence, n_evidence, purpose,
			counted, now))
			d.categories |= (unsigned)evidence[i].category;
	}
	if (count_bits(d.categories) >= needed) {
		d.verdict = VERDICT_ACCEPT;
		return d;
	}
	/* Ask for what adds a category, if all of it together would do. */
	reachable = d.categories;
	for (method = 1; method <= METHOD_ALL; method <<= 1) {
		unsigned category =
		    (unsigned)method_category((enum method)method);

		if ((available & counted & method) != 0 &&
		    (d.categories & category) == 0) {
			d.ask |= method;
			reachable |= category;
		}
	}
	if (count_bits(reachable) >= needed)
		d.verdict = VERDICT_ASK;
	else
		d.ask = 0;
	return d;
}
