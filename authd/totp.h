/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * totp.h - time-based one-time codes (RFC 6238) by liboath. Runs in the
 * keyring only, the one place where seeds are in clear.
 */
#ifndef SEKISHO_AUTHD_TOTP_H
#define SEKISHO_AUTHD_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/base/secret.h"

enum { TOTP_WINDOW_MAX = 10, TOTP_RESYNC_MAX = 200, TOTP_DRIFT_MAX = 100 };

struct totp {
	int flags;	   /* liboath's name of the hash */
	unsigned digits;   /* 6 or 8 */
	unsigned period;   /* seconds */
	int64_t drift;	   /* steps the token's clock runs ahead */
	int64_t last_step; /* newest step accepted; older ones are spent */
};

struct totp_match {
	int64_t step;
	int64_t drift; /* step - now / period: what to learn */
	bool spent;
};

/* Once per process, before anything below. */
MUST_CHECK enum error totp_open(void);

MUST_CHECK enum error totp_init(struct totp *ret_totp, const char *algorithm,
    unsigned digits, unsigned period, int64_t drift, int64_t last_step);

/*
 * Looks for the code among the steps within window of the token's own clock,
 * and that of now. ERR_NOTFOUND when there is none. An unspent step is
 * preferred.
 */
MUST_CHECK enum error totp_check(const struct totp *totp,
    const struct secret *seed, const void *code, size_t len, int64_t now,
    unsigned window, struct totp_match *ret_match);

/* Two codes of consecutive steps, looked for in a wider window (RFC 6238 6). */
MUST_CHECK enum error totp_resync(const struct totp *totp,
    const struct secret *seed, const void *code1, size_t len1,
    const void *code2, size_t len2, int64_t now, unsigned window,
    struct totp_match *ret_match);

#endif
