/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testcert.h - certificates of any kind, also such as nobody should make. */
#ifndef SEKISHO_TESTS_UNIT_TESTCERT_H
#define SEKISHO_TESTS_UNIT_TESTCERT_H

#include <openssl/x509v3.h>
#include <string.h>

#include "tests/unit/testkey.h"

struct testcert {
	unsigned char der[16384];
	size_t len;
};

/* 2026-01-01 and 2027-01-01, 00:00:00 */
enum { TESTCERT_FROM = 1767225600, TESTCERT_TO = 1798761600 };

/* A name of one CN, self-signed later; caller adds and signs. */
static inline X509 *
testcert_new(const char *common_name, const struct testkey *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();

	assert_int_equal(X509_set_version(x, 2), 1);
	assert_int_equal(
	    ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1234abcd), 1);
	assert_int_equal(
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0),
	    1);
	assert_int_equal(X509_set_subject_name(x, name), 1);
	assert_int_equal(X509_set_issuer_name(x, name), 1);
	X509_NAME_free(name);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x), TESTCERT_FROM));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x), TESTCERT_TO));
	assert_int_equal(X509_set_pubkey(x, key->key), 1);
	return x;
}

/* One extension in the words of x509v3_config(5). */
static inline void
testcert_extend(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* One extension octet for octet. */
static inline void
testcert_extend_der(X509 *x, const char *oid, const void *der, size_t len)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	assert_int_equal(ASN1_OCTET_STRING_set(value, der, (int)len), 1);
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
	assert_int_equal(X509_add_ext(x, extension, -1), 1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
}

struct testcert_upn {
	int type; /* V_ASN1_UTF8STRING */
	const char *octets;
	int len; /* -1: to its NUL */
};

/* A subjectAltName of an address and these UPNs. */
static inline void
testcert_upns(X509 *x, const struct testcert_upn *upns, size_t n)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	size_t i;

	assert_int_not_equal(
	    sk_GENERAL_NAME_push(
		names, a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_EMAIL, "a@b", 0)),
	    0);

	for (i = 0; i < n; i++) {
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_TYPE *value = ASN1_TYPE_new();
		ASN1_STRING *string = ASN1_STRING_type_new(upns[i].type);

		assert_int_equal(
		    ASN1_STRING_set(string, upns[i].octets, upns[i].len), 1);
		ASN1_TYPE_set(value, upns[i].type, string);
		assert_int_equal(
		    GENERAL_NAME_set0_othername(
			name, OBJ_txt2obj("1.3.6.1.4.1.311.20.2.3", 1), value),
		    1);
		assert_int_not_equal(sk_GENERAL_NAME_push(names, name), 0);
	}
	assert_int_equal(
	    X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
}

/* Signs, codes and frees. */
static inline void
testcert_sign(X509 *x, const struct testkey *key, struct testcert *ret_cert)
{
	unsigned char *der = ret_cert->der;
	int len;

	assert_int_not_equal(X509_sign(x, key->key, EVP_sha256()), 0);
	len = i2d_X509(x, NULL);
	assert_in_range(len, 1, (int)sizeof ret_cert->der);
	assert_int_equal(i2d_X509(x, &der), len);
	ret_cert->len = (size_t)len;
	X509_free(x);
}

#endif
