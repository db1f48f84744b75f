/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/state.h"

#include <sodium.h>
#include <string.h>

void
state_format(const uint8_t random[STATE_RANDOM], char ret_text[STATE_TEXT])
{
	(void)sodium_bin2base64(ret_text, STATE_TEXT, random, STATE_RANDOM,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum error
state_hash(const void *text, size_t len, uint8_t ret_hash[STATE_HASH])
{
	/* libsodium 1.0.18 decodes octets beyond ASCII as well. */
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	const char *p = text;
	size_t i;

	if (len != STATE_TEXT - 1)
		return ERR_INPUT;
	for (i = 0; i < len; i++) {
		if (memchr(alphabet, p[i], sizeof alphabet - 1) == NULL)
			return ERR_INPUT;
	}
	(void)crypto_hash_sha256(ret_hash, text, len);
	return ERR_OK;
}

void
state_challenge(
    const void *text, size_t len, uint8_t ret_challenge[STATE_CHALLENGE])
{
	static const unsigned char label[] = "SEKISHO-challenge";
	crypto_hash_sha256_state hash;

	(void)crypto_hash_sha256_init(&hash);
	(void)crypto_hash_sha256_update(&hash, label, sizeof label);
	(void)crypto_hash_sha256_update(&hash, text, len);
	(void)crypto_hash_sha256_final(&hash, ret_challenge);
}
