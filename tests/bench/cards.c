/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/cards.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct card {
	EVP_PKEY *key;
	uint8_t spki[CARDS_SPKI];
	uint8_t key_id[CARDS_KEY_ID];
	uint8_t credential[CARDS_CREDENTIAL];
};

/* The key whose private half is the digest of the name. */
static EVP_PKEY *
key_of(const char *login)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], point[65];
	char text[128];
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *q = group == NULL ? NULL : EC_POINT_new(group);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	BIGNUM *d = NULL;
	int n = snprintf(text, sizeof text, "sekisho-bench %s", login);

	if (n < 0 || (size_t)n >= sizeof text)
		goto out;
	(void)SHA256((const uint8_t *)text, (size_t)n, digest);
	digest[0] = 0; /* below the order of the curve */
	d = BN_bin2bn(digest, sizeof digest, NULL);
	if (q == NULL || build == NULL || ctx == NULL || d == NULL ||
	    EC_POINT_mul(group, q, d, NULL, NULL, NULL) != 1 ||
	    EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point,
		sizeof point, NULL) != sizeof point ||
	    OSSL_PARAM_BLD_push_utf8_string(
		build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(
		build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	EC_POINT_free(q);
	EC_GROUP_free(group);
	BN_free(d);
	return key;
}

enum error
card_new(const char *login, struct card **ret_card)
{
	struct card *c = calloc(1, sizeof *c);
	uint8_t *at;

	if (c == NULL)
		return ERR_NOMEM;
	c->key = key_of(login);
	at = c->spki;
	if (c->key == NULL || i2d_PUBKEY(c->key, NULL) != CARDS_SPKI ||
	    i2d_PUBKEY(c->key, &at) != CARDS_SPKI) {
		card_free(&c);
		return ERR_CRYPTO;
	}
	(void)SHA256(c->spki, CARDS_SPKI, c->key_id);
	(void)SHA512(c->spki, CARDS_SPKI, c->credential);
	*ret_card = c;
	return ERR_OK;
}

void
card_free(struct card **card)
{
	if (card == NULL || *card == NULL)
		return;
	EVP_PKEY_free((*card)->key);
	free(*card);
	*card = NULL;
}

const uint8_t *
card_spki(const struct card *card)
{
	return card->spki;
}

const uint8_t *
card_key_id(const struct card *card)
{
	return card->key_id;
}

enum error
card_sign(struct card *c, const uint8_t digest[32],
    uint8_t ret_signature[CARDS_SIGNATURE], size_t *ret_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(c->key, NULL);
	size_t len = CARDS_SIGNATURE;
	enum error err = ERR_CRYPTO;

	if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_sign(ctx, ret_signature, &len, digest, 32) == 1) {
		*ret_len = len;
		err = ERR_OK;
	}
	EVP_PKEY_CTX_free(ctx);
	return err;
}

const uint8_t *
card_credential(const struct card *card)
{
	return card->credential;
}

enum error
card_assert(struct card *c, const char *rp_id, uint32_t counter,
    const uint8_t digest[32], uint8_t ret_data[CARDS_AUTH_DATA],
    uint8_t ret_signature[CARDS_SIGNATURE], size_t *ret_len)
{
	uint8_t both[CARDS_AUTH_DATA + 32], hash[SHA256_DIGEST_LENGTH];

	(void)SHA256((const uint8_t *)rp_id, strlen(rp_id), ret_data);
	ret_data[32] = 0x05; /* UP, UV */
	ret_data[33] = (uint8_t)(counter >> 24);
	ret_data[34] = (uint8_t)(counter >> 16);
	ret_data[35] = (uint8_t)(counter >> 8);
	ret_data[36] = (uint8_t)counter;
	memcpy(both, ret_data, CARDS_AUTH_DATA);
	memcpy(both + CARDS_AUTH_DATA, digest, 32);
	(void)SHA256(both, sizeof both, hash);
	return card_sign(c, hash, ret_signature, ret_len);
}

void
card_credential_id(const struct card *card, uint8_t ret_id[32])
{
	(void)SHA256(card->credential, CARDS_CREDENTIAL, ret_id);
}
