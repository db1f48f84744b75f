/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/state.h"

#include <sodium.h>
#include <string.h>

#include "tests/unit/test.h"

static void
text_is_base64url_without_nul(void **state)
{
	uint8_t random[STATE_RANDOM];
	char text[STATE_TEXT];
	unsigned i;

	(void)state;
	memset(random, 0, sizeof random);
	state_format(random, text);
	assert_string_equal(text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	memset(random, 0xff, sizeof random);
	state_format(random, text);
	assert_string_equal(text, "________________________________");
	for (i = 0; i < STATE_RANDOM; i++)
		random[i] = (uint8_t)(i * 11);
	state_format(random, text);
	assert_int_equal(strlen(text), 32);
	assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				      "nopqrstuvwxyz0123456789-_"),
	    32);
}

static void
the_hash_is_sha256_of_the_text(void **state)
{
	static const char text[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	uint8_t hash[STATE_HASH], want[STATE_HASH];

	(void)state;
	(void)crypto_hash_sha256(want, (const unsigned char *)text, 32);
	assert_ok(state_hash(text, 32, hash));
	assert_memory_equal(hash, want, sizeof want);
}

static void
anything_else_is_refused(void **state)
{
	char text[STATE_TEXT] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	uint8_t hash[STATE_HASH] = {7}, untouched[STATE_HASH] = {7};
	unsigned c;
	size_t len;

	(void)state;
	for (len = 0; len < 64; len++) {
		char longer[64];

		memset(longer, 'A', sizeof longer);
		assert_error(state_hash(longer, len, hash),
		    len == 32 ? ERR_OK : ERR_INPUT);
	}
	memcpy(hash, untouched, sizeof hash);
	for (c = 0; c < 256; c++) {
		bool good = c < 128 && c != 0 &&
			    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				   "qrstuvwxyz0123456789-_",
				(int)c) != NULL;

		text[17] = (char)c;
		if (good)
			continue;
		assert_error(state_hash(text, 32, hash), ERR_INPUT);
		assert_memory_equal(hash, untouched, sizeof hash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_base64url_without_nul),
	    cmocka_unit_test(the_hash_is_sha256_of_the_text),
	    cmocka_unit_test(anything_else_is_refused),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
