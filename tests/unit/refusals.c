/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that are answered from what the node knows, and their sums. */
#include "authd/refusals.h"

#include <string.h>
#include <sys/mman.h>

#include "tests/unit/test.h"

static struct shared *s;

static int
set_up(void **state)
{
	(void)state;
	return shared_new(4, 1, 1, &s) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return munmap(s, sizeof *s);
}

static uint64_t
note(uint64_t key, int64_t now_ms)
{
	struct refusal r;

	memset(&r, 0, sizeof r);
	r.key = key;
	r.client_version = 3;
	r.noted_ms = now_ms;
	r.fresh_until_ms = now_ms + REFUSALS_FRESH_MS;
	r.wait_until_ms = now_ms + 5000;
	return refusals_note(s, &r);
}

static bool
hit(uint64_t key, uint64_t version, int64_t now_ms)
{
	struct refusal r;

	return refusals_hit(s, key, version, now_ms, &r);
}

/* A few refusals are nothing special: each asks the database. */
static void
only_what_comes_again_and_again(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < REFUSALS_REPEATED; i++) {
		assert_false(hit(7, 3, 1000 + i));
		assert_int_equal(note(7, 1000 + i), 0);
	}
	assert_true(hit(7, 3, 1100));
	assert_false(hit(8, 3, 1100));
	assert_false(hit(7, 4, 1100)); /* another version of the client */
	/* slow repetition starts counting anew */
	(void)note(7, 10000);
	assert_false(hit(7, 3, 10001));
}

static void
not_beyond_its_second(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < REFUSALS_REPEATED; i++)
		(void)note(7, 1000);
	assert_true(hit(7, 3, 1000 + REFUSALS_FRESH_MS - 1));
	assert_false(hit(7, 3, 1000 + REFUSALS_FRESH_MS));
}

static void
every_one_is_in_a_sum_once(void **state)
{
	struct refusal r;
	uint64_t sum = 0;
	int i;

	(void)state;
	for (i = 0; i < REFUSALS_REPEATED; i++)
		(void)note(7, 1000);
	for (i = 0; i < 100; i++)
		assert_true(hit(7, 3, 1001));
	assert_false(refusals_take(s, 1001, &r)); /* still fresh */
	sum += note(7, 1500);
	for (i = 0; i < 11; i++)
		assert_true(hit(7, 3, 1501));
	/* another person in the same place does not push the sum out */
	assert_int_equal(note(7 + SHARED_REFUSALS, 1502), 0);
	assert_true(refusals_take(s, 9000, &r));
	assert_int_equal(r.key, 7);
	sum += r.pending;
	assert_false(refusals_take(s, 9000, &r));
	assert_int_equal(sum, 111);
}

static void
one_reference_for_all(void **state)
{
	struct refusal r;
	int i;

	(void)state;
	for (i = 0; i < REFUSALS_REPEATED; i++)
		(void)note(7, 1000);
	refusals_name(s, 7, "K7-4821");
	refusals_name(s, 8, "X1-0000");
	assert_true(refusals_hit(s, 7, 3, 1001, &r));
	assert_string_equal(r.ref, "K7-4821");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		only_what_comes_again_and_again, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		not_beyond_its_second, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		every_one_is_in_a_sum_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_reference_for_all, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
