/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * issue_sign.h - what certificates and CRLs have in common when they are
 * made; for common/crypto alone.
 *
 * OpenSSL signs what it builds in one step, with a key that it has. Ours is
 * in a token, so the inner parts are described to OpenSSL's ASN.1 coder as
 * RFC 5280 writes them, coded, signed elsewhere, and put together here.
 */
#ifndef SEKISHO_CRYPTO_ISSUE_SIGN_H
#define SEKISHO_CRYPTO_ISSUE_SIGN_H

#include "common/crypto/issue.h"
#include "common/crypto/ossl.h"

/* A value that is DER already and goes in as it is. */
MUST_CHECK enum error issue_as_is(struct der der, ASN1_TYPE **ret_value);

/* UTCTime to the end of 2049, then GeneralizedTime (RFC 5280 4.1.2.5). */
MUST_CHECK enum error issue_time(int64_t seconds, ASN1_TIME **ret_time);

/* The AlgorithmIdentifier that the signer will sign with. */
MUST_CHECK enum error issue_algorithm(
    const struct issue_signer *signer, ASN1_TYPE **ret_value);

/* The CA's certificate; ERR_INPUT unless it is one with the signer's key. */
MUST_CHECK enum error issue_authority(struct der der,
    const struct issue_signer *signer, struct certificate *ret_certificate,
    X509 **ret_x509);

/*
 * Codes tbs, has it signed, verifies that, and puts tbs, algorithm and
 * signature into one SEQUENCE. Caller frees with OPENSSL_free.
 */
MUST_CHECK enum error issue_sign(const void *tbs, const ASN1_ITEM *item,
    const struct issue_signer *signer, unsigned char **ret_der,
    size_t *ret_len);

#endif
