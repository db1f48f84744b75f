/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * algorithm.h - the AlgorithmIdentifiers of signatures that stand in our own
 * certificates and CRLs, and in requests: ECDSA (RFC 5758 3.2) and RSA
 * PKCS#1 v1.5 (RFC 4055 5).
 */
#ifndef SEKISHO_CRYPTO_ALGORITHM_H
#define SEKISHO_CRYPTO_ALGORITHM_H

#include "common/crypto/signature.h"

struct algorithm {
	enum padding padding;
	enum hash hash;
};

/* As DER, tag and length included; {NULL, 0} for PSS. */
struct der algorithm_der(struct algorithm algorithm);

/* ERR_INPUT unless it is one of them, octet for octet. */
MUST_CHECK enum error algorithm_find(
    struct der der, struct algorithm *ret_algorithm);

/* What a CA of ours signs with: a hash as strong as its key. */
struct algorithm algorithm_of_key(enum key_kind kind);

/* ERR_CRYPTO if OpenSSL fails. */
MUST_CHECK enum error algorithm_digest(enum hash hash, const void *octets,
    size_t len, unsigned char ret_digest[SIGNATURE_DIGEST_MAX]);

#endif
