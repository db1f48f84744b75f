/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/charset.h"

#include <string.h>

#include "tests/unit/test.h"

static void
becomes(enum charset charset, const char *raw, size_t raw_len, const char *text)
{
	char out[128];
	size_t len;

	assert_ok(
	    charset_to_utf8(charset, raw, raw_len, out, sizeof out, &len));
	assert_int_equal(len, strlen(text));
	assert_memory_equal(out, text, len);
}

#define becomes_text(charset, raw, text) \
	becomes(charset, raw, sizeof(raw) - 1, text)

static void
texts(void **state)
{
	(void)state;
	becomes_text(
	    CHARSET_UTF8, "\xff\xfe", "\xff\xfe"); /* looked at later */
	becomes_text(CHARSET_CP932, "sato", "sato");
	becomes_text(CHARSET_CP932, "\x8d\xb2\x93\xa1", "佐藤");
	/* a second octet that is a backslash */
	becomes_text(CHARSET_CP932, "\x95\x5c", "表");
	becomes_text(CHARSET_CP932, "\xd4\xcf\xc0\xde", "ﾔﾏﾀﾞ");
	becomes_text(CHARSET_CP932, "\xfb\xfc", "髙"); /* IBM's extension */
	becomes_text(CHARSET_LATIN1, "m\xfcller", "müller");
	becomes(CHARSET_CP932, NULL, 0, "");
}

static void
none(void **state)
{
	char out[4];
	size_t len;

	(void)state;
	assert_error(
	    charset_to_utf8(CHARSET_CP932, "\x8d", 1, out, sizeof out, &len),
	    ERR_INPUT); /* half a character */
	assert_error(charset_to_utf8(
			 CHARSET_CP932, "\xff\xff", 2, out, sizeof out, &len),
	    ERR_INPUT);
	/* does not fit: refused, not cut, and the next is whole again */
	assert_error(charset_to_utf8(CHARSET_CP932, "\x8d\xb2\x93\xa1", 4, out,
			 sizeof out, &len),
	    ERR_INPUT);
	assert_error(
	    charset_to_utf8(CHARSET_UTF8, "12345", 5, out, sizeof out, &len),
	    ERR_INPUT);
	becomes_text(CHARSET_CP932, "\x8d\xb2", "佐");
}

static void
words(void **state)
{
	(void)state;
	assert_int_equal(charset_from_text("cp932"), CHARSET_CP932);
	assert_int_equal(charset_from_text("iso-8859-1"), CHARSET_LATIN1);
	assert_int_equal(charset_from_text("utf-8"), CHARSET_UTF8);
	assert_int_equal(charset_from_text("?"), CHARSET_UTF8);
	assert_false(charset_matters("sato", 4));
	assert_true(charset_matters("s\xe4to", 4));
	assert_false(charset_matters(NULL, 0));
}

static int
set_up(void **state)
{
	(void)state;
	if (charset_prepare() != ERR_OK)
		return -1;
	return charset_prepare() == ERR_OK ? 0 : -1; /* twice is once */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(none),
	    cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
