/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a right password makes, with what was proven before it. */
#include "common/rules/first.h"

#include "authd/reason.h"
#include "tests/unit/test.h"

enum { NOW = 1800000000 };

static struct evidence
piece(enum method method, enum category category)
{
	return (struct evidence){.method = method,
	    .category = category,
	    .purpose = PURPOSE_LOGIN,
	    .at = NOW,
	    .until = NOW + 60};
}

static struct first_ground
ground(void)
{
	return (struct first_ground){.person_found = true,
	    .person_usable = true,
	    .has_password = true,
	    .methods = METHOD_ALL,
	    .door_fault = FIRST_WORDS,
	    .now = NOW};
}

static enum first_word
decide_with(const struct first_ground *g, bool code, size_t *ret_n)
{
	struct evidence e[3];
	struct decision d;
	enum first_word word;
	size_t n = 0;

	e[n++] = piece(METHOD_PASSWORD, CATEGORY_KNOWLEDGE);
	if (code)
		e[n++] = piece(METHOD_TOTP, CATEGORY_POSSESSION);
	word = first_decide(g, e, &n, &d);
	*ret_n = n;
	assert_int_equal(d.verdict == VERDICT_ACCEPT, word <= FIRST_EARLIER);
	assert_int_equal(d.verdict == VERDICT_ASK, word == FIRST_ASK);
	return word;
}

static void
d5_an_entry_is_used_where_nothing_better_is_given(void **state)
{
	struct first_ground g = ground();
	size_t n;

	(void)state;
	assert_int_equal(decide_with(&g, false, &n), FIRST_NO_SECOND_FACTOR);
	assert_int_equal(decide_with(&g, true, &n), FIRST_TWO_FACTORS);
	g.door_counts = true;
	assert_int_equal(decide_with(&g, false, &n), FIRST_NO_PRESENCE);
	g.door_fault = FIRST_DOOR_IN_USE;
	assert_int_equal(decide_with(&g, false, &n), FIRST_DOOR_IN_USE);
	g.available = METHOD_TOTP;
	assert_int_equal(decide_with(&g, false, &n), FIRST_ASK);
	g.door_fault = FIRST_WORDS;
	g.door = piece(METHOD_DOOR, CATEGORY_POSSESSION);
	g.door.event = 7;
	assert_int_equal(decide_with(&g, false, &n), FIRST_DOOR);
	assert_int_equal(n, 2);
	assert_int_equal(decide_with(&g, true, &n), FIRST_TWO_FACTORS);
	assert_int_equal(n, 2);
	g.methods = METHOD_PASSWORD | METHOD_TOTP; /* the door does not count */
	assert_int_equal(decide_with(&g, false, &n), FIRST_ASK);
	g.methods = METHOD_ALL;
	g.door.until = NOW;
	assert_int_equal(decide_with(&g, false, &n), FIRST_ASK);
	g.must_change = true;
	assert_int_equal(decide_with(&g, false, &n), FIRST_MUST_CHANGE);
}

static void
d5_what_was_proven_here_before_adds_to_a_password(void **state)
{
	struct first_ground g = ground();
	size_t n;

	(void)state;
	g.earlier = piece(METHOD_TOTP, CATEGORY_POSSESSION);
	g.earlier.earlier = 9;
	g.available = METHOD_TOTP;
	assert_int_equal(decide_with(&g, false, &n), FIRST_EARLIER);
	assert_int_equal(n, 2);
	assert_int_equal(decide_with(&g, true, &n), FIRST_TWO_FACTORS);
	/* an entry is newer */
	g.door = piece(METHOD_DOOR, CATEGORY_POSSESSION);
	g.door.event = 7;
	assert_int_equal(decide_with(&g, false, &n), FIRST_DOOR);
	g.door.event = 0;
	/* and where it does not do, nothing of it is left for the next round */
	g.earlier.until = NOW;
	assert_int_equal(decide_with(&g, false, &n), FIRST_ASK);
	assert_int_equal(n, 1);
	g.earlier = piece(METHOD_PIN, CATEGORY_KNOWLEDGE);
	g.earlier.earlier = 9;
	assert_int_equal(decide_with(&g, false, &n), FIRST_ASK);
}

static void
who_is_barred(void **state)
{
	struct first_ground g = ground();
	enum first_word word;

	(void)state;
	assert_false(first_barred(&g, &word));
	g.methods = METHOD_CARD | METHOD_PIN;
	assert_true(first_barred(&g, &word));
	assert_int_equal(word, FIRST_NOT_COUNTED);
	g.has_password = false;
	assert_true(first_barred(&g, &word));
	assert_int_equal(word, FIRST_NO_PASSWORD);
	g.person_usable = false;
	assert_true(first_barred(&g, &word));
	assert_int_equal(word, FIRST_PERSON_UNUSABLE);
	g.person_found = false;
	assert_true(first_barred(&g, &word));
	assert_int_equal(word, FIRST_UNKNOWN_PERSON);
}

/* The worker logs what the rules say: each word is a reason of its own. */
static void
every_word_is_a_reason(void **state)
{
	enum first_word w;

	(void)state;
	for (w = 0; w < FIRST_WORDS; w++) {
		const char *text = first_text(w);

		assert_string_equal(reason_text(reason_from_text(text)), text);
		assert_int_equal(first_from_text(text), w);
	}
	assert_int_equal(first_from_text(""), FIRST_WORDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(d5_an_entry_is_used_where_nothing_better_is_given),
	    cmocka_unit_test(d5_what_was_proven_here_before_adds_to_a_password),
	    cmocka_unit_test(who_is_barred),
	    cmocka_unit_test(every_word_is_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
