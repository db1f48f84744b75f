/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <string.h>

enum error
totp_open(void)
{
	return oath_init() == OATH_OK ? ERR_OK : ERR_SYSTEM;
}

enum error
totp_init(struct totp *ret_totp, const char *algorithm, unsigned digits,
    unsigned period, int64_t drift, int64_t last_step)
{
	struct totp totp = {0, digits, period, drift, last_step};

	if (strcmp(algorithm, "SHA1") == 0)
		totp.flags = 0;
	else if (strcmp(algorithm, "SHA256") == 0)
		totp.flags = OATH_TOTP_HMAC_SHA256;
	else if (strcmp(algorithm, "SHA512") == 0)
		totp.flags = OATH_TOTP_HMAC_SHA512;
	else
		return ERR_INPUT;
	if ((digits != 6 && digits != 8) || (period != 30 && period != 60) ||
	    drift > TOTP_DRIFT_MAX || drift < -TOTP_DRIFT_MAX)
		return ERR_INPUT;
	*ret_totp = totp;
	return ERR_OK;
}

/* Whether the code is that of one step; constant time in the digits. */
static bool
is_code_of(const struct totp *totp, const struct secret *seed, const void *code,
    size_t len, int64_t step)
{
	char expected[16] = "";
	bool equal;

	if (step < 0 || step > INT64_MAX / 60 || len != totp->digits ||
	    oath_totp_generate2((const char *)seed->bytes, seed->len,
		(time_t)(step * totp->period), totp->period, 0, totp->digits,
		totp->flags, expected) != OATH_OK)
		return false;
	equal = sodium_memcmp(expected, code, len) == 0;
	sodium_memzero(expected, sizeof expected);
	return equal;
}

enum error
totp_check(const struct totp *totp, const struct secret *seed, const void *code,
    size_t len, int64_t now, unsigned window, struct totp_match *ret_match)
{
	const int64_t now_step = now / totp->period;
	const int64_t centre = now_step + totp->drift;
	struct totp_match match;
	bool found = false;
	int64_t step;

	/*
	 * Every step is computed, so time does not tell which one matched. The
	 * one of this moment is always among them: who was slow in typing twice
	 * has taught us a drift that the token does not have.
	 */
	for (step = centre - window; step <= centre + window + 1; step++) {
		int64_t at = step > centre + window ? now_step : step;
		bool equal = is_code_of(totp, seed, code, len, at);
		bool spent = at <= totp->last_step;

		if (equal && (!found || (match.spent && !spent))) {
			match.step = at;
			match.drift = at - now_step;
			match.spent = spent;
			found = true;
		}
	}
	if (!found)
		return ERR_NOTFOUND;
	/* A token may run away slowly, but not out of reach of a resync. */
	if (match.drift > TOTP_DRIFT_MAX)
		match.drift = TOTP_DRIFT_MAX;
	if (match.drift < -TOTP_DRIFT_MAX)
		match.drift = -TOTP_DRIFT_MAX;
	*ret_match = match;
	return ERR_OK;
}

enum error
totp_resync(const struct totp *totp, const struct secret *seed,
    const void *code1, size_t len1, const void *code2, size_t len2, int64_t now,
    unsigned window, struct totp_match *ret_match)
{
	const int64_t now_step = now / totp->period;
	int64_t reach = window < TOTP_DRIFT_MAX ? window : TOTP_DRIFT_MAX;
	int64_t step;

	for (step = now_step - reach; step < now_step + reach; step++) {
		if (step > totp->last_step &&
		    is_code_of(totp, seed, code1, len1, step) &&
		    is_code_of(totp, seed, code2, len2, step + 1)) {
			/* now is about the second code's step */
			ret_match->step = step + 1;
			ret_match->drift = step + 1 - now_step;
			ret_match->spent = false;
			return ERR_OK;
		}
	}
	return ERR_NOTFOUND;
}
