/* SPDX-License-Identifier: GPL-2.0-or-later */
/* factor_totp.h - evaluates one-time codes at the keyring. */
#ifndef SEKISHO_AUTHD_FACTOR_TOTP_H
#define SEKISHO_AUTHD_FACTOR_TOTP_H

#include "authd/store.h"
#include "authd/worker.h"
#include "common/rules/code.h"

enum totp_result { TOTP_WRONG, TOTP_RIGHT, TOTP_SPENT };

struct totp_outcome {
	enum totp_result result;
	size_t code;			 /* which candidate it was */
	const struct store_token *token; /* whose step it is */
	int64_t step, drift;
};

/* Tries every code with every token of the person. */
MUST_CHECK enum error factor_totp(struct worker *w,
    const struct store_view *view, const struct code *codes, size_t n_codes,
    struct totp_outcome *ret_outcome);

#endif
