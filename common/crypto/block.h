/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block.h - AES on one block, as PIV cards use it to know who manages them
 * (SP 800-73-4 part 2, 3.2.4). The numbers are those of SP 800-78-4, table
 * 6-2.
 */
#ifndef SEKISHO_CRYPTO_BLOCK_H
#define SEKISHO_CRYPTO_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum block_cipher {
	BLOCK_AES128 = 0x08,
	BLOCK_AES192 = 0x0a,
	BLOCK_AES256 = 0x0c,
};

enum { BLOCK_LEN = 16, BLOCK_KEY_MAX = 32 };

/* Whether there is a cipher of this number. */
bool block_known(int number);
size_t block_key_len(enum block_cipher cipher);

/* One block; in and ret_out may be the same. */
MUST_CHECK enum error block_encrypt(enum block_cipher cipher,
    const unsigned char *key, const unsigned char in[BLOCK_LEN],
    unsigned char ret_out[BLOCK_LEN]);
MUST_CHECK enum error block_decrypt(enum block_cipher cipher,
    const unsigned char *key, const unsigned char in[BLOCK_LEN],
    unsigned char ret_out[BLOCK_LEN]);

#endif
