/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/escape.h"

#include <string.h>

#include "tests/unit/test.h"

static void
both_ways(const void *octets, size_t len, const char *want)
{
	unsigned char back[64];
	char text[4 * 64 + 1];
	size_t n;

	escape_octets(octets, len, text);
	assert_string_equal(text, want);
	assert_ok(escape_undo(text, back, sizeof back, &n));
	assert_int_equal(n, len);
	assert_memory_equal(back, octets, len);
}

static void
what_is_printable_stays(void **state)
{
	(void)state;
	both_ways("", 0, "");
	both_ways("8a3F-0001/x y", 13, "8a3F-0001/x y");
	both_ways("\xe4\xbd\x90\xe8\x97\xa4", 6, "\xe4\xbd\x90\xe8\x97\xa4");
}

static void
all_else_is_told(void **state)
{
	(void)state;
	both_ways("a\0b", 3, "a\\x00b");
	both_ways("\n\x7f", 2, "\\x0a\\x7f");
	both_ways("\\x00", 4, "\\x5cx00"); /* what looks like one of ours */
	both_ways("\xff\xfe", 2, "\\xff\\xfe");
	both_ways("\xe4\xbd", 2, "\\xe4\\xbd"); /* a character that is cut */
	both_ways("\xc0\xaf", 2, "\\xc0\\xaf"); /* overlong */
}

static void
what_is_none_of_ours(void **state)
{
	unsigned char back[4];
	size_t n;

	(void)state;
	assert_error(escape_undo("\\", back, 4, &n), ERR_INPUT);
	assert_error(escape_undo("\\x0", back, 4, &n), ERR_INPUT);
	assert_error(escape_undo("\\y00", back, 4, &n), ERR_INPUT);
	assert_error(escape_undo("\\xzz", back, 4, &n), ERR_INPUT);
	assert_error(escape_undo("12345", back, 4, &n), ERR_INPUT);
	assert_error(escape_undo("1234\\x00", back, 4, &n), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_printable_stays),
	    cmocka_unit_test(all_else_is_told),
	    cmocka_unit_test(what_is_none_of_ours)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
