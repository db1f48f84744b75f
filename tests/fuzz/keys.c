/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/keys.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum error
fuzz_keys(struct keys **ret_keys)
{
	struct keys *keys = calloc(1, sizeof *keys);
	unsigned i;

	if (keys == NULL || secret_new(KEYS_MASK, &keys->mask) != ERR_OK)
		abort();
	for (i = 0; i < 2; i++) {
		unsigned char seed[crypto_box_SEEDBYTES];
		struct key *key = &keys->key[keys->n++];

		memset(seed, (int)i, sizeof seed);
		if (secret_new(32, &key->secret_key) != ERR_OK)
			abort();
		key->version = i + 1;
		(void)crypto_box_seed_keypair(
		    key->public_key, key->secret_key->bytes, seed);
	}
	if (secret_new(STATEMENT_SECRET_KEY, &keys->audit) != ERR_OK)
		abort();
	memset(keys->audit->bytes, 3, STATEMENT_SECRET_KEY);
	*ret_keys = keys;
	return ERR_OK;
}
