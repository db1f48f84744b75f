/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsodium 1.0.18 decodes octets from 128 on as if they were base64url, so
 * state_hash took a State that we can never have given.
 */
#include "common/wire/state.h"
#include "tests/unit/test.h"

static void
state_beyond_ascii(void **state)
{
	char text[STATE_TEXT] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	uint8_t hash[STATE_HASH];
	int c;

	(void)state;
	for (c = 128; c < 256; c++) {
		text[31] = (char)c;
		assert_error(state_hash(text, 32, hash), ERR_INPUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(state_beyond_ascii)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
