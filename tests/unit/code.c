/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/code.h"

#include <string.h>

#include "tests/unit/test.h"

static void
parses(const char *raw, const char *digits)
{
	struct code code;

	if (code_parse(raw, strlen(raw), &code) != ERR_OK)
		fail_msg("'%s' was refused", raw);
	assert_string_equal(code.digits, digits);
	assert_int_equal(code.prefix, 0);
}

static void
refused(const void *raw, size_t len)
{
	struct code code;

	if (code_parse(raw, len, &code) != ERR_INPUT)
		fail_msg("'%.*s' was not refused", (int)len, (const char *)raw);
}

#define refused_text(text) refused(text, sizeof(text) - 1)

static void
codes_as_people_type_them(void **state)
{
	(void)state;
	parses("123456", "123456");
	parses("12345678", "12345678");
	parses("123 456", "123456");
	parses(" 123-456 ", "123456");
	parses("１２３４５６", "123456");
	parses("１２３　４５６", "123456");
	parses("123\xc2\xa0"
	       "456",
	    "123456");
	parses("000000", "000000");
}

static void
what_is_no_code(void **state)
{
	(void)state;
	refused_text("");
	refused_text("      ");
	refused_text("12345");
	refused_text("1234567");
	refused_text("123456789");
	refused_text("12345a");
	refused_text("123456\0");
	refused_text("123456\n");
	refused_text("\xff"
		     "123456");
	refused_text("12345\xef\xbc"); /* a digit cut in the middle */
	refused_text("٣٤٥٦٧٨");	       /* digits, but not ours */
	refused_text("123456"
		     "                                        "
		     "                   "); /* 65 octets */
}

static size_t
split(const char *raw, struct code codes[2])
{
	return code_splits(raw, strlen(raw), codes);
}

static void
appended_codes_are_split_off(void **state)
{
	struct code c[2];

	(void)state;
	assert_int_equal(split("secret123456", c), 1);
	assert_string_equal(c[0].digits, "123456");
	assert_int_equal(c[0].prefix, 6);

	assert_int_equal(split("pass12345678", c), 2);
	assert_string_equal(c[0].digits, "345678");
	assert_int_equal(c[0].prefix, 6);
	assert_string_equal(c[1].digits, "12345678");
	assert_int_equal(c[1].prefix, 4);

	assert_int_equal(split("パスワード１２３４５６", c), 1);
	assert_string_equal(c[0].digits, "123456");
	assert_int_equal(c[0].prefix, strlen("パスワード"));
}

static void
something_must_be_left_before_the_code(void **state)
{
	struct code c[2];

	(void)state;
	assert_int_equal(split("123456", c), 0);
	assert_int_equal(split("12345678", c), 1);
	assert_string_equal(c[0].digits, "345678");
	assert_int_equal(c[0].prefix, 2);
	assert_int_equal(split("1234567", c), 1);
	assert_int_equal(c[0].prefix, 1);
	assert_int_equal(split("123456789", c), 2);
	assert_int_equal(c[1].prefix, 1);
	assert_int_equal(split("", c), 0);
	assert_int_equal(split("password", c), 0);
	assert_int_equal(split("secret12345", c), 0);
	assert_int_equal(split("secret12345x", c), 0);
	assert_int_equal(code_splits("\xff\xff"
				     "123456",
			     8, c),
	    1);
	assert_int_equal(c[0].prefix, 2);
}

/* Prefix and code together are always the input (in ASCII, at least). */
static void
splits_lose_nothing(void **state)
{
	static const char alphabet[] = "a1";
	char raw[14];
	unsigned bits;
	size_t len, i;

	(void)state;
	for (len = 1; len < sizeof raw; len++) {
		for (bits = 0; bits < 1U << len; bits++) {
			struct code c[2];
			size_t n, tail = 0;

			for (i = 0; i < len; i++)
				raw[i] = alphabet[bits >> i & 1];
			while (tail < len && raw[len - 1 - tail] == '1')
				tail++;
			n = code_splits(raw, len, c);
			assert_int_equal(
			    n, (tail >= 6 && len > 6) + (tail >= 8 && len > 8));
			for (i = 0; i < n; i++)
				assert_int_equal(
				    c[i].prefix + strlen(c[i].digits), len);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_as_people_type_them),
	    cmocka_unit_test(what_is_no_code),
	    cmocka_unit_test(appended_codes_are_split_off),
	    cmocka_unit_test(something_must_be_left_before_the_code),
	    cmocka_unit_test(splits_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
