/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/badge.h"

#include "tests/unit/test.h"

static void
lengths_that_cards_have(void **state)
{
	static const unsigned char number[] = {
	    0x04, 0xa1, 0xb2, 0xc3, 1, 2, 3, 4, 5, 6, 7, 8};
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof number; len++)
		assert_int_equal(badge_valid(number, len),
		    len == 4 || len == 7 || len == 8 || len == 10);
}

static void
numbers_that_are_nobodys(void **state)
{
	static const unsigned char zero[BADGE_MAX];
	static const unsigned char phone[] = {0x08, 1, 2, 3};
	static const unsigned char felica[] = {0x08, 1, 2, 3, 4, 5, 6, 7};

	(void)state;
	assert_false(badge_valid(zero, 4));
	assert_false(badge_valid(zero, 8));
	assert_false(badge_valid(phone, sizeof phone));
	/* only a number of four octets is drawn anew */
	assert_true(badge_valid(felica, sizeof felica));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths_that_cards_have),
	    cmocka_unit_test(numbers_that_are_nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
