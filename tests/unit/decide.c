/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table of decide(), exhaustively: every purpose, every set of
 * counted and of available methods, every pair of proofs of every category,
 * method, purpose and age, against the rule said once more in other words.
 */
#include "common/rules/decide.h"

#include "tests/unit/test.h"

enum { NOW = 1800000000 };

static const enum category categories[] = {
    CATEGORY_NONE, CATEGORY_KNOWLEDGE, CATEGORY_POSSESSION, CATEGORY_INHERENCE};
/* What is held and what is known by a card, or by a FIDO2 key: of each world
 * the whole table; of both together the small one below. */
static const enum method worlds[2][6] = {
    {METHOD_NONE, METHOD_PASSWORD, METHOD_TOTP, METHOD_CARD, METHOD_PIN,
	METHOD_DOOR},
    {METHOD_NONE, METHOD_PASSWORD, METHOD_TOTP, METHOD_FIDO2, METHOD_UV,
	METHOD_DOOR},
};
static const enum method *methods = worlds[0];

/* The n-th set of the methods of this world. */
static unsigned
set_of(unsigned n)
{
	unsigned set = 0, i;

	for (i = 0; i < 5; i++)
		set |= (n >> i & 1) != 0 ? (unsigned)methods[i + 1] : 0;
	return set;
}
enum { SETS = 32 };

static const enum purpose purposes[] = {PURPOSE_LOGIN, PURPOSE_ENTRY,
    PURPOSE_NETWORK_DEVICE, PURPOSE_PASSWORD_CHANGE, PURPOSE_OPERATOR};

/* When a proof was given and ends, and whether it is good at NOW. */
static const struct age {
	int64_t at, until;
	bool good;
} ages[] = {
    {NOW, NOW + 1, true}, {NOW - 3600, NOW, false}, /* ends this very second */
    {NOW + 60, NOW + 120, true},  /* a clock ahead within the skew */
    {NOW + 61, NOW + 120, false}, /* and beyond it */
};

/* Proofs of every kind: 4 categories, 6 methods, this purpose or the next, 4
 * ages; then those of a login before, good and ended. */
enum { OF_NOW = 4 * 6 * 2 * 4, KINDS = OF_NOW + 4 * 6 * 2 };

static struct evidence
kind(unsigned n, unsigned purpose)
{
	struct evidence e = {.category = categories[n % 4]};

	e.method = methods[n / 4 % 6];
	if (n >= OF_NOW) {
		e.earlier = 5;
		e.purpose = purposes[purpose];
		e.at = ages[(n - OF_NOW) / 24].at;
		e.until = ages[(n - OF_NOW) / 24].until;
		return e;
	}
	e.purpose = purposes[(purpose + n / 24 % 2) % PURPOSE_COUNT];
	e.at = ages[n / 48].at;
	e.until = ages[n / 48].until;
	return e;
}

static bool
kind_is_good(unsigned n)
{
	return ages[n >= OF_NOW ? (n - OF_NOW) / 24 : n / 48].good;
}

/* What is proven, as three answers instead of a set. */
struct proven {
	bool known, held, inherent;
};

static bool
is_counted(
    const struct evidence *e, bool good, enum purpose purpose, unsigned counted)
{
	bool by_password = e->method == METHOD_PASSWORD && (counted & 1) != 0;
	bool by_code = e->method == METHOD_TOTP && (counted & 2) != 0;
	bool by_card = e->method == METHOD_CARD && (counted & 4) != 0;
	bool by_pin = e->method == METHOD_PIN && (counted & 8) != 0;
	bool by_door = e->method == METHOD_DOOR && (counted & 16) != 0;
	bool by_key = e->method == METHOD_FIDO2 && (counted & 32) != 0;
	bool by_user = e->method == METHOD_UV && (counted & 64) != 0;

	return good && e->purpose == purpose &&
	       (by_password || by_code || by_card || by_pin || by_door ||
		   by_key || by_user);
}

/* Some factor is given now, otherwise than by having come in. */
static bool
given_now(
    const struct evidence *e, bool good, enum purpose purpose, unsigned counted)
{
	return is_counted(e, good, purpose, counted) && e->earlier == 0 &&
	       e->method != METHOD_DOOR && e->category != CATEGORY_NONE;
}

static void
prove(struct proven *p, const struct evidence *e, bool good,
    enum purpose purpose, unsigned counted, bool now)
{
	if (!is_counted(e, good, purpose, counted))
		return;
	/* Of a login before: only what was held, and only beside one of now. */
	if (e->earlier != 0 && (!now || e->category == CATEGORY_KNOWLEDGE))
		return;
	p->known |= e->category == CATEGORY_KNOWLEDGE;
	p->held |= e->category == CATEGORY_POSSESSION;
	p->inherent |= e->category == CATEGORY_INHERENCE;
}

