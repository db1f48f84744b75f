/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/piv_key.h"

#include <string.h>

#include "common/crypto/encode.h"

enum { DIGEST = 32, PADDING_MIN = 11 };

enum error
piv_block(const struct spki *key, const unsigned char digest[32],
    unsigned char *ret_block, size_t *ret_len)
{
	size_t len = key->kind == KEY_P256   ? 32
		     : key->kind == KEY_P384 ? 48
					     : (key->bits + 7) / 8;
	unsigned char info[ENCODE_DIGEST_INFO];
	size_t info_len;

	memset(ret_block, 0, len < PIV_BLOCK_MAX ? len : PIV_BLOCK_MAX);
	if (key->kind == KEY_RSA) { /* 00 01 FF..FF 00 DigestInfo */
		encode_digest_info(HASH_SHA256, digest, info, &info_len);
		if (len > PIV_BLOCK_MAX || len < info_len + PADDING_MIN)
			return ERR_INPUT;
		ret_block[1] = 1;
		memset(ret_block + 2, 0xff, len - info_len - 3);
		memcpy(ret_block + len - info_len, info, info_len);
	} else {
		memcpy(ret_block + len - DIGEST, digest, DIGEST);
	}
	*ret_len = len;
	return ERR_OK;
}
