/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/ca.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto/encode.h"

/* P-256's base point, which is 1 times itself. */
static unsigned char point[] = {0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42,
    0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d,
    0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2,
    0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb,
    0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e,
    0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

static EVP_PKEY *
key_of_one(void)
{
	static char group[] = "P-256";
	static unsigned char one = 1;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(
				   OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, &one, 1),
	    OSSL_PARAM_construct_end()};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		abort();
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static enum error
sign(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char *ret_signature, size_t *ret_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(context, NULL);
	size_t len = SIGNATURE_MAX;

	(void)padding;
	if (EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_sign(ctx, ret_signature, &len, digest, hash_len(hash)) !=
		1)
		abort();
	EVP_PKEY_CTX_free(ctx);
	*ret_len = len;
	return ERR_OK;
}

const struct ca *
fuzz_ca(void)
{
	static struct ca ca;
	struct issue_template t = {.subject = {.common_name = "Fuzz CA"},
	    .not_before = CA_FROM,
	    .not_after = CA_TO};

	if (ca.root_len > 0)
		return &ca;
	issue_serial(t.serial);
	if (encode_spki_ec(encode_curve(KEY_P256),
		(struct der){point, sizeof point}, ca.spki,
		&ca.spki_len) != ERR_OK)
		abort();
	ca.signer =
	    (struct issue_signer){{ca.spki, ca.spki_len}, sign, key_of_one()};
	if (issue_root(&t, &ca.signer, ca.root, &ca.root_len) != ERR_OK)
		abort();
	return &ca;
}
