/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/mask.h"

#include <sodium.h>
#include <string.h>

void
mask_digest(const struct mask *mask, enum mask_use use, const void *a,
    size_t a_len, const void *b, size_t b_len, unsigned char ret_digest[16])
{
	const uint64_t head[3] = {(uint64_t)use, a_len, b_len};
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, mask->key, MASK_KEY, 16);
	(void)crypto_generichash_update(
	    &state, (const unsigned char *)head, sizeof head);
	(void)crypto_generichash_update(&state, a, a_len);
	(void)crypto_generichash_update(&state, b, b_len);
	(void)crypto_generichash_final(&state, ret_digest, 16);
	sodium_memzero(&state, sizeof state);
}

uint64_t
mask_number(const struct mask *mask, enum mask_use use, const void *a,
    size_t a_len, const void *b, size_t b_len)
{
	unsigned char digest[16];
	uint64_t number;

	mask_digest(mask, use, a, a_len, b, b_len, digest);
	memcpy(&number, digest, sizeof number);
	return number == 0 ? 1 : number;
}

void
mask_bucket(const struct mask *mask, const void *name, size_t len,
    char ret_uuid[UUID_TEXT])
{
	uint64_t bucket =
	    mask_number(mask, MASK_BUCKET, name, len, "", 0) % MASK_BUCKETS;
	unsigned char digest[16];

	mask_digest(mask, MASK_BUCKET, "", 0, &bucket, sizeof bucket, digest);
	uuid_from_bytes(digest, ret_uuid);
}
