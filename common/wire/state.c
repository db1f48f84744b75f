/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/state.h"

#include <sodium.h>

void
state_format(const uint8_t random[STATE_RANDOM], char ret_text[STATE_TEXT])
{
	(void)sodium_bin2base64(ret_text, STATE_TEXT, random, STATE_RANDOM,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum error
state_hash(const void *text, size_t len, uint8_t ret_hash[STATE_HASH])
{
	uint8_t random[STATE_RANDOM];
	size_t n;

	if (len != STATE_TEXT - 1 ||
	    sodium_base642bin(random, sizeof random, text, len, NULL, &n, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    n != STATE_RANDOM)
		return ERR_INPUT;
	(void)crypto_hash_sha256(ret_hash, text, len);
	return ERR_OK;
}
