/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"

/* Label, then kind, owner and payload, each behind a 4-octet length. */
static const char label[] = "SEKISHO-BOX-v1"; /* its NUL is part of it */

static unsigned char *
put(unsigned char *out, const void *bytes, size_t len)
{
	out[0] = (unsigned char)(len >> 24);
	out[1] = (unsigned char)(len >> 16);
	out[2] = (unsigned char)(len >> 8);
	out[3] = (unsigned char)len;
	if (len > 0)
		memcpy(out + 4, bytes, len);
	return out + 4 + len;
}

enum error
seal_box(const unsigned char public_key[SEAL_PUBLIC_KEY], const char *kind,
    const char *owner, const void *payload, size_t len, struct box *ret_box)
{
	unsigned char plain[SEAL_BOX_MAX - crypto_box_SEALBYTES];
	unsigned char *end;
	struct box box = {.len = 0};
	enum error err = ERR_OK;

	if (len > SEAL_PAYLOAD_MAX || strlen(kind) > 32 || strlen(owner) > 128)
		return ERR_INPUT;
	memcpy(plain, label, sizeof label);
	end = put(plain + sizeof label, kind, strlen(kind));
	end = put(end, owner, strlen(owner));
	end = put(end, payload, len);
	box.len = (size_t)(end - plain) + crypto_box_SEALBYTES;
	if (crypto_box_seal(
		box.bytes, plain, (size_t)(end - plain), public_key) != 0)
		err = ERR_CRYPTO;
	else
		*ret_box = box;
	sodium_memzero(plain, sizeof plain);
	return err;
}

enum error
seal_open(const unsigned char public_key[SEAL_PUBLIC_KEY],
    const unsigned char secret_key[SEAL_SECRET_KEY], const char *kind,
    const char *owner, const unsigned char *box, size_t box_len,
    struct secret **ret_payload)
{
	unsigned char plain[SEAL_BOX_MAX], expected[256];
	size_t len, head;
	unsigned char *end;
	enum error err = ERR_CRYPTO;

	if (box_len <= crypto_box_SEALBYTES || box_len > SEAL_BOX_MAX ||
	    strlen(kind) > 32 || strlen(owner) > 128)
		return ERR_CRYPTO;
	len = box_len - crypto_box_SEALBYTES;
	if (crypto_box_seal_open(plain, box, box_len, public_key, secret_key) !=
	    0)
		return ERR_CRYPTO;
	memcpy(expected, label, sizeof label);
	end = put(expected + sizeof label, kind, strlen(kind));
	end = put(end, owner, strlen(owner));
	head = (size_t)(end - expected);
	if (len >= head + 4 && memcmp(plain, expected, head) == 0) {
		const unsigned char *p = plain + head;
		size_t payload = (size_t)p[0] << 24 | (size_t)p[1] << 16 |
				 (size_t)p[2] << 8 | p[3];

		if (payload == len - head - 4)
			err = secret_copy(p + 4, payload, ret_payload);
	}
	sodium_memzero(plain, sizeof plain);
	return err;
}

_Static_assert(SEAL_RELEASE_OVERHEAD == crypto_box_SEALBYTES, "libsodium");

enum error
seal_release(const unsigned char recipient[SEAL_PUBLIC_KEY],
    const void *payload, size_t len, unsigned char *ret_sealed)
{
	return crypto_box_seal(ret_sealed, payload, len, recipient) == 0
		   ? ERR_OK
		   : ERR_CRYPTO;
}

void
seal_fingerprint(const unsigned char public_key[SEAL_PUBLIC_KEY],
    char ret_text[SEAL_FINGERPRINT])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char *out = ret_text;
	int i;

	(void)crypto_hash_sha256(digest, public_key, SEAL_PUBLIC_KEY);
	for (i = 0; i < 20; i++) {
		if (i > 0 && i % 2 == 0)
			*out++ = ' ';
		hex_encode(&digest[i], 1, out);
		out += 2;
	}
}
