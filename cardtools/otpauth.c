/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/otpauth.h"

#include <stdio.h>
#include <string.h>

enum { ENCODED_MAX = 3 * 256 + 1, URI_MAX = 4096 };

size_t
otpauth_seed_size(const char *algorithm)
{
	if (strcmp(algorithm, "SHA512") == 0)
		return 64;
	return strcmp(algorithm, "SHA256") == 0 ? 32 : 20;
}

enum error
base32(const unsigned char *bytes, size_t len, struct secret **ret_text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	struct secret *text;
	unsigned buffer = 0;
	int bits = 0;
	size_t i, n = 0;
	enum error err;

	if (len > OTPAUTH_SEED_MAX)
		return ERR_INPUT;
	err = secret_new((8 * len + 4) / 5, &text);
	if (err != ERR_OK)
		return err;
	for (i = 0; i < len; i++) {
		buffer = (buffer << 8 | bytes[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			text->bytes[n++] =
			    (unsigned char)alphabet[buffer >> (bits - 5) & 31];
	}
	if (bits > 0)
		text->bytes[n++] =
		    (unsigned char)alphabet[buffer << (5 - bits) & 31];
	*ret_text = text;
	return ERR_OK;
}

/* RFC 3986 2.3: what is not unreserved is written %XX. */
static enum error
encode(const char *text, char ret_encoded[ENCODED_MAX])
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._~";
	char *out = ret_encoded;

	if (strlen(text) > (ENCODED_MAX - 1) / 3)
		return ERR_INPUT;
	for (; *text != '\0'; text++) {
		if (strchr(unreserved, *text) != NULL)
			*out++ = *text;
		else
			out += snprintf(out, 4, "%%%02X", (unsigned char)*text);
	}
	*out = '\0';
	return ERR_OK;
}

enum error
otpauth_uri(const struct otpauth *about, const struct secret *seed32,
    struct secret **ret_uri)
{
	char issuer[ENCODED_MAX], login[ENCODED_MAX];
	struct secret *uri;
	enum error err;
	int n;

	if (encode(about->issuer, issuer) != ERR_OK ||
	    encode(about->login, login) != ERR_OK)
		return ERR_INPUT;
	err = secret_new(URI_MAX, &uri);
	if (err != ERR_OK)
		return err;
	n = snprintf((char *)uri->bytes, URI_MAX,
	    "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=%s&digits=%s"
	    "&period=%s",
	    issuer, login, (const char *)seed32->bytes, issuer,
	    about->algorithm, about->digits, about->period);
	if (n < 0 || n >= URI_MAX)
		err = ERR_INPUT;
	else
		err = secret_copy(uri->bytes, (size_t)n, ret_uri);
	secret_free(&uri);
	return err;
}
