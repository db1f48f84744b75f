/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - what the card computes, by OpenSSL. Algorithms have the numbers
 * of SP 800-78-4 table 6-2.
 */
#ifndef SEKISHO_PIV_KEYS_H
#define SEKISHO_PIV_KEYS_H

#include <openssl/evp.h>

#include "tests/rigs/piv/state.h"
#include "tests/rigs/piv/tlv.h"

enum key_alg {
	KEY_3DES = 0x03,
	KEY_RSA2048 = 0x07,
	KEY_AES128 = 0x08,
	KEY_AES192 = 0x0a,
	KEY_AES256 = 0x0c,
	KEY_P256 = 0x11,
	KEY_P384 = 0x14,
};

enum { BLOCK_MAX = 16, RSA_OCTETS = 256 };

/* Key pairs. Of what kind one is; 0 for one the card knows nothing of. */
uint8_t key_alg_of(const EVP_PKEY *key);
MUST_CHECK enum error key_generate(uint8_t alg, EVP_PKEY **ret_key);
MUST_CHECK enum error key_store(
    struct state *state, const char *slot, EVP_PKEY *key);
MUST_CHECK enum error key_load(
    const struct state *state, const char *slot, EVP_PKEY **ret_key);

/* 86 point, or 81 modulus 82 exponent (SP 800-73-4 part 2, table 19). */
MUST_CHECK enum error key_put_public(const EVP_PKEY *key, struct buf *buf);

/* ECDSA over a digest, DER; or raw RSA over a whole block. */
MUST_CHECK enum error key_sign(
    EVP_PKEY *key, const uint8_t *in, size_t len, struct buf *buf);
/* The x coordinate of the shared point. */
MUST_CHECK enum error key_agree(
    EVP_PKEY *key, const uint8_t *point, size_t len, struct buf *buf);

/* Management keys: octets of key and of block, 0 for another algorithm. */
size_t block_key_len(uint8_t alg);
size_t block_len(uint8_t alg);
MUST_CHECK enum error block_encrypt(uint8_t alg, const uint8_t *key,
    const uint8_t *in, uint8_t ret_out[BLOCK_MAX]);

#endif
