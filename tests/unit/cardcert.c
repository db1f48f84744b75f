/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/cardcert.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "tests/unit/testkey.h"

static struct testkey key;

static int
make_key(void **state)
{
	(void)state;
	testkey_ec("P-256", &key);
	return 0;
}

static int
free_key(void **state)
{
	(void)state;
	EVP_PKEY_free(key.key);
	return 0;
}

/* A certificate with this common name, and what else is not NULL. */
static size_t
make_with(EVP_PKEY *pkey, const char *cn, const char *serial, const char *upn,
    unsigned char **ret_der)
{
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);
	char text[300];
	int len;

	assert_int_equal(X509_set_version(x509, 2), 1);
	assert_int_equal(X509_set_pubkey(x509, pkey), 1);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
			     (const unsigned char *)cn, -1, -1, 0),
	    1);
	if (serial != NULL)
		assert_int_equal(
		    X509_NAME_add_entry_by_txt(name, "serialNumber",
			MBSTRING_ASC, (const unsigned char *)serial, -1, -1, 0),
		    1);
	assert_int_equal(
	    X509_NAME_add_entry_by_txt(X509_get_issuer_name(x509), "CN",
		MBSTRING_UTF8, (const unsigned char *)"Test CA", -1, -1, 0),
	    1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), 3600));
	if (upn != NULL) {
		X509_EXTENSION *ext;

		(void)snprintf(text, sizeof text,
		    "email:x@example,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:%s",
		    upn);
		ext =
		    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
		assert_non_null(ext);
		assert_int_equal(X509_add_ext(x509, ext, -1), 1);
		X509_EXTENSION_free(ext);
	}
	assert_true(X509_sign(x509, key.key, EVP_sha256()) > 0);
	*ret_der = NULL;
	len = i2d_X509(x509, ret_der);
	assert_true(len > 0);
	X509_free(x509);
	return (size_t)len;
}

static size_t
make(EVP_PKEY *pkey, const char *cn, const char *upn, unsigned char **ret_der)
{
	return make_with(pkey, cn, NULL, upn, ret_der);
}

/* UPN, then serialNumber (of our own CA), then the common name. */
static void
names_in_order(void **state)
{
	struct cardcert c;
	unsigned char *der;
	size_t len;

	(void)state;
	len = make_with(key.key, "Sato Taro", "sato", NULL, &der);
	assert_ok(cardcert_read(der, len, &c));
	assert_string_equal(c.login, "sato");
	assert_in_range(c.not_after, time(NULL) + 3500, time(NULL) + 3600);
	OPENSSL_free(der);
	len = make_with(key.key, "x", "sato", "suzuki@example", &der);
	assert_ok(cardcert_read(der, len, &c));
	assert_string_equal(c.login, "suzuki");
	OPENSSL_free(der);
	len = make_with(key.key, "tanaka", "no login", NULL, &der);
	assert_ok(cardcert_read(der, len, &c));
	assert_string_equal(c.login, "tanaka");
	OPENSSL_free(der);
}

static void
names(void **state)
{
	static const struct {
		const char *cn, *upn, *login;
	} cases[] = {
	    {"sato", NULL, "sato"},
	    {"Sato Taro", NULL, ""}, /* a blank: not a login */
	    {"Sato Taro", "sato@hospital.example", "sato"},
	    {"佐藤", NULL, "佐藤"},
	    {"佐藤", "sato", "sato"},
	    {"tanaka", "@hospital.example", "tanaka"},
	    {"evil\033[2J", NULL, ""},
	};
	struct cardcert c;
	unsigned char *der;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		len = make(key.key, cases[i].cn, cases[i].upn, &der);
		assert_ok(cardcert_read(der, len, &c));
		assert_string_equal(c.login, cases[i].login);
		assert_string_equal(c.issuer, "/CN=Test CA");
		assert_int_equal(c.kind, KEY_P256);
		assert_int_equal(c.spki_len, key.len);
		assert_memory_equal(c.spki, key.spki, key.len);
		OPENSSL_free(der);
	}
}

static void
what_is_no_certificate(void **state)
{
	static unsigned char junk[CERTIFICATE_MAX + 1];
	struct cardcert c;
	struct testkey other;
	unsigned char *der;
	size_t len;

	(void)state;
	assert_error(cardcert_read(junk, 0, &c), ERR_INPUT);
	assert_error(cardcert_read(junk, 100, &c), ERR_INPUT);
	assert_error(cardcert_read(junk, sizeof junk, &c), ERR_INPUT);
	len = make(key.key, "sato", NULL, &der);
	assert_error(cardcert_read(der, len - 1, &c), ERR_INPUT);
	OPENSSL_free(der);
	testkey_rsa(1024, &other); /* a key that is not taken */
	len = make(other.key, "sato", NULL, &der);
	assert_error(cardcert_read(der, len, &c), ERR_INPUT);
	OPENSSL_free(der);
	EVP_PKEY_free(other.key);
}

static void
raw_to_der(void **state)
{
	unsigned char raw[132] = {0}, der[SIGNATURE_MAX];
	static const unsigned char small[] = {0x30, 6, 2, 1, 1, 2, 1, 2};
	static const unsigned char high[] = {
	    0x30, 8, 2, 2, 0, 0x80, 2, 2, 0, 0xff};
	size_t len = 0;

	(void)state;
	raw[31] = 1;
	raw[63] = 2;
	assert_ok(cardcert_ecdsa_der(raw, 64, der, &len));
	assert_int_equal(len, sizeof small);
	assert_memory_equal(der, small, len);
	/* the sign bit needs an octet before it */
	raw[31] = 0x80;
	raw[63] = 0xff;
	assert_ok(cardcert_ecdsa_der(raw, 64, der, &len));
	assert_int_equal(len, sizeof high);
	assert_memory_equal(der, high, len);
	assert_error(cardcert_ecdsa_der(raw, 0, der, &len), ERR_INPUT);
	assert_error(cardcert_ecdsa_der(raw, 63, der, &len), ERR_INPUT);
	assert_error(cardcert_ecdsa_der(raw, 134, der, &len), ERR_INPUT);
	/* no signature has a zero */
	raw[63] = 0;
	assert_error(cardcert_ecdsa_der(raw, 64, der, &len), ERR_INPUT);
	memset(raw, 0xff, sizeof raw);
	assert_ok(cardcert_ecdsa_der(raw, sizeof raw, der, &len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(names_in_order),
	    cmocka_unit_test(what_is_no_certificate),
	    cmocka_unit_test(raw_to_der),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
