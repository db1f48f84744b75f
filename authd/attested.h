/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attested.h - what a card said of a key, judged by the makers that we trust
 * (attestation_root). It is asked when the key is proven, because what
 * card-admin says of it anybody could say.
 */
#ifndef SEKISHO_AUTHD_ATTESTED_H
#define SEKISHO_AUTHD_ATTESTED_H

#include "authd/duty.h"
#include "common/crypto/der.h"

struct attested_claim {
	const char *slot;
	struct der spki;
	struct der statement; /* empty: the card said nothing */
	struct der attester;  /* certificate of the key that signed it */
};

/* The trusted makers' certificates; caller frees with db_result_free. */
MUST_CHECK enum error attested_roots(
    struct duty *duty, struct db_result **ret_roots);

/*
 * "" or why the card cannot be what it says (a word of order_words). ret_pin:
 * a trusted maker says that this key wants the PIN. Without a maker, or a
 * statement, nothing is known and nothing is wrong.
 */
MUST_CHECK enum error attested_judge(const struct db_result *roots,
    const struct attested_claim *claim, int64_t now, const char **ret_why,
    bool *ret_pin);

#endif
