/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A time near the largest number overflowed when it was made of a step again
 * (undefined; UBSan). The keyring is told the time by others.
 */
#include "authd/totp.h"
#include "tests/unit/test.h"

static void
code_at_the_end_of_time(void **state)
{
	struct secret *seed = NULL;
	struct totp_match match;
	struct totp totp;

	(void)state;
	assert_ok(totp_open());
	assert_ok(secret_copy("12345678901234567890", 20, &seed));
	assert_ok(totp_init(&totp, "SHA1", 6, 30, 100, 0));
	assert_error(
	    totp_check(&totp, seed, "000000", 6, INT64_MAX, 10, &match),
	    ERR_NOTFOUND);
	secret_free(&seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(code_at_the_end_of_time)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
