/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guideline C.14 (4): what a new password must be. */
#include "common/rules/password.h"

#include <string.h>

#include "tests/unit/test.h"

static enum password_fault
fault(const char *password, const char *login, unsigned min)
{
	return password_check(
	    (const unsigned char *)password, strlen(password), login, min);
}

static void
c14_4a_twelve_refused_thirteen_accepted(void **state)
{
	(void)state;
	assert_int_equal(fault("Abcdefghij1!", "sato", 13), PASSWORD_SHORT);
	assert_int_equal(fault("Abcdefghijk1!", "sato", 13), PASSWORD_GOOD);
}

static void
c14_4a_characters_not_octets(void **state)
{
	(void)state;
	/* 12 characters in 36 octets, then 13 in 39 */
	assert_int_equal(
	    fault("あいうえおかきくけこ１！", "sato", 13), PASSWORD_SHORT);
	assert_int_equal(
	    fault("あいうえおかきくけこさ１！", "sato", 13), PASSWORD_GOOD);
	/* an emoji of four octets is one */
	assert_int_equal(fault("abcdefghij1👩", "sato", 13), PASSWORD_SHORT);
	assert_int_equal(fault("abcdefghijk1👩", "sato", 13), PASSWORD_GOOD);
}

static void
c14_4b_eight_where_the_policy_says_so(void **state)
{
	(void)state;
	assert_int_equal(fault("Abcde1!", "sato", 8), PASSWORD_SHORT);
	assert_int_equal(fault("Abcdef1!", "sato", 8), PASSWORD_GOOD);
}

static void
c14_4a_letters_digits_and_symbols_mixed(void **state)
{
	(void)state;
	assert_int_equal(
	    fault("abcdefghijklm", "sato", 13), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("abcdefghijkl1", "sato", 13), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("abcdefghijkl!", "sato", 13), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("123456789012!", "sato", 13), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("!!!!!!!!!!!!!", "sato", 13), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("ながいパスワードだけ長い", "sato", 8), PASSWORD_NOT_MIXED);
	assert_int_equal(
	    fault("長い文章と数字１と記号！", "sato", 8), PASSWORD_GOOD);
	assert_int_equal(fault("correct horse 4 u", "sato", 13), PASSWORD_GOOD);
}

static void
c14_5_not_the_login_name(void **state)
{
	(void)state;
	assert_int_equal(fault("xx-sato-12345", "sato", 13), PASSWORD_HAS_NAME);
	assert_int_equal(fault("xx-SaTo-12345", "sato", 13), PASSWORD_HAS_NAME);
	assert_int_equal(
	    fault("xx-ＳＡＴＯ-12345", "sato", 13), PASSWORD_HAS_NAME);
	assert_int_equal(
	    fault("ﾔﾏﾀﾞ-password-1", "ヤマダ", 13), PASSWORD_HAS_NAME);
	assert_int_equal(fault("xx-sat-012345", "sato", 13), PASSWORD_GOOD);
	/* too short a name to forbid */
	assert_int_equal(fault("xx-sa-0123456", "sa", 13), PASSWORD_GOOD);
}

/* 42 ligatures of 3 octets fold to more than 1,300: still looked through. */
static void
c14_5_not_the_login_name_in_what_grows(void **state)
{
	char password[PASSWORD_MAX_OCTETS + 1];
	size_t i;

	(void)state;
	memset(password, 0, sizeof password);
	for (i = 0; i < 40; i++)
		memcpy(password + 3 * i, "\xef\xb7\xba", 3);
	memcpy(password + 120, "sato1!", 6);
	assert_int_equal(fault(password, "sato", 13), PASSWORD_HAS_NAME);
	assert_int_equal(fault(password, "suzuki", 13), PASSWORD_GOOD);
}

static void
nothing_is_short(void **state)
{
	(void)state;
	assert_int_equal(fault("", "sato", 1), PASSWORD_SHORT);
	assert_int_equal(fault("", "sato", 0), PASSWORD_NOT_MIXED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c14_4a_twelve_refused_thirteen_accepted),
	    cmocka_unit_test(c14_4a_characters_not_octets),
	    cmocka_unit_test(c14_4b_eight_where_the_policy_says_so),
	    cmocka_unit_test(c14_4a_letters_digits_and_symbols_mixed),
	    cmocka_unit_test(c14_5_not_the_login_name),
	    cmocka_unit_test(c14_5_not_the_login_name_in_what_grows),
	    cmocka_unit_test(nothing_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
