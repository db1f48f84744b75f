/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/utf8.h"

#include "tests/unit/test.h"

static void
lengths_of_characters(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
	    {"a", 1},
	    {" ", 1},
	    {"~", 1},
	    {"é", 2},
	    {"病", 3},
	    {"𠮷", 4},
	    {"\xf4\x8f\xbf\xbf", 4},
	    {"", 0},
	    {"\n", 0},
	    {"\x1f", 0},
	    {"\x7f", 0},
	    {"\xc2\x80", 0},
	    {"\xc2\x9f", 0},
	    {"\xc2\xa0", 2},
	    {"\x80", 0},
	    {"\xbf", 0},
	    {"\xc0\x80", 0},
	    {"\xc1\xbf", 0},
	    {"\xc3", 0},
	    {"\xe0\x9f\xbf", 0},
	    {"\xe0\xa0\x80", 3},
	    {"\xed\x9f\xbf", 3},
	    {"\xed\xa0\x80", 0},
	    {"\xe7\x97", 0},
	    {"\xf0\x8f\xbf\xbf", 0},
	    {"\xf0\x90\x80\x80", 4},
	    {"\xf4\x90\x80\x80", 0},
	    {"\xf5\x80\x80\x80", 0},
	    {"\xff", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++)
		if (utf8_printable(cases[i].text) != cases[i].len)
			fail_msg("case %zu", i);
}

static void
plain_texts(void **state)
{
	static const char *const plain[] = {
	    "", "佐藤 花子", "a@b", "\u200d", "\u2027\u202f\u2065\u206a\u061b"};
	static const char *const not_plain[] = {"a\tb", "a\u061c", "\u200e",
	    "x\u200f", "\u2028", "\u2029", "\u202a", "a\u202eb", "\u2066",
	    "\u2069", "a\xff"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(plain); i++)
		if (!utf8_plain(plain[i]))
			fail_msg("plain %zu", i);
	for (i = 0; i < COUNT(not_plain); i++)
		if (utf8_plain(not_plain[i]))
			fail_msg("not plain %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths_of_characters),
	    cmocka_unit_test(plain_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
