/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/piv_key.h"

#include <string.h>

enum { POINT_P256 = 65, POINT_P384 = 97, BLOCK_MAX = 512 };

/* SEQUENCE { SEQUENCE { ecPublicKey, curve }, BIT STRING ... } */
static const unsigned char head_p256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const unsigned char head_p384[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x22, 0x03, 0x62, 0x00};
/* SEQUENCE { rsaEncryption, NULL } */
static const unsigned char algorithm_rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a,
    0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
/* RFC 8017 9.2, note 1 */
static const unsigned char digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
    0x20};

enum error
piv_spki_ec(const unsigned char *point, size_t point_len,
    unsigned char *ret_spki, size_t *ret_len)
{
	const unsigned char *head =
	    point_len == POINT_P256 ? head_p256 : head_p384;
	size_t head_len =
	    point_len == POINT_P256 ? sizeof head_p256 : sizeof head_p384;
	struct spki spki;

	if (point_len != POINT_P256 && point_len != POINT_P384)
		return ERR_INPUT;
	memcpy(ret_spki, head, head_len);
	memcpy(ret_spki + head_len, point, point_len);
	*ret_len = head_len + point_len;
	return spki_parse(ret_spki, *ret_len, &spki);
}

/* Puts a head before what stands at the end of a buffer; grows downward. */
static unsigned char *
put_head(unsigned char *at, unsigned tag, size_t len)
{
	if (len >= 0x80) {
		size_t left = len;
		unsigned n = 0;

		for (; left > 0; left >>= 8, n++)
			*--at = (unsigned char)left;
		*--at = (unsigned char)(0x80 | n);
	} else {
		*--at = (unsigned char)len;
	}
	*--at = (unsigned char)tag;
	return at;
}

static unsigned char *
put_integer(unsigned char *at, const unsigned char *bytes, size_t len)
{
	unsigned char *end = at;

	at -= len;
	memcpy(at, bytes, len);
	if ((bytes[0] & 0x80) != 0)
		*--at = 0;
	return put_head(at, DER_INTEGER, (size_t)(end - at));
}

enum error
piv_spki_rsa(const unsigned char *n, size_t n_len, const unsigned char *e,
    size_t e_len, unsigned char *ret_spki, size_t *ret_len)
{
	unsigned char buffer[SPKI_MAX], *end = buffer + sizeof buffer;
	unsigned char *at = end;
	struct spki spki;

	while (n_len > 0 && n[0] == 0) {
		n++;
		n_len--;
	}
	while (e_len > 0 && e[0] == 0) {
		e++;
		e_len--;
	}
	if (n_len == 0 || e_len == 0 || n_len > BLOCK_MAX || e_len > 8)
		return ERR_INPUT;
	at = put_integer(at, e, e_len);
	at = put_integer(at, n, n_len);
	at = put_head(at, DER_SEQUENCE, (size_t)(end - at));
	*--at = 0; /* no unused bits */
	at = put_head(at, DER_BIT_STRING, (size_t)(end - at));
	at -= sizeof algorithm_rsa;
	memcpy(at, algorithm_rsa, sizeof algorithm_rsa);
	at = put_head(at, DER_SEQUENCE, (size_t)(end - at));
	*ret_len = (size_t)(end - at);
	memcpy(ret_spki, at, *ret_len);
	return spki_parse(ret_spki, *ret_len, &spki);
}

enum error
piv_block(const struct spki *key, const unsigned char digest[32],
    unsigned char *ret_block, size_t *ret_len)
{
	size_t len = key->kind == KEY_P256   ? 32
		     : key->kind == KEY_P384 ? 48
					     : (key->bits + 7) / 8;

	if (len > BLOCK_MAX)
		return ERR_INPUT;
	memset(ret_block, 0, len);
	memcpy(ret_block + len - 32, digest, 32);
	if (key->kind == KEY_RSA) { /* 00 01 FF..FF 00 DigestInfo */
		unsigned char *info = ret_block + len - 32 - sizeof digest_info;

		memcpy(info, digest_info, sizeof digest_info);
		ret_block[1] = 1;
		memset(ret_block + 2, 0xff, (size_t)(info - ret_block) - 3);
	}
	*ret_len = len;
	return ERR_OK;
}
