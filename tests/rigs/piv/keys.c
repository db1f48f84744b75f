/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { DER_MAX = 2048, SIGNATURE_MAX = 512, BN_MAX = RSA_OCTETS };

static const struct {
	uint8_t alg;
	const char *name, *group;
	size_t octets; /* of a coordinate, or of the modulus */
} algs[] = {
    {KEY_RSA2048, "RSA", NULL, RSA_OCTETS},
    {KEY_P256, "EC", SN_X9_62_prime256v1, 32},
    {KEY_P384, "EC", SN_secp384r1, 48},
};
enum { N_ALGS = sizeof algs / sizeof algs[0] };

static int
row_of(uint8_t alg)
{
	int i;

	for (i = 0; i < N_ALGS; i++)
		if (algs[i].alg == alg)
			return i;
	return -1;
}

uint8_t
key_alg_of(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_bits(key)) {
	case 2048:
		return EVP_PKEY_is_a(key, "RSA") ? KEY_RSA2048 : 0;
	case 256:
		return EVP_PKEY_is_a(key, "EC") ? KEY_P256 : 0;
	case 384:
		return EVP_PKEY_is_a(key, "EC") ? KEY_P384 : 0;
	default:
		return 0;
	}
}

enum error
key_generate(uint8_t alg, EVP_PKEY **ret_key)
{
	int row = row_of(alg);
	EVP_PKEY *key;

	if (row < 0)
		return ERR_INPUT;
	key = algs[row].group != NULL
		  ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", algs[row].group)
		  : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	if (key == NULL)
		return ERR_CRYPTO;
	*ret_key = key;
	return ERR_OK;
}

enum error
key_store(struct state *state, const char *slot, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(key, &der);
	enum error err;

	if (len <= 0)
		return ERR_CRYPTO;
	err = state_put_bytes(state, "keys", slot, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	return err;
}

enum error
key_load(const struct state *state, const char *slot, EVP_PKEY **ret_key)
{
	uint8_t der[DER_MAX];
	const unsigned char *at = der;
	size_t len;
	EVP_PKEY *key;
	enum error err;

	err = state_bytes(state, "keys", slot, der, sizeof der, &len);
	if (err != ERR_OK)
		return err;
	key = d2i_AutoPrivateKey(NULL, &at, (long)len);
	if (key == NULL || key_alg_of(key) == 0) {
		EVP_PKEY_free(key);
		return ERR_CRYPTO;
	}
	*ret_key = key;
	return ERR_OK;
}

static enum error
put_number(const EVP_PKEY *key, const char *name, uint32_t tag, struct buf *buf)
{
	unsigned char octets[BN_MAX];
	BIGNUM *bn = NULL;
	enum error err = ERR_CRYPTO;

	if (EVP_PKEY_get_bn_param(key, name, &bn) == 1 &&
	    BN_num_bytes(bn) <= BN_MAX) {
		buf_put_tlv(buf, tag, octets, (size_t)BN_bn2bin(bn, octets));
		err = ERR_OK;
	}
	BN_free(bn);
	return err;
}

enum error
key_put_public(const EVP_PKEY *key, struct buf *buf)
{
	unsigned char point[1 + 2 * 48];
	size_t len;

	if (EVP_PKEY_is_a(key, "RSA")) {
		if (put_number(key, OSSL_PKEY_PARAM_RSA_N, 0x81, buf) != ERR_OK)
			return ERR_CRYPTO;
		return put_number(key, OSSL_PKEY_PARAM_RSA_E, 0x82, buf);
	}
	if (EVP_PKEY_get_octet_string_param(
		key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len) != 1)
		return ERR_CRYPTO;
	buf_put_tlv(buf, 0x86, point, len);
	return ERR_OK;
}

enum error
key_sign(EVP_PKEY *key, const uint8_t *in, size_t len, struct buf *buf)
{
	int row = row_of(key_alg_of(key));
	unsigned char out[SIGNATURE_MAX];
	size_t out_len = sizeof out;
	EVP_PKEY_CTX *ctx;
	enum error err = ERR_CRYPTO;

	if (row < 0)
		return ERR_CRYPTO;
	if (len == 0 || len > algs[row].octets ||
	    (algs[row].group == NULL && len != algs[row].octets))
		return ERR_INPUT;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (ctx == NULL)
		return ERR_NOMEM;
	/* raw RSA is one operation, whatever the padding is for */
	if (algs[row].group == NULL) {
		if (EVP_PKEY_decrypt_init(ctx) != 1 ||
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) != 1 ||
		    EVP_PKEY_decrypt(ctx, out, &out_len, in, len) != 1)
			goto out;
	} else if (EVP_PKEY_sign_init(ctx) != 1 ||
		   EVP_PKEY_sign(ctx, out, &out_len, in, len) != 1) {
		goto out;
	}
	buf_put(buf, out, out_len);
	err = ERR_OK;
out:
	EVP_PKEY_CTX_free(ctx);
	return err;
}

enum error
key_agree(EVP_PKEY *key, const uint8_t *point, size_t len, struct buf *buf)
{
	unsigned char out[SIGNATURE_MAX];
	size_t out_len = sizeof out;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *peer = NULL;
	enum error err = ERR_CRYPTO;

	if (!EVP_PKEY_is_a(key, "EC"))
		return ERR_INPUT;
	peer = EVP_PKEY_new();
	if (peer == NULL || EVP_PKEY_copy_parameters(peer, key) != 1 ||
	    EVP_PKEY_set1_encoded_public_key(peer, point, len) != 1) {
		err = ERR_INPUT;
		goto out;
	}
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, peer) != 1 ||
	    EVP_PKEY_derive(ctx, out, &out_len) != 1)
		goto out;
	buf_put(buf, out, out_len);
	err = ERR_OK;
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return err;
}

static const EVP_CIPHER *
cipher_of(uint8_t alg)
{
	switch (alg) {
	case KEY_3DES:
		return EVP_des_ede3_ecb();
	case KEY_AES128:
		return EVP_aes_128_ecb();
	case KEY_AES192:
		return EVP_aes_192_ecb();
	case KEY_AES256:
		return EVP_aes_256_ecb();
	default:
		return NULL;
	}
}

size_t
block_key_len(uint8_t alg)
{
	const EVP_CIPHER *cipher = cipher_of(alg);

	return cipher == NULL ? 0 : (size_t)EVP_CIPHER_get_key_length(cipher);
}

size_t
block_len(uint8_t alg)
{
	return alg == KEY_3DES ? 8 : cipher_of(alg) != NULL ? 16 : 0;
}

enum error
block_encrypt(uint8_t alg, const uint8_t *key, const uint8_t *in,
    uint8_t ret_out[BLOCK_MAX])
{
	EVP_CIPHER_CTX *ctx;
	int len = 0;
	enum error err = ERR_CRYPTO;

	if (cipher_of(alg) == NULL)
		return ERR_INPUT;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx != NULL &&
	    EVP_EncryptInit_ex2(ctx, cipher_of(alg), key, NULL, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_EncryptUpdate(ctx, ret_out, &len, in, (int)block_len(alg)) ==
		1 &&
	    (size_t)len == block_len(alg))
		err = ERR_OK;
	EVP_CIPHER_CTX_free(ctx);
	return err;
}
