/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testfido.h - what a FIDO2 key says, made octet by octet: also what none
 * would. */
#ifndef SEKISHO_TESTS_UNIT_TESTFIDO_H
#define SEKISHO_TESTS_UNIT_TESTFIDO_H

#include <openssl/ec.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto/webauthn.h"
#include "tests/unit/testkey.h"

struct testfido {
	unsigned char at[16384];
	size_t len;
};

enum testfido_major {
	FIDO_UNSIGNED,
	FIDO_NEGATIVE,
	FIDO_OCTETS,
	FIDO_TEXT,
	FIDO_LIST,
	FIDO_MAP
};

static inline void
testfido_put(struct testfido *to, const void *octets, size_t len)
{
	if (len > sizeof to->at - to->len)
		abort();
	memcpy(to->at + to->len, octets, len);
	to->len += len;
}

/* The head of an item of CBOR, in its shortest form. */
static inline void
testfido_head(struct testfido *to, enum testfido_major major, uint64_t n)
{
	const unsigned char kind = (unsigned char)(major << 5);
	const unsigned char head[] = {(unsigned char)(n < 24	  ? kind | n
						      : n < 0x100 ? kind | 24U
								  : kind | 25U),
	    (unsigned char)(n < 0x100 ? n : n >> 8), (unsigned char)n};

	testfido_put(to, head, n < 24 ? 1 : n < 0x100 ? 2 : 3);
}

static inline void
testfido_number(struct testfido *to, int64_t n)
{
	if (n < 0)
		testfido_head(to, FIDO_NEGATIVE, (uint64_t)(-1 - n));
	else
		testfido_head(to, FIDO_UNSIGNED, (uint64_t)n);
}

static inline void
testfido_octets(struct testfido *to, const void *octets, size_t len)
{
	testfido_head(to, FIDO_OCTETS, len);
	testfido_put(to, octets, len);
}

static inline void
testfido_text(struct testfido *to, const char *text)
{
	testfido_head(to, FIDO_TEXT, strlen(text));
	testfido_put(to, text, strlen(text));
}

/* A COSE_Key of that algorithm; OpenSSL's key is of the kind that fits. */
static inline void
testfido_cose(const struct testkey *key, int algorithm, struct testfido *to)
{
	unsigned char raw[256 + 1];
	size_t len = 0, half;
	BIGNUM *n = NULL;

	testfido_head(to, FIDO_MAP,
	    algorithm == WEBAUTHN_EDDSA || algorithm == WEBAUTHN_RS256 ? 4 : 5);
	testfido_number(to, 1);
	testfido_number(to, algorithm == WEBAUTHN_EDDSA	  ? 1
			    : algorithm == WEBAUTHN_RS256 ? 3
							  : 2);
	testfido_number(to, 3);
	testfido_number(to, algorithm);
	testfido_number(to, -1);
	switch (algorithm) {
	case WEBAUTHN_RS256:
		assert_int_equal(
		    EVP_PKEY_get_bn_param(key->key, OSSL_PKEY_PARAM_RSA_N, &n),
		    1);
		len = (size_t)BN_num_bytes(n);
		assert_in_range(len, 1, sizeof raw);
		(void)BN_bn2bin(n, raw);
		BN_free(n);
		testfido_octets(to, raw, len);
		testfido_number(to, -2);
		testfido_octets(to, "\1\0\1", 3);
		return;
	case WEBAUTHN_EDDSA:
		len = sizeof raw;
		assert_int_equal(
		    EVP_PKEY_get_raw_public_key(key->key, raw, &len), 1);
		testfido_number(to, 6);
		testfido_number(to, -2);
		testfido_octets(to, raw, len);
		return;
	}
	assert_int_equal(EVP_PKEY_get_octet_string_param(key->key,
			     OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof raw, &len),
	    1);
	half = (len - 1) / 2; /* behind the 4 of an uncompressed point */
	testfido_number(to, algorithm == WEBAUTHN_ES384 ? 2 : 1);
	testfido_number(to, -2);
	testfido_octets(to, raw + 1, half);
	testfido_number(to, -3);
	testfido_octets(to, raw + 1 + half, half);
}

/* authenticatorData; with a credential if cose is not NULL. */
static inline void
testfido_authdata(const char *rp_id, unsigned flags, uint32_t counter,
    const unsigned char aaguid[WEBAUTHN_AAGUID], const void *id, size_t id_len,
    const struct testfido *cose, struct testfido *to)
{
	const unsigned char tail[] = {(unsigned char)flags,
	    (unsigned char)(counter >> 24), (unsigned char)(counter >> 16),
	    (unsigned char)(counter >> 8), (unsigned char)counter};
	const unsigned char id_head[] = {
	    (unsigned char)(id_len >> 8), (unsigned char)id_len};
	unsigned char hash[WEBAUTHN_HASH];

	crypto_hash_sha256(hash, (const unsigned char *)rp_id, strlen(rp_id));
	testfido_put(to, hash, sizeof hash);
	testfido_put(to, tail, sizeof tail);
	if (cose == NULL)
		return;
	testfido_put(to, aaguid, WEBAUTHN_AAGUID);
	testfido_put(to, id_head, sizeof id_head);
	testfido_put(to, id, id_len);
	testfido_put(to, cose->at, cose->len);
}

/* A signature as it stands in a statement or an assertion, over two parts. */
static inline void
testfido_sign(const struct testkey *key, const EVP_MD *md, const void *first,
    size_t first_len, const void *second, size_t second_len,
    struct testfido *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct testfido all = {.len = 0};

	testfido_put(&all, first, first_len);
	testfido_put(&all, second, second_len);
	ret->len = 1024;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, md, NULL, key->key), 1);
	assert_int_equal(
	    EVP_DigestSign(ctx, ret->at, &ret->len, all.at, all.len), 1);
	EVP_MD_CTX_free(ctx);
}

/* {"fmt", "attStmt", "authData"}; the statement is an item of CBOR. */
static inline void
testfido_object(const char *format, const struct testfido *statement,
    const struct testfido *authdata, struct testfido *to)
{
	testfido_head(to, FIDO_MAP, 3);
	testfido_text(to, "fmt");
	testfido_text(to, format);
	testfido_text(to, "attStmt");
	testfido_put(to, statement->at, statement->len);
	testfido_text(to, "authData");
	testfido_octets(to, authdata->at, authdata->len);
}

#endif
