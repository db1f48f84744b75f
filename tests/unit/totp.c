/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/totp.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

static const char digits20[] = "12345678901234567890";
static const char digits32[] = "12345678901234567890123456789012";
static const char digits64[] = "1234567890123456789012345678901234567890"
			       "123456789012345678901234";
static struct secret *seed20;

static int
set_up(void **state)
{
	(void)state;
	return totp_open() == ERR_OK &&
		       secret_copy(digits20, 20, &seed20) == ERR_OK
		   ? 0
		   : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	secret_free(&seed20);
	return 0;
}

static struct totp
sha1(unsigned digits, int64_t drift, int64_t last_step)
{
	struct totp totp;

	assert_ok(totp_init(&totp, "SHA1", digits, 30, drift, last_step));
	return totp;
}

/* RFC 6238 Appendix B, with its errata's seeds. */
static void
rfc6238_appendix_b(void **state)
{
	static const struct {
		int64_t time;
		const char *sha1, *sha256, *sha512;
	} vectors[] = {
	    {59, "94287082", "46119246", "90693936"},
	    {1111111109, "07081804", "68084774", "25091201"},
	    {1111111111, "14050471", "67062674", "99943326"},
	    {1234567890, "89005924", "91819424", "93441116"},
	    {2000000000, "69279037", "90698825", "38618901"},
	    {20000000000, "65353130", "77737706", "47863826"},
	};
	static const char *const names[] = {"SHA1", "SHA256", "SHA512"};
	struct secret *seeds[3] = {NULL, NULL, NULL};
	struct totp_match match;
	struct totp totp;
	size_t i, h;

	(void)state;
	assert_ok(secret_copy(digits20, 20, &seeds[0]));
	assert_ok(secret_copy(digits32, 32, &seeds[1]));
	assert_ok(secret_copy(digits64, 64, &seeds[2]));
	for (i = 0; i < COUNT(vectors); i++) {
		const char *codes[3] = {
		    vectors[i].sha1, vectors[i].sha256, vectors[i].sha512};

		for (h = 0; h < 3; h++) {
			assert_ok(totp_init(&totp, names[h], 8, 30, 0, 0));
			assert_ok(totp_check(&totp, seeds[h], codes[h], 8,
			    vectors[i].time, 0, &match));
			assert_true(match.step == vectors[i].time / 30);
			assert_false(match.spent);
			/* another hash's code is wrong */
			assert_error(
			    totp_check(&totp, seeds[h], codes[(h + 1) % 3], 8,
				vectors[i].time, 0, &match),
			    ERR_NOTFOUND);
		}
	}
	for (h = 0; h < 3; h++)
		secret_free(&seeds[h]);
}

/* RFC 4226 Appendix D: the counter is the step. */
static const char *const hotp[] = {"755224", "287082", "359152", "969429",
    "338314", "254676", "287922", "162583", "399871", "520489"};

static void
rfc4226_appendix_d(void **state)
{
	struct totp totp = sha1(6, 0, -1);
	struct totp_match match;
	int64_t step;

	(void)state;
	for (step = 0; step < 10; step++) {
		assert_ok(totp_check(
		    &totp, seed20, hotp[step], 6, step * 30 + 29, 0, &match));
		assert_true(match.step == step && match.drift == 0);
	}
}

static void
the_window_is_exact(void **state)
{
	struct totp totp = sha1(6, 0, -1);
	struct totp_match match;
	unsigned window;
	int64_t at;

	(void)state;
	for (window = 0; window <= 3; window++) {
		for (at = 0; at < 10; at++) {
			int64_t off = 5 - at;
			bool within = off <= window && -off <= (int)window;

			assert_error(totp_check(&totp, seed20, hotp[5], 6,
					 at * 30, window, &match),
			    within ? ERR_OK : ERR_NOTFOUND);
			if (within)
				assert_true(
				    match.step == 5 && match.drift == off);
		}
	}
}

static void
drift_moves_the_window(void **state)
{
	struct totp ahead = sha1(6, 3, -1);
	struct totp_match match;

	(void)state;
	/* now is step 2, the token shows 5 */
	assert_ok(totp_check(&ahead, seed20, hotp[5], 6, 60, 0, &match));
	assert_true(match.drift == 3);
	assert_error(totp_check(&ahead, seed20, hotp[1], 6, 60, 1, &match),
	    ERR_NOTFOUND);
	assert_error(totp_check(&ahead, seed20, hotp[3], 6, 60, 1, &match),
	    ERR_NOTFOUND);
	assert_ok(totp_check(&ahead, seed20, hotp[6], 6, 60, 1, &match));
	assert_true(match.drift == 4);
	/* a code of this moment counts, whatever was learnt, but once */
	assert_ok(totp_check(&ahead, seed20, hotp[2], 6, 60, 1, &match));
	assert_true(match.step == 2 && match.drift == 0 && !match.spent);
	ahead.last_step = 2;
	assert_ok(totp_check(&ahead, seed20, hotp[2], 6, 60, 1, &match));
	assert_true(match.spent);
}

static void
a_spent_step_is_told_apart(void **state)
{
	struct totp totp = sha1(6, 0, 5);
	struct totp_match match;

	(void)state;
	assert_ok(totp_check(&totp, seed20, hotp[5], 6, 150, 1, &match));
	assert_true(match.spent && match.step == 5);
	assert_ok(totp_check(&totp, seed20, hotp[4], 6, 150, 1, &match));
	assert_true(match.spent);
	assert_ok(totp_check(&totp, seed20, hotp[6], 6, 150, 1, &match));
	assert_false(match.spent);
}

