/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/ossl.h"

#include <string.h>

OSSL_LIB_CTX *
ossl_context(void)
{
	static OSSL_LIB_CTX *context;
	OSSL_LIB_CTX *fresh;

	if (context != NULL)
		return context;
	fresh = OSSL_LIB_CTX_new();
	if (fresh == NULL)
		return NULL;
	if (OSSL_PROVIDER_load(fresh, "default") == NULL) {
		OSSL_LIB_CTX_free(fresh);
		return NULL;
	}
	context = fresh;
	return context;
}

/* What these libraries say of keys and signatures that do not fit. */
static bool
is_about_input(unsigned long e)
{
	int reason = ERR_GET_REASON(e);

	switch (ERR_GET_LIB(e)) {
	case ERR_LIB_RSA:
		return reason == RSA_R_BAD_SIGNATURE ||
		       reason == RSA_R_WRONG_SIGNATURE_LENGTH ||
		       reason == RSA_R_DATA_TOO_LARGE_FOR_MODULUS ||
		       reason == RSA_R_DATA_TOO_LARGE ||
		       reason == RSA_R_PADDING_CHECK_FAILED ||
		       reason == RSA_R_INVALID_PADDING ||
		       reason == RSA_R_BLOCK_TYPE_IS_NOT_01 ||
		       reason == RSA_R_BAD_FIXED_HEADER_DECRYPT ||
		       reason == RSA_R_BAD_PAD_BYTE_COUNT ||
		       reason == RSA_R_NULL_BEFORE_BLOCK_MISSING ||
		       reason == RSA_R_INVALID_MESSAGE_LENGTH ||
		       reason == RSA_R_DIGEST_DOES_NOT_MATCH ||
		       reason == RSA_R_FIRST_OCTET_INVALID ||
		       reason == RSA_R_LAST_OCTET_INVALID ||
		       reason == RSA_R_SLEN_RECOVERY_FAILED ||
		       reason == RSA_R_SLEN_CHECK_FAILED ||
		       reason == RSA_R_INVALID_MODULUS ||
		       reason == RSA_R_PUB_EXPONENT_OUT_OF_RANGE;
	case ERR_LIB_EC:
		return reason == EC_R_BAD_SIGNATURE ||
		       reason == EC_R_POINT_IS_NOT_ON_CURVE ||
		       reason == EC_R_POINT_AT_INFINITY ||
		       reason == EC_R_INVALID_ENCODING ||
		       reason == EC_R_COORDINATES_OUT_OF_RANGE;
	}
	return false;
}

/* Only says that what was called refused; why stands beside it. */
static bool
passes_on(unsigned long e)
{
	int reason = ERR_GET_REASON(e);

	return reason == ERR_R_RSA_LIB || reason == ERR_R_EC_LIB;
}

bool
ossl_blames_input(void)
{
	bool input = false, passed_on = false, other = false;
	unsigned long e;

	while ((e = ERR_get_error()) != 0) {
		if (is_about_input(e))
			input = true;
		else if (passes_on(e))
			passed_on = true;
		else
			other = true;
	}
	/* Passed on without a reason: seen where memory is short. */
	return !other && (input || !passed_on);
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx;

	ctx = EVP_PKEY_CTX_new_from_name(ossl_context(), type, NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* OSSL_PARAM's numbers have the machine's order of octets. */
static void
reverse(struct der number, unsigned char *out)
{
	size_t i;

	for (i = 0; i < number.len; i++)
		out[i] = number.octets[number.len - 1 - i];
}

enum error
ossl_key(const struct spki *spki, EVP_PKEY **ret_key)
{
	static char p256[] = "P-256", p384[] = "P-384";
	unsigned char a[SPKI_MAX], b[SPKI_MAX];
	OSSL_PARAM params[3];
	EVP_PKEY *key;

	_Static_assert(
	    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "see reverse()");
	ERR_clear_error();
	if (ossl_context() == NULL)
		return ERR_CRYPTO;
	if (spki->kind == KEY_RSA) {
		reverse(spki->modulus, a);
		reverse(spki->exponent, b);
		params[0] = OSSL_PARAM_construct_BN(
		    OSSL_PKEY_PARAM_RSA_N, a, spki->modulus.len);
		params[1] = OSSL_PARAM_construct_BN(
		    OSSL_PKEY_PARAM_RSA_E, b, spki->exponent.len);
	} else {
		params[0] =
		    OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
			spki->kind == KEY_P256 ? p256 : p384, 0);
		memcpy(a, spki->point.octets, spki->point.len);
		params[1] = OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, a, spki->point.len);
	}
	params[2] = OSSL_PARAM_construct_end();
	key = from_params(spki->kind == KEY_RSA ? "RSA" : "EC", params);
	if (key == NULL) {
		bool reason = ERR_peek_error() != 0;

		return reason && ossl_blames_input() ? ERR_INPUT : ERR_CRYPTO;
	}
	ERR_clear_error();
	*ret_key = key;
	return ERR_OK;
}

enum error
ossl_refused(void)
{
	enum error err = ERR_INPUT;
	unsigned long e;

	while ((e = ERR_get_error()) != 0) {
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			err = ERR_NOMEM;
	}
	return err;
}

static enum error
decode(const void *der, size_t len, X509 **ret_certificate)
{
	const unsigned char *octets = der;
	X509 *x;

	if (ossl_context() == NULL)
		return ERR_CRYPTO;
	x = X509_new_ex(ossl_context(), NULL);
	if (x == NULL)
		return ERR_NOMEM;
	/* frees x when it fails */
	if (d2i_X509(&x, &octets, (long)len) == NULL)
		return ossl_refused();
	if (octets != (const unsigned char *)der + len ||
	    (X509_get_extension_flags(x) & EXFLAG_INVALID) != 0) {
		X509_free(x);
		return ossl_refused();
	}
	*ret_certificate = x;
	return ERR_OK;
}

/*
 * OpenSSL does not always say whether an extension was wrong or memory too
 * short to read it. Who is short of memory cannot do it a second time.
 */
enum error
ossl_certificate(const void *der, size_t len, X509 **ret_certificate)
{
	enum error err = decode(der, len, ret_certificate);

	return err == ERR_INPUT ? decode(der, len, ret_certificate) : err;
}
