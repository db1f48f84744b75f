/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/hex.h"

#include <sodium.h>
#include <string.h>

#include "common/base/clock.h"
#include "tests/unit/test.h"

static void
encodes_and_decodes(void **state)
{
	unsigned char bytes[256], back[256];
	char text[513];
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	hex_encode(bytes, 256, text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_memory_equal(text + 506, "fdfeff", 6);
	assert_ok(hex_decode(text, 512, back, 256, &len));
	assert_int_equal(len, 256);
	assert_memory_equal(back, bytes, 256);
	assert_ok(hex_decode("aBCd", 4, back, 2, &len));
	assert_memory_equal(back, "\xab\xcd", 2);
	hex_encode(bytes, 0, text);
	assert_string_equal(text, "");
	assert_ok(hex_decode("", 0, back, 0, &len));
	assert_int_equal(len, 0);
}

static void
refuses_all_else(void **state)
{
	unsigned char back[4];
	size_t len = 77;

	(void)state;
	assert_error(hex_decode("abc", 3, back, 4, &len), ERR_INPUT);
	assert_error(hex_decode("ag", 2, back, 4, &len), ERR_INPUT);
	assert_error(hex_decode("ab:cd", 5, back, 4, &len), ERR_INPUT);
	assert_error(hex_decode("ab cd ", 6, back, 4, &len), ERR_INPUT);
	assert_error(hex_decode("ab\0d", 4, back, 4, &len), ERR_INPUT);
	assert_error(hex_decode("aabbccddee", 10, back, 4, &len), ERR_INPUT);
	assert_int_equal(len, 77);
}

static void
uuids(void **state)
{
	static const unsigned char ones[16] = {255, 255, 255, 255, 255, 255,
	    255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	static const unsigned char zeros[16];
	char a[UUID_TEXT], b[UUID_TEXT];

	(void)state;
	uuid_from_bytes(zeros, a);
	assert_string_equal(a, "00000000-0000-8000-8000-000000000000");
	uuid_from_bytes(ones, a);
	assert_string_equal(a, "ffffffff-ffff-8fff-bfff-ffffffffffff");
	uuid_random(a);
	uuid_random(b);
	assert_true(uuid_valid(a));
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_string_not_equal(a, b);
}

static void
uuid_text_is_exact(void **state)
{
	char good[] = "0123abcd-ef01-4000-8000-00000000000f";
	size_t i;

	(void)state;
	assert_true(uuid_valid(good));
	assert_false(uuid_valid(""));
	assert_false(uuid_valid("0123abcd-ef01-4000-8000-00000000000"));
	assert_false(uuid_valid("0123abcd-ef01-4000-8000-00000000000f0"));
	assert_false(uuid_valid("0123ABCD-ef01-4000-8000-00000000000f"));
	assert_false(uuid_valid("{123abcd-ef01-4000-8000-00000000000}"));
	for (i = 0; i < sizeof good - 1; i++) {
		char was = good[i];

		good[i] = was == '-' ? 'a' : 'g';
		assert_false(uuid_valid(good));
		good[i] = '\'';
		assert_false(uuid_valid(good));
		good[i] = was;
	}
}

static void
every_error_has_words(void **state)
{
	int e;

	(void)state;
	for (e = ERR_OK; e <= ERR_CRYPTO; e++) {
		assert_non_null(error_text((enum error)e));
		assert_string_not_equal(
		    error_text((enum error)e), "unknown error");
	}
	assert_string_equal(error_text((enum error)99), "unknown error");
}

static void
the_clock_does_not_step_back(void **state)
{
	int64_t before = clock_ms();
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		int64_t now = clock_ms();

		assert_true(now >= before);
		before = now;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(encodes_and_decodes),
	    cmocka_unit_test(refuses_all_else),
	    cmocka_unit_test(uuids),
	    cmocka_unit_test(uuid_text_is_exact),
	    cmocka_unit_test(every_error_has_words),
	    cmocka_unit_test(the_clock_does_not_step_back),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
