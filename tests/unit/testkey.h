/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testkey.h - keys that sign, made anew for each run. */
#ifndef SEKISHO_TESTS_UNIT_TESTKEY_H
#define SEKISHO_TESTS_UNIT_TESTKEY_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/crypto/signature.h"
#include "tests/unit/test.h"

struct testkey {
	EVP_PKEY *key;
	unsigned char spki[2 * SPKI_MAX];
	size_t len;
};

/* Any key of OpenSSL's, also one that we do not take; takes it over. */
static inline void
testkey_wrap(EVP_PKEY *key, struct testkey *ret_key)
{
	unsigned char *der = ret_key->spki;
	int len = i2d_PUBKEY(key, NULL);

	assert_non_null(key);
	assert_in_range(len, 1, (int)sizeof ret_key->spki);
	assert_int_equal(i2d_PUBKEY(key, &der), len);
	ret_key->key = key;
	ret_key->len = (size_t)len;
}

static inline void
testkey_ec(const char *curve, struct testkey *ret_key)
{
	testkey_wrap(EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve), ret_key);
}

static inline void
testkey_rsa(unsigned bits, struct testkey *ret_key)
{
	testkey_wrap(
	    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits), ret_key);
}

/* Signs a digest; salt is for PSS. */
static inline size_t
testkey_sign_salt(const struct testkey *key, enum padding padding,
    enum hash hash, int salt, const unsigned char *digest,
    unsigned char ret_signature[SIGNATURE_MAX])
{
	const EVP_MD *md = hash == HASH_SHA256	 ? EVP_sha256()
			   : hash == HASH_SHA384 ? EVP_sha384()
						 : EVP_sha512();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
	size_t len = SIGNATURE_MAX;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	if (padding != PADDING_NONE)
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_padding(
			ctx, padding == PADDING_PSS ? RSA_PKCS1_PSS_PADDING
						    : RSA_PKCS1_PADDING),
		    1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	if (padding == PADDING_PSS)
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt), 1);
	assert_int_equal(
	    EVP_PKEY_sign(ctx, ret_signature, &len, digest, hash_len(hash)), 1);
	EVP_PKEY_CTX_free(ctx);
	return len;
}

static inline size_t
testkey_sign(const struct testkey *key, enum scheme scheme,
    const unsigned char *digest, unsigned char ret_signature[SIGNATURE_MAX])
{
	static const enum padding padding[] = {
	    PADDING_NONE, PADDING_PKCS1, PADDING_PSS};

	return testkey_sign_salt(
	    key, padding[scheme], HASH_SHA256, 32, digest, ret_signature);
}

#endif
