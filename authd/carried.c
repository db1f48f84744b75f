/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/carried.h"

#include <sodium.h>
#include <string.h>

enum { PLAIN = 5 + 2 * PASSWORD_MAX_OCTETS };
_Static_assert(
    crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + PLAIN ==
	CARRIED_BOX,
    "a box is nonce, tag and content");

static void
key_of(const struct mask *mask, const void *state, size_t state_len,
    unsigned char ret_key[crypto_secretbox_KEYBYTES])
{
	mask_digest(mask, MASK_CARRIED, state, state_len, "1", 1, ret_key);
	mask_digest(mask, MASK_CARRIED, state, state_len, "2", 1, ret_key + 16);
}

void
carried_seal(const struct mask *mask, const void *state, size_t state_len,
    const struct carried *c, unsigned char ret_box[CARRIED_BOX])
{
	unsigned char key[crypto_secretbox_KEYBYTES], plain[PLAIN];

	plain[0] = c->stage;
	plain[1] = c->tries;
	plain[2] = (unsigned char)c->change;
	plain[3] = c->old_len;
	plain[4] = c->new_len;
	memcpy(plain + 5, c->old, sizeof c->old);
	memcpy(plain + 5 + sizeof c->old, c->new, sizeof c->new);
	key_of(mask, state, state_len, key);
	randombytes_buf(ret_box, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(ret_box + crypto_secretbox_NONCEBYTES,
	    plain, sizeof plain, ret_box, key);
	sodium_memzero(plain, sizeof plain);
	sodium_memzero(key, sizeof key);
}

enum error
carried_open(const struct mask *mask, const void *state, size_t state_len,
    const void *box, size_t box_len, struct carried *ret)
{
	unsigned char key[crypto_secretbox_KEYBYTES], plain[PLAIN];
	const unsigned char *at = box;
	enum error err = ERR_CRYPTO;

	if (box_len != CARRIED_BOX)
		return ERR_CRYPTO;
	key_of(mask, state, state_len, key);
	if (crypto_secretbox_open_easy(plain, at + crypto_secretbox_NONCEBYTES,
		box_len - crypto_secretbox_NONCEBYTES, at, key) == 0) {
		ret->stage = plain[0];
		ret->tries = plain[1];
		ret->change = (int8_t)plain[2];
		ret->old_len = plain[3];
		ret->new_len = plain[4];
		memcpy(ret->old, plain + 5, sizeof ret->old);
		memcpy(ret->new, plain + 5 + sizeof ret->old, sizeof ret->new);
		if (ret->stage >= CARRIED_WAITS &&
		    ret->stage <= CARRIED_AGAIN &&
		    ret->old_len <= PASSWORD_MAX_OCTETS &&
		    ret->new_len <= PASSWORD_MAX_OCTETS)
			err = ERR_OK;
	}
	sodium_memzero(plain, sizeof plain);
	sodium_memzero(key, sizeof key);
	return err;
}
