/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signature.h - is this a signature of that digest by this key? Not for
 * several threads. After any call OpenSSL's queue of errors is empty.
 */
#ifndef SEKISHO_CRYPTO_SIGNATURE_H
#define SEKISHO_CRYPTO_SIGNATURE_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/spki.h"

enum {
	SIGNATURE_MAX = 512, /* RSA with 4096 bits */
	SIGNATURE_DIGEST = 32,
	SIGNATURE_DIGEST_MAX = 64
};

/* How the digest was signed, and with which hash it was made. */
enum scheme {
	SCHEME_ECDSA_SHA256,	 /* DER, SEC 1 C.5; P-384 signs 32 octets too */
	SCHEME_RSA_PKCS1_SHA256, /* RFC 8017 8.2, DigestInfo with its NULL */
	SCHEME_RSA_PSS_SHA256,	 /* RFC 8017 8.1, MGF1-SHA-256, salt 32 */
};

/* "ecdsa-sha256", "rsa-pkcs1-sha256", "rsa-pss-sha256". */
const char *scheme_text(enum scheme scheme);

/* ERR_INPUT for any other text. */
MUST_CHECK enum error scheme_from_text(
    const void *text, size_t len, enum scheme *ret_scheme);

/*
 * Finds one signature of each scheme wrong, so that everything that OpenSSL
 * and libc want to open or fetch is there, for certificates and paths too:
 * called before a process locks itself in.
 */
MUST_CHECK enum error signature_init(void);

/*
 * ERR_OK only if the signature is right. Otherwise:
 *   ERR_MISMATCH  it is well formed, and wrong
 *   ERR_INPUT     the key is not one that spki.h takes, does not go with the
 *                 scheme, or the signature is not well formed (ECDSA: strict
 *                 DER; RSA: as long as the modulus). Who has the key from his
 *                 own records and wants to know which of them it was asks
 *                 spki_parse first.
 *   ERR_CRYPTO    OpenSSL failed: nothing is known about the signature
 */
MUST_CHECK enum error signature_verify(const void *spki, size_t spki_len,
    enum scheme scheme, const unsigned char digest[SIGNATURE_DIGEST],
    const void *signature, size_t len);

enum padding { PADDING_NONE /* ECDSA */, PADDING_PKCS1, PADDING_PSS };
enum hash { HASH_SHA256, HASH_SHA384, HASH_SHA512 };

size_t hash_len(enum hash hash);

/*
 * The same with another hash, for certificates; the digest has hash_len(hash)
 * octets. The salt of PSS is as long as the digest.
 */
MUST_CHECK enum error signature_verify_hash(const void *spki, size_t spki_len,
    enum padding padding, enum hash hash, const unsigned char *digest,
    const void *signature, size_t len);

#endif
