/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/spki.h"

#include <sodium.h>
#include <stdint.h>

#include "common/crypto/ossl.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, RSA_EXPONENT_MAX = 8 };

const char *
key_kind_text(enum key_kind kind)
{
	switch (kind) {
	case KEY_P256:
		return "P-256";
	case KEY_P384:
		return "P-384";
	case KEY_RSA:
		return "RSA";
	}
	return "unknown";
}

/*
 * Everything before the point or the RSAPublicKey. An EC key has no other
 * text than this one, so it is compared instead of parsed.
 */
static const unsigned char p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const unsigned char p384_head[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x22, 0x03, 0x62, 0x00};
static const unsigned char rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a,
    0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

static bool
is_point(struct der in, size_t field, struct der *ret_point)
{
	if (in.len != 1 + 2 * field || in.octets[0] != 0x04)
		return false;
	*ret_point = in;
	return true;
}

static unsigned
bits_of(struct der number)
{
	unsigned bits = (unsigned)number.len * 8;
	unsigned char top = number.octets[0];

	for (; (top & 0x80) == 0; top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

static bool
is_odd(struct der number)
{
	return (number.octets[number.len - 1] & 1) != 0;
}

static bool
parse_rsa(struct der in, struct spki *spki)
{
	struct der outer, bits, key;

	if (!der_only(in, DER_SEQUENCE, &outer) ||
	    !der_skip(&outer, rsa_algorithm, sizeof rsa_algorithm) ||
	    !der_only(outer, DER_BIT_STRING, &bits) ||
	    !der_skip(&bits, "", 1) /* no unused bits */ ||
	    !der_only(bits, DER_SEQUENCE, &key) ||
	    !der_positive(&key, &spki->modulus) ||
	    !der_positive(&key, &spki->exponent) || key.len != 0)
		return false;
	spki->kind = KEY_RSA;
	spki->bits = bits_of(spki->modulus);
	/* 17 bits and odd is 65537 at least */
	return spki->bits >= RSA_BITS_MIN && spki->bits <= RSA_BITS_MAX &&
	       is_odd(spki->modulus) && is_odd(spki->exponent) &&
	       bits_of(spki->exponent) >= 17 &&
	       spki->exponent.len <= RSA_EXPONENT_MAX;
}

enum error
spki_parse(const void *der, size_t len, struct spki *ret_spki)
{
	struct der in = {der, len};
	struct spki spki = {.bits = 0};

	if (len > SPKI_MAX)
		return ERR_INPUT;
	if (der_skip(&in, p256_head, sizeof p256_head)) {
		spki.kind = KEY_P256;
		spki.bits = 256;
		if (!is_point(in, 32, &spki.point))
			return ERR_INPUT;
	} else if (der_skip(&in, p384_head, sizeof p384_head)) {
		spki.kind = KEY_P384;
		spki.bits = 384;
		if (!is_point(in, 48, &spki.point))
			return ERR_INPUT;
	} else if (!parse_rsa(in, &spki)) {
		return ERR_INPUT;
	}
	*ret_spki = spki;
	return ERR_OK;
}

static unsigned
modulo(struct der number, unsigned divisor)
{
	unsigned rest = 0;
	size_t i;

	for (i = 0; i < number.len; i++)
		rest = (rest << 8 | number.octets[i]) % divisor;
	return rest;
}

/*
 * Infineon's RSALib made primes k * M + (65537^a mod M), M the product of
 * small primes; so the modulus is a power of 65537 modulo each of them.
 * Nemec et al., "The Return of Coppersmith's Attack", CCS 2017. Among the
 * odd primes to 167 those are compared where 65537 does not reach every
 * residue; another key passes all of them once in 2^27 or less.
 */
static bool
looks_guessable(struct der modulus)
{
	static const unsigned char primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29,
	    31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
	    103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
	size_t i;

	for (i = 0; i < sizeof primes; i++) {
		unsigned p = primes[i], rest = modulo(modulus, p), power = 1;

		do {
			if (power == rest)
				break;
			power = power * (65537 % p) % p;
		} while (power != 1);
		if (power != rest)
			return false;
	}
	return true;
}

/* SP 800-89 5.3.3 (e): the primes below 752. */
static bool
has_small_factor(struct der modulus)
{
	unsigned n, d;

	for (n = 3; n < 752; n += 2) {
		for (d = 3; d * d <= n && n % d != 0; d += 2)
			;
		if (d * d > n && modulo(modulus, n) == 0)
			return true;
	}
	return false;
}

enum error
spki_acceptable(const void *der, size_t len, struct spki *ret_spki)
{
	struct spki spki;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	enum error err;

	ERR_clear_error();
	err = spki_parse(der, len, &spki);
	if (err != ERR_OK)
		return err;
	if (spki.kind == KEY_RSA &&
	    (has_small_factor(spki.modulus) || looks_guessable(spki.modulus)))
		return ERR_INPUT;
	err = ossl_key(&spki, &key);
	if (err != ERR_OK)
		return err;
	ctx = EVP_PKEY_CTX_new_from_pkey(ossl_context(), key, NULL);
	if (ctx == NULL)
		err = ERR_CRYPTO;
	else if (EVP_PKEY_public_check(ctx) != 1)
		err = ossl_blames_input() ? ERR_INPUT : ERR_CRYPTO;
	else
		*ret_spki = spki;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}

void
spki_key_id(const void *der, size_t len, unsigned char ret_id[SPKI_KEY_ID])
{
	(void)crypto_hash_sha256(ret_id, der, len);
}
