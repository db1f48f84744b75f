/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards.h - cards of people who do not exist: each login has a P-256 key that
 * follows from its name, so that the seeder and the load agree without a file.
 * Good for a load and nothing else.
 */
#ifndef SEKISHO_BENCH_CARDS_H
#define SEKISHO_BENCH_CARDS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	CARDS_SPKI = 91,
	CARDS_KEY_ID = 32,
	CARDS_SIGNATURE = 80,
	CARDS_CREDENTIAL = 64,
	CARDS_AUTH_DATA = 37
};

struct card; /* one key */

MUST_CHECK enum error card_new(const char *login, struct card **ret_card);
void card_free(struct card **card);

/* SubjectPublicKeyInfo in DER, and SHA-256 of it. */
const uint8_t *card_spki(const struct card *card);
const uint8_t *card_key_id(const struct card *card);

/* ECDSA of a SHA-256 digest, in DER. */
MUST_CHECK enum error card_sign(struct card *card, const uint8_t digest[32],
    uint8_t ret_signature[CARDS_SIGNATURE], size_t *ret_len);

/*
 * The same key as a FIDO2 key: its credential id, and an assertion for this
 * relying party over the digest of what is signed, with UP and UV.
 */
const uint8_t *card_credential(const struct card *card);
/* SHA-256 of it, which names it. */
void card_credential_id(const struct card *card, uint8_t ret_id[32]);
MUST_CHECK enum error card_assert(struct card *card, const char *rp_id,
    uint32_t counter, const uint8_t digest[32],
    uint8_t ret_data[CARDS_AUTH_DATA], uint8_t ret_signature[CARDS_SIGNATURE],
    size_t *ret_len);

#endif
