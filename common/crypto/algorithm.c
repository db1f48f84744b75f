/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/algorithm.h"

#include "common/crypto/ossl.h"

#define ECDSA(hash) \
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, hash
#define RSA(hash)                                                         \
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, \
	    0x01, hash, 0x05, 0x00

static const struct {
	struct algorithm algorithm;
	unsigned char der[15];
} table[] = {
    {{PADDING_NONE, HASH_SHA256}, {ECDSA(2)}},
    {{PADDING_NONE, HASH_SHA384}, {ECDSA(3)}},
    {{PADDING_NONE, HASH_SHA512}, {ECDSA(4)}},
    {{PADDING_PKCS1, HASH_SHA256}, {RSA(11)}},
    {{PADDING_PKCS1, HASH_SHA384}, {RSA(12)}},
    {{PADDING_PKCS1, HASH_SHA512}, {RSA(13)}},
};
enum { ALGORITHMS = sizeof table / sizeof table[0] };

static struct der
der_of(size_t i)
{
	return (struct der){table[i].der, 2U + table[i].der[1]};
}

struct der
algorithm_der(struct algorithm a)
{
	size_t i;

	for (i = 0; i < ALGORITHMS; i++) {
		if (table[i].algorithm.padding == a.padding &&
		    table[i].algorithm.hash == a.hash)
			return der_of(i);
	}
	return (struct der){NULL, 0};
}

enum error
algorithm_find(struct der der, struct algorithm *ret_algorithm)
{
	size_t i;

	for (i = 0; i < ALGORITHMS; i++) {
		struct der in = der, known = der_of(i);

		if (der_skip(&in, known.octets, known.len) && in.len == 0) {
			*ret_algorithm = table[i].algorithm;
			return ERR_OK;
		}
	}
	return ERR_INPUT;
}

struct algorithm
algorithm_of_key(enum key_kind kind)
{
	switch (kind) {
	case KEY_P256:
		return (struct algorithm){PADDING_NONE, HASH_SHA256};
	case KEY_P384:
		return (struct algorithm){PADDING_NONE, HASH_SHA384};
	case KEY_RSA:
		break;
	}
	return (struct algorithm){PADDING_PKCS1, HASH_SHA256};
}

enum error
algorithm_digest(enum hash hash, const void *octets, size_t len,
    unsigned char ret_digest[SIGNATURE_DIGEST_MAX])
{
	static const char *const names[] = {"SHA256", "SHA384", "SHA512"};

	if (ossl_context() == NULL ||
	    EVP_Q_digest(ossl_context(), names[hash], NULL, octets, len,
		ret_digest, NULL) != 1) {
		ERR_clear_error();
		return ERR_CRYPTO;
	}
	return ERR_OK;
}
