/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piv_key.h - keys and blocks between a card's own forms and the world's.
 * Pure.
 */
#ifndef SEKISHO_CARDTOOLS_PIV_KEY_H
#define SEKISHO_CARDTOOLS_PIV_KEY_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/spki.h"

/* SubjectPublicKeyInfo of an uncompressed point; SPKI_MAX octets of room. */
MUST_CHECK enum error piv_spki_ec(const unsigned char *point, size_t point_len,
    unsigned char *ret_spki, size_t *ret_len);

/* The same of an RSA modulus and exponent. */
MUST_CHECK enum error piv_spki_rsa(const unsigned char *n, size_t n_len,
    const unsigned char *e, size_t e_len, unsigned char *ret_spki,
    size_t *ret_len);

/*
 * What the card is given to sign SHA-256 of something: EC: the digest, as
 * long as the curve (zeros in front change no signature, and some cards take
 * nothing shorter); RSA: a whole block of PKCS#1 v1.5 (RFC 8017 9.2), for the
 * card computes only the power. ret_block has room for 512 octets.
 */
MUST_CHECK enum error piv_block(const struct spki *key,
    const unsigned char digest[32], unsigned char *ret_block, size_t *ret_len);

#endif
