/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/guard.h"

#include <sodium.h>
#include <string.h>

#include "tests/unit/test.h"

static struct guard g;
static const uint8_t key[16] = "sixteen octets!";

static int
set_up(void **state)
{
	(void)state;
	guard_init(&g, key, 1000);
	return 0;
}

/* The address ::ffff:a.b.c.d of a number. */
static const uint8_t *
address(uint32_t n)
{
	static uint8_t a[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	a[12] = (uint8_t)(n >> 24);
	a[13] = (uint8_t)(n >> 16);
	a[14] = (uint8_t)(n >> 8);
	a[15] = (uint8_t)n;
	return a;
}

static void
an_unknown_address_is_remembered(void **state)
{
	(void)state;
	assert_int_equal(guard_check(&g, address(1), true, 1000), GUARD_ASK);
	guard_unknown(&g, address(1), 1000);
	assert_int_equal(
	    guard_check(&g, address(1), true, 1001), GUARD_UNKNOWN);
	assert_int_equal(
	    guard_check(&g, address(1), false, 1001), GUARD_UNKNOWN);
	assert_int_equal(guard_check(&g, address(2), true, 1001), GUARD_ASK);
	assert_int_equal(
	    guard_check(&g, address(1), true, 1000 + GUARD_UNKNOWN_MS - 1),
	    GUARD_UNKNOWN);
	assert_int_equal(
	    guard_check(&g, address(1), true, 1000 + GUARD_UNKNOWN_MS),
	    GUARD_ASK);
}

/* Two addresses in one slot: none is taken for the other. */
static void
slots_are_not_addresses(void **state)
{
	uint32_t n;

	(void)state;
	for (n = 0; n < 4 * GUARD_SLOTS; n++)
		guard_unknown(&g, address(n), 1000);
	for (n = 4 * GUARD_SLOTS; n < 8 * GUARD_SLOTS; n++)
		assert_int_equal(
		    guard_check(&g, address(n), true, 1001), GUARD_ASK);
	/* the newest of each slot is still there */
	assert_int_equal(
	    guard_check(&g, address(4 * GUARD_SLOTS - 1), true, 1001),
	    GUARD_UNKNOWN);
}

static void
a_failing_authd_is_left_alone(void **state)
{
	(void)state;
	guard_failed(&g, 1000);
	assert_int_equal(
	    guard_check(&g, address(1), false, 1000), GUARD_FAILING);
	assert_int_equal(
	    guard_check(&g, address(1), false, 1000 + GUARD_FAILED_MS - 1),
	    GUARD_FAILING);
	assert_int_equal(
	    guard_check(&g, address(1), false, 1000 + GUARD_FAILED_MS),
	    GUARD_ASK);
}

/* However fast they come: strangers get a fifth of the time, others all. */
static void
strangers_get_a_fifth(void **state)
{
	int64_t now, spent = 0;

	(void)state;
	for (now = 1000; now < 61000; now++) {
		if (guard_check(&g, address((uint32_t)now), true, now) ==
		    GUARD_ASK) {
			guard_charge(&g, 2);
			spent += 2;
		}
		assert_int_equal(
		    guard_check(&g, address(7), false, now), GUARD_ASK);
	}
	/* 60 s: a fifth, and the burst */
	assert_in_range(spent, 11900, 12000 + GUARD_BURST_MS + 4);
}

static void
no_look_up_is_free(void **state)
{
	int64_t now;
	int asked = 0;

	(void)state;
	for (now = 1000; now < 11000; now++) {
		while (guard_check(&g, address(9), true, now) == GUARD_ASK) {
			guard_charge(&g, 0);
			asked++;
		}
	}
	assert_in_range(asked, 1990, 2000 + GUARD_BURST_MS + 4);
}

static void
rest_fills_the_burst_and_no_more(void **state)
{
	int asked = 0;

	(void)state;
	assert_int_equal(
	    guard_check(&g, address(9), true, 100000000), GUARD_ASK);
	while (guard_check(&g, address(9), true, 100000000) == GUARD_ASK) {
		guard_charge(&g, 1);
		asked++;
	}
	assert_int_equal(asked, GUARD_BURST_MS);
}

int
main(void)
{
#define FRESH(test) cmocka_unit_test_setup(test, set_up)
	const struct CMUnitTest tests[] = {
	    FRESH(an_unknown_address_is_remembered),
	    FRESH(slots_are_not_addresses),
	    FRESH(a_failing_authd_is_left_alone),
	    FRESH(strangers_get_a_fifth),
	    FRESH(no_look_up_is_free),
	    FRESH(rest_fills_the_burst_and_no_more),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