static void
what_is_no_code(void **state)
{
	struct totp totp = sha1(6, 0, -1);
	struct totp_match match;

	(void)state;
	assert_error(totp_check(&totp, seed20, "000000", 6, 150, 10, &match),
	    ERR_NOTFOUND);
	assert_error(totp_check(&totp, seed20, hotp[5], 5, 150, 1, &match),
	    ERR_NOTFOUND);
	assert_error(
	    totp_check(&totp, seed20, "", 0, 150, 1, &match), ERR_NOTFOUND);
	assert_error(totp_check(&totp, seed20, "94287082", 8, 59, 1, &match),
	    ERR_NOTFOUND);
	assert_error(totp_check(&totp, seed20, "25467\0", 6, 150, 1, &match),
	    ERR_NOTFOUND);
}

/* Before 1970, at the end of time: no step, no crash. */
static void
times_nobody_lives_in(void **state)
{
	static const int64_t times[] = {INT64_MIN, INT64_MIN / 30, -3000, -1,
	    INT64_MAX / 30, INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
	struct totp totp = sha1(6, 100, INT64_MAX);
	struct totp_match match;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(times); i++) {
		enum error err = totp_check(
		    &totp, seed20, "000000", 6, times[i], 10, &match);

		/* one in a million of them may match by chance */
		assert_true(err == ERR_NOTFOUND || match.spent);
		totp.drift = -100;
		totp.last_step = INT64_MIN;
		(void)!totp_resync(&totp, seed20, "000000", 6, "000000", 6,
		    times[i], TOTP_RESYNC_MAX, &match);
		totp = sha1(6, 100, INT64_MAX);
	}
}

static void
parameters_are_bounded(void **state)
{
	struct totp totp;

	(void)state;
	assert_ok(totp_init(&totp, "SHA512", 8, 60, 100, 0));
	assert_ok(totp_init(&totp, "SHA256", 6, 30, -100, 0));
	assert_error(totp_init(&totp, "MD5", 6, 30, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "sha1", 6, 30, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "", 6, 30, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 7, 30, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 0, 30, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 6, 0, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 6, 15, 0, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 6, 30, 101, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 6, 30, -101, 0), ERR_INPUT);
	assert_error(totp_init(&totp, "SHA1", 6, 30, INT64_MIN, 0), ERR_INPUT);
}

/* RFC 6238 6: two codes of consecutive steps. */
static void
resynchronising(void **state)
{
	struct totp totp = sha1(6, 0, -1);
	struct totp_match match;

	(void)state;
	/* it is step 50, the token stands at 3 and then 4 */
	assert_error(totp_check(&totp, seed20, hotp[4], 6, 1500, 10, &match),
	    ERR_NOTFOUND);
	assert_ok(totp_resync(&totp, seed20, hotp[3], 6, hotp[4], 6, 1500,
	    TOTP_RESYNC_MAX, &match));
	assert_true(match.step == 4 && match.drift == -46 && !match.spent);
	/* in that order, without a gap, not the same twice */
	assert_error(totp_resync(&totp, seed20, hotp[4], 6, hotp[3], 6, 1500,
			 TOTP_RESYNC_MAX, &match),
	    ERR_NOTFOUND);
	assert_error(totp_resync(&totp, seed20, hotp[3], 6, hotp[5], 6, 1500,
			 TOTP_RESYNC_MAX, &match),
	    ERR_NOTFOUND);
	assert_error(totp_resync(&totp, seed20, hotp[3], 6, hotp[3], 6, 1500,
			 TOTP_RESYNC_MAX, &match),
	    ERR_NOTFOUND);
	/* not beyond the search, nor beyond what a drift may be */
	assert_error(totp_resync(&totp, seed20, hotp[3], 6, hotp[4], 6, 1500,
			 10, &match),
	    ERR_NOTFOUND);
	assert_error(totp_resync(&totp, seed20, hotp[3], 6, hotp[4], 6, 3300,
			 TOTP_RESYNC_MAX, &match),
	    ERR_NOTFOUND);
	/* not what was spent before */
	totp.last_step = 3;
	assert_error(totp_resync(&totp, seed20, hotp[3], 6, hotp[4], 6, 1500,
			 TOTP_RESYNC_MAX, &match),
	    ERR_NOTFOUND);
	totp.last_step = 2;
	assert_ok(totp_resync(&totp, seed20, hotp[3], 6, hotp[4], 6, 1500,
	    TOTP_RESYNC_MAX, &match));
}

/* A learnt drift can be given to totp_init again. */
static void
drift_stays_in_reach(void **state)
{
	struct totp totp = sha1(6, -100, -1), again;
	struct totp_match match;

	(void)state;
	assert_ok(totp_check(
	    &totp, seed20, hotp[5], 6, (5 + 100 + 8) * 30, 10, &match));
	assert_true(match.step == 5 && match.drift == -TOTP_DRIFT_MAX);
	assert_ok(totp_init(&again, "SHA1", 6, 30, match.drift, match.step));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6238_appendix_b),
	    cmocka_unit_test(rfc4226_appendix_d),
	    cmocka_unit_test(the_window_is_exact),
	    cmocka_unit_test(drift_moves_the_window),
	    cmocka_unit_test(a_spent_step_is_told_apart),
	    cmocka_unit_test(what_is_no_code),
	    cmocka_unit_test(times_nobody_lives_in),
	    cmocka_unit_test(parameters_are_bounded),
	    cmocka_unit_test(resynchronising),
	    cmocka_unit_test(drift_stays_in_reach),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
