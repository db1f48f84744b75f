/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/hex.h"

#include <sodium.h>
#include <string.h>

void
hex_encode(const unsigned char *bytes, size_t len, char *ret_text)
{
	sodium_bin2hex(ret_text, 2 * len + 1, bytes, len);
}

enum error
hex_decode(const char *hex, size_t hex_len, unsigned char *ret_bytes,
    size_t cap, size_t *ret_len)
{
	size_t len;

	if (hex_len % 2 != 0 || hex_len / 2 > cap)
		return ERR_INPUT;
	if (sodium_hex2bin(ret_bytes, cap, hex, hex_len, NULL, &len, NULL) !=
		0 ||
	    len != hex_len / 2)
		return ERR_INPUT;
	*ret_len = len;
	return ERR_OK;
}

static void
format(unsigned char b[16], unsigned version, char ret_uuid[UUID_TEXT])
{
	static const unsigned char dash_before[16] = {
	    [4] = 1, [6] = 1, [8] = 1, [10] = 1};
	char *out = ret_uuid;
	int i;

	b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < 16; i++) {
		if (dash_before[i])
			*out++ = '-';
		hex_encode(&b[i], 1, out);
		out += 2;
	}
}

void
uuid_from_bytes(const unsigned char bytes[16], char ret_uuid[UUID_TEXT])
{
	unsigned char b[16];

	memcpy(b, bytes, sizeof b);
	format(b, 8, ret_uuid);
}

void
uuid_random(char ret_uuid[UUID_TEXT])
{
	unsigned char b[16];

	randombytes_buf(b, sizeof b);
	format(b, 4, ret_uuid);
}

bool
uuid_valid(const char *text)
{
	size_t i;

	if (strlen(text) != UUID_TEXT - 1)
		return false;
	for (i = 0; i < UUID_TEXT - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
		} else if (strchr("0123456789abcdef", text[i]) == NULL) {
			return false;
		}
	}
	return true;
}

void
uuid_write(const unsigned char bytes[16], char ret_uuid[UUID_TEXT])
{
	static const size_t part[] = {4, 2, 2, 2, 6};
	char *at = ret_uuid;
	size_t i;

	for (i = 0; i < sizeof part / sizeof *part; i++) {
		hex_encode(bytes, part[i], at);
		bytes += part[i];
		at += 2 * part[i];
		if (i < 4)
			*at++ = '-';
	}
}

enum error
uuid_read(const char *text, unsigned char ret_bytes[16])
{
	char hex[33];
	size_t i, n = 0, len;

	if (!uuid_valid(text))
		return ERR_INPUT;
	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] != '-')
			hex[n++] = text[i];
	}
	return hex_decode(hex, n, ret_bytes, 16, &len);
}