/* The rule, independently: guideline C.13 and D.5. */
static struct decision
expected(
    enum purpose purpose, unsigned counted, unsigned available, struct proven p)
{
	const int needed =
	    purpose == PURPOSE_LOGIN || purpose == PURPOSE_OPERATOR ? 2 : 1;
	const int have = p.known + p.held + p.inherent;
	const unsigned knowing =
	    p.known ? 0 : counted & available & (1 | 8 | 64);
	const unsigned holding =
	    p.held ? 0 : counted & available & (2 | 4 | 16 | 32);
	struct decision d = {VERDICT_REFUSE, 0, 0};

	d.categories =
	    (p.known ? 1U : 0U) | (p.held ? 2U : 0U) | (p.inherent ? 4U : 0U);
	if (have >= needed) {
		d.verdict = VERDICT_ACCEPT;
	} else if (have + (knowing != 0) + (holding != 0) >= needed) {
		d.verdict = VERDICT_ASK;
		d.ask = knowing | holding;
	}
	return d;
}

static void
compare_one(enum purpose purpose, const struct evidence *e, size_t n,
    const bool *good, unsigned counted, const unsigned *available, size_t sets)
{
	struct proven p = {false, false, false};
	bool now = false;
	size_t i;

	for (i = 0; i < n; i++)
		now = now || given_now(&e[i], good[i], purpose, counted);
	for (i = 0; i < n; i++)
		prove(&p, &e[i], good[i], purpose, counted, now);
	for (i = 0; i < sets; i++) {
		struct decision want =
		    expected(purpose, counted, available[i], p);
		struct decision got =
		    decide(purpose, counted, available[i], e, n, NOW);

		if (got.verdict != want.verdict || got.ask != want.ask ||
		    got.categories != want.categories)
			fail_msg("%s counted %u available %u methods %d %d of "
				 "%zu: got %d ask %u of %u, want %d ask %u of "
				 "%u",
			    purpose_text(purpose), counted, available[i],
			    n > 0 ? (int)e[0].method : 0,
			    n > 1 ? (int)e[1].method : 0, n, got.verdict,
			    got.ask, got.categories, want.verdict, want.ask,
			    want.categories);
	}
}

static void
compare(enum purpose purpose, const struct evidence *e, size_t n,
    const unsigned *kinds)
{
	unsigned sets[SETS], i;
	bool good[2] = {false, false};

	for (i = 0; i < n; i++)
		good[i] = kind_is_good(kinds[i]);
	for (i = 0; i < SETS; i++)
		sets[i] = set_of(i);
	for (i = 0; i < SETS; i++)
		compare_one(purpose, e, n, good, sets[i], sets, SETS);
}

static void
whole_table(void)
{
	struct evidence e[2];
	unsigned kinds[2], p;

	for (p = 0; p < PURPOSE_COUNT; p++) {
		compare(purposes[p], NULL, 0, NULL);
		for (kinds[0] = 0; kinds[0] < KINDS; kinds[0]++) {
			e[0] = kind(kinds[0], p);
			compare(purposes[p], e, 1, kinds);
			for (kinds[1] = 0; kinds[1] < KINDS; kinds[1]++) {
				e[1] = kind(kinds[1], p);
				compare(purposes[p], e, 2, kinds);
			}
		}
	}
}

static void
c13_the_whole_truth_table(void **state)
{
	(void)state;
	methods = worlds[0];
	whole_table();
}

static void
c13_the_whole_truth_table_with_keys(void **state)
{
	(void)state;
	methods = worlds[1];
	whole_table();
	methods = worlds[0];
}

/* Cards and keys together: all sets of all methods, proofs of now. */
static void
c13_cards_and_keys(void **state)
{
	static unsigned sets[METHOD_ALL + 1];
	const bool good[2] = {true, true};
	struct evidence e[2];
	unsigned a, b, counted;

	(void)state;
	for (a = 0; a <= METHOD_ALL; a++)
		sets[a] = a;
	for (a = 0; a < 28; a++) {
		e[0] = (struct evidence){.category = categories[a % 4],
		    .method = (enum method)(1U << a / 4),
		    .purpose = PURPOSE_LOGIN,
		    .at = NOW,
		    .until = NOW + 1};
		for (b = 0; b < 28; b++) {
			e[1] = e[0];
			e[1].category = categories[b % 4];
			e[1].method = (enum method)(1U << b / 4);
			for (counted = 0; counted <= METHOD_ALL; counted++)
				compare_one(PURPOSE_LOGIN, e, 2, good, counted,
				    sets, METHOD_ALL + 1);
		}
	}
}

