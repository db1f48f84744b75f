/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode.h - what a token (PKCS#11) takes and gives, from and into the forms
 * that the rest of the world uses.
 */
#ifndef SEKISHO_CRYPTO_ENCODE_H
#define SEKISHO_CRYPTO_ENCODE_H

#include "common/crypto/signature.h"

enum { ENCODE_DIGEST_INFO = 19 + SIGNATURE_DIGEST_MAX };

/* DigestInfo (RFC 8017 9.2, note 1): what CKM_RSA_PKCS signs. */
void encode_digest_info(enum hash hash, const unsigned char *digest,
    unsigned char ret_info[ENCODE_DIGEST_INFO], size_t *ret_len);

/*
 * CKM_ECDSA answers r and s, each half of the octets: as DER (SEC 1 C.5).
 * ERR_INPUT for an odd length, more than 2 * 48 octets, or a zero.
 */
MUST_CHECK enum error encode_ecdsa(const unsigned char *raw, size_t len,
    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len);

/*
 * CKA_EC_PARAMS and CKA_EC_POINT (an OCTET STRING; some give its contents
 * alone) as SubjectPublicKeyInfo. ERR_INPUT for other curves and points.
 */
MUST_CHECK enum error encode_spki_ec(struct der params, struct der point,
    unsigned char ret_spki[SPKI_MAX], size_t *ret_len);

/* CKA_MODULUS and CKA_PUBLIC_EXPONENT; leading 00 are left out. */
MUST_CHECK enum error encode_spki_rsa(struct der modulus, struct der exponent,
    unsigned char ret_spki[SPKI_MAX], size_t *ret_len);

/* The CKA_EC_PARAMS of a curve; {NULL, 0} for KEY_RSA. */
struct der encode_curve(enum key_kind kind);

#endif
