/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES on one block: the examples of FIPS 197, appendix C, and back again. */
#include "common/crypto/block.h"

#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/test.h"

static const struct {
	enum block_cipher cipher;
	const char *out;
} examples[] = {
    {BLOCK_AES128, "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {BLOCK_AES192, "dda97ca4864cdfe06eaf70a0ec0d7191"},
    {BLOCK_AES256, "8ea2b7ca516745bfeafc49904b496089"},
};

static void
fips_197(void **state)
{
	unsigned char key[BLOCK_KEY_MAX], in[BLOCK_LEN], out[BLOCK_LEN];
	char hex[2 * BLOCK_LEN + 1];
	size_t i;
	int n;

	(void)state;
	for (n = 0; n < BLOCK_KEY_MAX; n++)
		key[n] = (unsigned char)n;
	for (n = 0; n < BLOCK_LEN; n++)
		in[n] = (unsigned char)(n * 0x11);
	for (i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		assert_error(
		    block_encrypt(examples[i].cipher, key, in, out), ERR_OK);
		hex_encode(out, sizeof out, hex);
		assert_string_equal(hex, examples[i].out);
		assert_error(
		    block_decrypt(examples[i].cipher, key, out, out), ERR_OK);
		assert_memory_equal(out, in, sizeof in);
	}
}

static void
what_there_is(void **state)
{
	(void)state;
	assert_true(block_known(0x0a));
	assert_false(block_known(0x03)); /* 3DES has blocks of 8 octets */
	assert_false(block_known(0));
	assert_int_equal(block_key_len(BLOCK_AES192), 24);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fips_197),
	    cmocka_unit_test(what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
