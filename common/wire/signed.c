/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/signed.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/hex.h"

static const char label[] = "SEKISHO-v1"; /* its NUL is part of it */

_Static_assert(sizeof label + 20 + SIGNED_PURPOSE_MAX + SIGNED_SERVER_MAX +
		       (UUID_TEXT - 1) + SIGNED_LOGIN_MAX + SIGNED_CHALLENGE <=
		   SIGNED_MAX,
    "the longest fields fit");

static unsigned char *
put(unsigned char *out, const void *octets, size_t len)
{
	out[0] = (unsigned char)(len >> 24);
	out[1] = (unsigned char)(len >> 16);
	out[2] = (unsigned char)(len >> 8);
	out[3] = (unsigned char)len;
	memcpy(out + 4, octets, len);
	return out + 4 + len;
}

/* True for a text of 1 to max octets. */
static bool
fits(const char *text, size_t max)
{
	return text != NULL && text[0] != '\0' && strnlen(text, max + 1) <= max;
}

enum error
signed_octets(const struct signed_fields *f,
    unsigned char ret_octets[SIGNED_MAX], size_t *ret_len)
{
	unsigned char *end = ret_octets;

	if (!fits(f->purpose, SIGNED_PURPOSE_MAX) ||
	    !fits(f->server_id, SIGNED_SERVER_MAX) ||
	    !fits(f->client_id, UUID_TEXT - 1) || !uuid_valid(f->client_id) ||
	    !fits(f->login, SIGNED_LOGIN_MAX) || f->challenge == NULL)
		return ERR_INPUT;
	memcpy(end, label, sizeof label);
	end = put(end + sizeof label, f->purpose, strlen(f->purpose));
	end = put(end, f->server_id, strlen(f->server_id));
	end = put(end, f->client_id, strlen(f->client_id));
	end = put(end, f->login, strlen(f->login));
	end = put(end, f->challenge, SIGNED_CHALLENGE);
	*ret_len = (size_t)(end - ret_octets);
	return ERR_OK;
}

enum error
signed_digest(
    const struct signed_fields *fields, unsigned char ret_digest[SIGNED_DIGEST])
{
	unsigned char octets[SIGNED_MAX];
	size_t len = 0;
	enum error err;

	_Static_assert(SIGNED_DIGEST == crypto_hash_sha256_BYTES, "SHA-256");
	err = signed_octets(fields, octets, &len);
	if (err == ERR_OK)
		(void)crypto_hash_sha256(ret_digest, octets, len);
	return err;
}
