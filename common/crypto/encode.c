/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/encode.h"

#include <string.h>

/* Tag and length of contents shorter than 64 KiB. */
static unsigned char *
put_head(unsigned char *out, unsigned tag, size_t len)
{
	*out++ = (unsigned char)tag;
	if (len >= 0x100) {
		*out++ = 0x82;
		*out++ = (unsigned char)(len >> 8);
	} else if (len >= 0x80) {
		*out++ = 0x81;
	}
	*out++ = (unsigned char)len;
	return out;
}

static size_t
head_len(size_t len)
{
	return len >= 0x100 ? 4 : len >= 0x80 ? 3 : 2;
}

static unsigned char *
put(unsigned char *out, struct der octets)
{
	memcpy(out, octets.octets, octets.len);
	return out + octets.len;
}

static struct der
without_zeros(struct der number)
{
	while (number.len > 0 && number.octets[0] == 0) {
		number.octets++;
		number.len--;
	}
	return number;
}

/* Contents of an INTEGER: one 00 more where the number would be negative. */
static size_t
integer_len(struct der number)
{
	return number.len + ((number.octets[0] & 0x80) != 0);
}

static unsigned char *
put_integer(unsigned char *out, struct der number)
{
	out = put_head(out, DER_INTEGER, integer_len(number));
	if ((number.octets[0] & 0x80) != 0)
		*out++ = 0;
	return put(out, number);
}

void
encode_digest_info(enum hash hash, const unsigned char *digest,
    unsigned char ret_info[ENCODE_DIGEST_INFO], size_t *ret_len)
{
	static const unsigned char last[] = {1, 2, 3}; /* of the hash's OID */
	static const unsigned char head[] = {0x30, 0, 0x30, 0x0d, 0x06, 0x09,
	    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0, 0x05, 0x00,
	    DER_OCTET_STRING, 0};
	size_t len = hash_len(hash);

	memcpy(ret_info, head, sizeof head);
	ret_info[1] = (unsigned char)(sizeof head - 2 + len);
	ret_info[14] = last[hash];
	ret_info[18] = (unsigned char)len;
	memcpy(ret_info + sizeof head, digest, len);
	*ret_len = sizeof head + len;
}

enum error
encode_ecdsa(const unsigned char *raw, size_t len,
    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len)
{
	struct der r = without_zeros((struct der){raw, len / 2});
	struct der s = without_zeros((struct der){raw + len / 2, len / 2});
	unsigned char *out;
	size_t both;

	if (len % 2 != 0 || len > 96 || r.len == 0 || s.len == 0)
		return ERR_INPUT;
	both = 2 + integer_len(r) + 2 + integer_len(s);
	out = put_head(ret_signature, DER_SEQUENCE, both);
	out = put_integer(out, r);
	out = put_integer(out, s);
	*ret_len = (size_t)(out - ret_signature);
	return ERR_OK;
}

static const unsigned char ec_key[] = {
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const unsigned char p256[] = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const unsigned char p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};

struct der
encode_curve(enum key_kind kind)
{
	switch (kind) {
	case KEY_P256:
		return (struct der){p256, sizeof p256};
	case KEY_P384:
		return (struct der){p384, sizeof p384};
	case KEY_RSA:
		break;
	}
	return (struct der){NULL, 0};
}

/* spki_parse has the last word on everything that leaves here. */
static enum error
finish(const unsigned char *spki, size_t len, size_t *ret_len)
{
	struct spki parsed;
	enum error err = spki_parse(spki, len, &parsed);

	if (err == ERR_OK)
		*ret_len = len;
	return err;
}

enum error
encode_spki_ec(struct der params, struct der point,
    unsigned char ret_spki[SPKI_MAX], size_t *ret_len)
{
	struct der algorithm = {ec_key, sizeof ec_key}, inner;
	size_t names = algorithm.len + params.len, bits;
	unsigned char *out;

	/* 04 begins both forms, so it is the length that tells */
	if ((point.len == 2 + 65 || point.len == 2 + 97) &&
	    der_only(point, DER_OCTET_STRING, &inner))
		point = inner;
	if (params.len > sizeof p256 || point.len > 97)
		return ERR_INPUT;
	bits = 1 + point.len;
	out = put_head(ret_spki, DER_SEQUENCE,
	    head_len(names) + names + head_len(bits) + bits);
	out = put_head(out, DER_SEQUENCE, names);
	out = put(out, algorithm);
	out = put(out, params);
	out = put_head(out, DER_BIT_STRING, bits);
	*out++ = 0;
	out = put(out, point);
	return finish(ret_spki, (size_t)(out - ret_spki), ret_len);
}

enum error
encode_spki_rsa(struct der modulus, struct der exponent,
    unsigned char ret_spki[SPKI_MAX], size_t *ret_len)
{
	static const unsigned char rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
	    0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
	struct der algorithm = {rsa, sizeof rsa};
	struct der n = without_zeros(modulus), e = without_zeros(exponent);
	size_t n_len, e_len, key, bits;
	unsigned char *out;

	if (n.len == 0 || e.len == 0 || n.len > 512 || e.len > 8)
		return ERR_INPUT;
	n_len = integer_len(n);
	e_len = integer_len(e);
	key = head_len(n_len) + n_len + head_len(e_len) + e_len;
	bits = 1 + head_len(key) + key;
	out = put_head(
	    ret_spki, DER_SEQUENCE, algorithm.len + head_len(bits) + bits);
	out = put(out, algorithm);
	out = put_head(out, DER_BIT_STRING, bits);
	*out++ = 0;
	out = put_head(out, DER_SEQUENCE, key);
	out = put_integer(out, n);
	out = put_integer(out, e);
	return finish(ret_spki, (size_t)(out - ret_spki), ret_len);
}
