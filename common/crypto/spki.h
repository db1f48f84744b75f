/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spki.h - public keys as DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7), in
 * which form the database keeps them. Taken are only:
 *
 *  - EC keys on P-256 or P-384 by name, with an uncompressed point
 *    (RFC 5480 2); there is exactly one such text for a key;
 *  - RSA keys (RFC 3279 2.3.1) of 2048 to 4096 bits whose exponent is odd,
 *    at least 65537 and at most 64 bits long.
 */
#ifndef SEKISHO_CRYPTO_SPKI_H
#define SEKISHO_CRYPTO_SPKI_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/der.h"

enum { SPKI_MAX = 1024, SPKI_KEY_ID = 32 };

enum key_kind { KEY_P256, KEY_P384, KEY_RSA };

struct spki {
	enum key_kind kind;
	unsigned bits;
	struct der point;	      /* EC: 04, x, y */
	struct der modulus, exponent; /* RSA */
};

/* "P-256", "P-384", "RSA". */
const char *key_kind_text(enum key_kind kind);

/* ERR_INPUT unless all of it is as above; ret_spki points into der. */
MUST_CHECK enum error spki_parse(
    const void *der, size_t len, struct spki *ret_spki);

/*
 * For keys that are about to be recorded: ERR_INPUT unless it parses and
 * can be a good key. The point is on its curve; the modulus is odd, has no
 * small factor, is no prime, and does not carry the mark of the chips that
 * made primes anyone can guess (CVE-2017-15361). ERR_CRYPTO if OpenSSL fails.
 */
MUST_CHECK enum error spki_acceptable(
    const void *der, size_t len, struct spki *ret_spki);

/* SHA-256 of the DER; names a key everywhere. */
void spki_key_id(
    const void *der, size_t len, unsigned char ret_id[SPKI_KEY_ID]);

#endif
