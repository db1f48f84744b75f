/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/block.h"

#include "common/crypto/ossl.h"

bool
block_known(int number)
{
	return number == BLOCK_AES128 || number == BLOCK_AES192 ||
	       number == BLOCK_AES256;
}

static const char *
name_of(enum block_cipher cipher)
{
	switch (cipher) {
	case BLOCK_AES128:
		return "AES-128-ECB";
	case BLOCK_AES192:
		return "AES-192-ECB";
	case BLOCK_AES256:
		return "AES-256-ECB";
	}
	return "";
}

size_t
block_key_len(enum block_cipher cipher)
{
	switch (cipher) {
	case BLOCK_AES128:
		return 16;
	case BLOCK_AES192:
		return 24;
	case BLOCK_AES256:
		return 32;
	}
	return 0;
}

static enum error
run(enum block_cipher cipher, const unsigned char *key,
    const unsigned char in[BLOCK_LEN], bool encrypt,
    unsigned char ret_out[BLOCK_LEN])
{
	EVP_CIPHER *fetched =
	    EVP_CIPHER_fetch(ossl_context(), name_of(cipher), NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	enum error err = ERR_CRYPTO;
	int len = 0;

	if (fetched != NULL && ctx != NULL &&
	    EVP_CipherInit_ex2(ctx, fetched, key, NULL, encrypt, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_CipherUpdate(ctx, ret_out, &len, in, BLOCK_LEN) == 1 &&
	    len == BLOCK_LEN)
		err = ERR_OK;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(fetched);
	ERR_clear_error();
	return err;
}

enum error
block_encrypt(enum block_cipher cipher, const unsigned char *key,
    const unsigned char in[BLOCK_LEN], unsigned char ret_out[BLOCK_LEN])
{
	return run(cipher, key, in, true, ret_out);
}

enum error
block_decrypt(enum block_cipher cipher, const unsigned char *key,
    const unsigned char in[BLOCK_LEN], unsigned char ret_out[BLOCK_LEN])
{
	return run(cipher, key, in, false, ret_out);
}
