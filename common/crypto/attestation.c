/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/attestation.h"

#include <stdio.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/ossl.h"

enum { CERTIFICATE_MAX = 8192, STRENGTH = 112 };

static X509 *
parse(const void *der, size_t len)
{
	const unsigned char *at = der;
	X509 *x = X509_new_ex(ossl_context(), NULL);

	if (x == NULL || len > CERTIFICATE_MAX)
		goto fail;
	if (d2i_X509(&x, &at, (long)len) == NULL ||
	    at != (const unsigned char *)der + len)
		goto fail;
	return x;
fail:
	X509_free(x);
	return NULL;
}

/* The value of an extension by its number; NULL if it is not there. */
static const ASN1_OCTET_STRING *
extension(const X509 *x, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at;

	if (object == NULL)
		return NULL;
	at = X509_get_ext_by_OBJ(x, object, -1);
	ASN1_OBJECT_free(object);
	return at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(x, at));
}

/* 1.3.6.1.4.1.41482.3.3 firmware, .3.7 serial number, .3.8 policies */
static void
read_extensions(const X509 *x, struct attestation *ret)
{
	const ASN1_OCTET_STRING *value;
	const unsigned char *at;
	ASN1_INTEGER *number;

	value = extension(x, "1.3.6.1.4.1.41482.3.3");
	if (value != NULL && value->length == 3)
		(void)snprintf(ret->version, sizeof ret->version, "%u.%u.%u",
		    value->data[0], value->data[1], value->data[2]);
	value = extension(x, "1.3.6.1.4.1.41482.3.7");
	if (value != NULL) {
		at = value->data;
		number = d2i_ASN1_INTEGER(NULL, &at, value->length);
		if (number != NULL && ASN1_INTEGER_get(number) > 0)
			ret->serial = (unsigned long)ASN1_INTEGER_get(number);
		ASN1_INTEGER_free(number);
	}
	value = extension(x, "1.3.6.1.4.1.41482.3.8");
	if (value != NULL && value->length == 2) {
		ret->pin_policy = value->data[0];
		ret->touch_policy = value->data[1];
	}
}

/* Whether the statement's key is this one. */
static bool
about(X509 *x, const void *spki, size_t spki_len)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	bool same = len > 0 && (size_t)len == spki_len &&
		    CRYPTO_memcmp(der, spki, spki_len) == 0;

	OPENSSL_free(der);
	return same;
}

enum error
attestation_check(const void *statement, size_t statement_len,
    const void *attester, size_t attester_len, const void *spki,
    size_t spki_len, struct attestation *ret_attestation)
{
	X509 *said = parse(statement, statement_len);
	X509 *by = parse(attester, attester_len);
	struct attestation found = {0};
	unsigned char digest[32];
	size_t digest_len = sizeof digest;
	enum error err = ERR_INPUT;

	if (said == NULL || by == NULL)
		goto out;
	err = ERR_MISMATCH;
	if (!about(said, spki, spki_len) ||
	    X509_verify(said, X509_get0_pubkey(by)) != 1)
		goto out;
	err = ERR_CRYPTO;
	if (EVP_Q_digest(ossl_context(), "SHA256", NULL, attester, attester_len,
		digest, &digest_len) != 1)
		goto out;
	hex_encode(digest, 20, found.attester);
	read_extensions(said, &found);
	*ret_attestation = found;
	err = ERR_OK;
out:
	X509_free(said);
	X509_free(by);
	ERR_clear_error();
	return err;
}

static bool
strong(X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	return key != NULL && EVP_PKEY_get_security_bits(key) >= STRENGTH;
}

static bool
valid_at(const X509 *x, int64_t now)
{
	time_t at = (time_t)now;

	return X509_cmp_time(X509_get0_notBefore(x), &at) == -1 &&
	       X509_cmp_time(X509_get0_notAfter(x), &at) == 1;
}

enum error
attestation_rooted(const void *attester, size_t attester_len, const void *root,
    size_t root_len, int64_t now)
{
	X509 *by = parse(attester, attester_len);
	X509 *above = parse(root, root_len);
	enum error err = ERR_INPUT;
	int bits;

	if (by == NULL || above == NULL || !strong(by) || !strong(above))
		goto out;
	err = ERR_MISMATCH;
	if (X509_NAME_cmp(
		X509_get_issuer_name(by), X509_get_subject_name(above)) != 0 ||
	    X509_verify(by, X509_get0_pubkey(above)) != 1)
		goto out;
	/* a key's statement, which names no CA, must not vouch for others */
	if (X509_check_ca(by) != 1 || X509_check_ca(above) != 1 ||
	    !valid_at(by, now) || !valid_at(above, now))
		goto out;
	if (X509_get_signature_info(by, NULL, NULL, &bits, NULL) != 1 ||
	    bits < STRENGTH)
		goto out;
	err = ERR_OK;
out:
	X509_free(by);
	X509_free(above);
	ERR_clear_error();
	return err;
}
