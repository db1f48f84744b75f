/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/badge.h"

#include <string.h>

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

static enum error
of(const char *calling, const char *user, unsigned char number[BADGE_MAX],
    size_t *ret_len)
{
	return badge_of_door(
	    calling, strlen(calling), user, strlen(user), number, ret_len);
}

static void
what_doors_send(void **state)
{
	static const unsigned char want[] = {0x04, 0xa1, 0xb2, 0xc3};
	static const char *const good[][2] = {{"04a1b2c3", ""},
	    {"04:A1:B2:C3", "door"}, {"", "04-a1-b2-c3"}, {"04 a1 b2 c3", "x"},
	    {"04.a1.b2.c3", "04A1B2C3"},
	    {"00-1b-54-aa-bb-cc", "04a1b2c3"}}; /* the door's own address */
	static const char *const bad[][2] = {{"", ""}, {"04a1b2", ""},
	    {"04a1b2c", ""}, {"04a1b2c3d4", ""}, {"04::a1b2c3", ""},
	    {"04a1b2c3:", ""}, {":04a1b2c3", ""}, {"04a1b2cg", ""},
	    {"0x04a1b2c3", ""}, {"00000000", ""}, {"0 4a1b2c3", ""},
	    {"04a1b2c3", "04a1b2c4"}, {"04a1b2c3", "04a1b2c3010203"},
	    {"0102030405060708090a0b", ""}};
	unsigned char number[BADGE_MAX];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(
		    of(good[i][0], good[i][1], number, &len), ERR_OK);
		assert_int_equal(len, 4);
		assert_memory_equal(number, want, 4);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    of(bad[i][0], bad[i][1], number, &len), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths_that_cards_have),
	    cmocka_unit_test(numbers_that_are_nobodys),
	    cmocka_unit_test(what_doors_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