/* Many proofs of one category are still one category (D.5). */
static void
d5_one_category_is_never_enough(void **state)
{
	struct evidence e[6];
	unsigned c, i;

	(void)state;
	for (c = 1; c < COUNT(categories); c++) {
		for (i = 0; i < COUNT(e); i++)
			e[i] = (struct evidence){.category = categories[c],
			    .method = i % 2 ? METHOD_PASSWORD : METHOD_TOTP,
			    .purpose = PURPOSE_LOGIN,
			    .at = NOW,
			    .until = NOW + 60};
		assert_int_not_equal(decide(PURPOSE_LOGIN, METHOD_ALL,
					 METHOD_ALL, e, COUNT(e), NOW)
					 .verdict,
		    VERDICT_ACCEPT);
	}
}

/* A card at the door and a card or code at the terminal: possession twice. */
static void
d5_same_category_twice(void **state)
{
	const enum method held[] = {METHOD_CARD, METHOD_TOTP};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(held); i++) {
		struct evidence e[2] = {
		    {.method = METHOD_DOOR, .event = 3}, {.method = held[i]}};
		struct decision d;
		unsigned k;

		for (k = 0; k < 2; k++) {
			e[k].category = CATEGORY_POSSESSION;
			e[k].purpose = PURPOSE_LOGIN;
			e[k].at = NOW;
			e[k].until = NOW + 60;
		}
		d = decide(
		    PURPOSE_LOGIN, METHOD_ALL, METHOD_PASSWORD, e, 2, NOW);
		assert_int_equal(d.verdict, VERDICT_ASK);
		assert_int_equal(d.ask, METHOD_PASSWORD);
		e[0].category = CATEGORY_INHERENCE; /* a finger at the door */
		assert_int_equal(decide(PURPOSE_LOGIN, METHOD_ALL,
				     METHOD_PASSWORD, e, 2, NOW)
				     .verdict,
		    VERDICT_ACCEPT);
	}
}

/* What was granted for another purpose can never be used as a login. */
static void
d5_another_purpose_is_no_login(void **state)
{
	struct evidence e[2] = {
	    {.category = CATEGORY_KNOWLEDGE, .method = METHOD_PASSWORD},
	    {.category = CATEGORY_POSSESSION, .method = METHOD_TOTP}};
	unsigned p, asked, i;

	(void)state;
	for (p = 0; p < PURPOSE_COUNT; p++) {
		for (i = 0; i < 2; i++) {
			e[i].purpose = purposes[p];
			e[i].at = NOW;
			e[i].until = NOW + 1;
		}
		for (asked = 0; asked < PURPOSE_COUNT; asked++) {
			enum verdict v = decide(
			    purposes[asked], METHOD_ALL, METHOD_NONE, e, 2, NOW)
					     .verdict;

			assert_int_equal(
			    v, asked == p ? VERDICT_ACCEPT : VERDICT_REFUSE);
		}
	}
}

/* An entry and a login before, with nothing given now: no login (D.5). */
static void
d5_nothing_given_now_is_no_login(void **state)
{
	struct evidence e[2] = {
	    {.category = CATEGORY_INHERENCE, .method = METHOD_DOOR, .event = 3},
	    {.category = CATEGORY_POSSESSION,
		.method = METHOD_CARD,
		.earlier = 5}};
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		e[i].purpose = PURPOSE_LOGIN;
		e[i].at = NOW - 100;
		e[i].until = NOW + 100;
	}
	assert_int_equal(
	    decide(PURPOSE_LOGIN, METHOD_ALL, METHOD_NONE, e, 2, NOW).verdict,
	    VERDICT_REFUSE);
}

/* A purpose that no one knows is not to be had, whatever is proven. */
static void
an_unknown_purpose_is_refused(void **state)
{
	enum purpose purpose = (enum purpose)PURPOSE_COUNT;
	struct evidence e[2] = {
	    {.category = CATEGORY_KNOWLEDGE, .method = METHOD_PASSWORD},
	    {.category = CATEGORY_POSSESSION, .method = METHOD_TOTP}};

	(void)state;
	e[0].purpose = e[1].purpose = purpose;
	e[0].at = e[1].at = NOW;
	e[0].until = e[1].until = NOW + 1;
	assert_int_equal(
	    decide(purpose, METHOD_ALL, METHOD_ALL, e, 2, NOW).verdict,
	    VERDICT_REFUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c13_the_whole_truth_table),
	    cmocka_unit_test(c13_the_whole_truth_table_with_keys),
	    cmocka_unit_test(c13_cards_and_keys),
	    cmocka_unit_test(d5_one_category_is_never_enough),
	    cmocka_unit_test(d5_same_category_twice),
	    cmocka_unit_test(d5_another_purpose_is_no_login),
	    cmocka_unit_test(d5_nothing_given_now_is_no_login),
	    cmocka_unit_test(an_unknown_purpose_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
