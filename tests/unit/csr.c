/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/csr.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto/pem.h"
#include "tests/unit/testkey.h"

static struct testkey p256, p384, rsa;

struct request {
	unsigned char der[16384];
	size_t len;
};

/* As openssl-req(1) makes them. */
static void
make(const struct testkey *subject, const struct testkey *signer,
    const EVP_MD *md, struct request *ret)
{
	X509_REQ *req = X509_REQ_new();
	X509_NAME *name = X509_NAME_new();
	unsigned char *der = ret->der;

	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
			     (const unsigned char *)"who cares", -1, -1, 0),
	    1);
	assert_int_equal(X509_REQ_set_subject_name(req, name), 1);
	X509_NAME_free(name);
	assert_int_equal(X509_REQ_set_pubkey(req, subject->key), 1);
	assert_int_not_equal(X509_REQ_sign(req, signer->key, md), 0);
	ret->len = (size_t)i2d_X509_REQ(req, &der);
	X509_REQ_free(req);
}

static enum error
verify(const struct request *r, struct csr *ret_csr)
{
	enum error err = csr_verify(r->der, r->len, ret_csr);

	assert_int_equal(ERR_peek_error(), 0);
	return err;
}

static void
good_requests(void **state)
{
	static const struct testkey *const keys[] = {&p256, &p384, &rsa};
	const EVP_MD *const hashes[] = {
	    EVP_sha256(), EVP_sha384(), EVP_sha512()};
	unsigned char id[SPKI_KEY_ID];
	struct request r;
	struct csr csr;
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(keys); i++) {
		for (j = 0; j < COUNT(hashes); j++) {
			make(keys[i], keys[i], hashes[j], &r);
			assert_ok(verify(&r, &csr));
			assert_int_equal(csr.spki.len, keys[i]->len);
			assert_memory_equal(
			    csr.spki.octets, keys[i]->spki, keys[i]->len);
			assert_int_equal(csr.kind, (enum key_kind)i);
			assert_int_equal(csr.bits, i == 0   ? 256
						   : i == 1 ? 384
							    : 2048);
			spki_key_id(keys[i]->spki, keys[i]->len, id);
			assert_memory_equal(csr.key_id, id, sizeof id);
		}
	}
}

/* Who asks for a certificate of somebody else's key does not get it. */
static void
another_key_signed(void **state)
{
	struct testkey other;
	struct request r;
	struct csr csr;

	(void)state;
	testkey_ec("P-256", &other);
	make(&p256, &other, EVP_sha256(), &r);
	assert_error(verify(&r, &csr), ERR_MISMATCH);
	make(&p256, &rsa, EVP_sha256(), &r);
	assert_error(verify(&r, &csr), ERR_INPUT);
	EVP_PKEY_free(other.key);
}

static void
keys_and_hashes_that_we_do_not_take(void **state)
{
	struct testkey small;
	struct request r;
	struct csr csr;

	(void)state;
	make(&p256, &p256, EVP_sha1(), &r);
	assert_error(verify(&r, &csr), ERR_INPUT);
	make(&rsa, &rsa, EVP_sha1(), &r);
	assert_error(verify(&r, &csr), ERR_INPUT);
	testkey_rsa(1024, &small);
	make(&small, &small, EVP_sha256(), &r);
	assert_error(verify(&r, &csr), ERR_INPUT);
	EVP_PKEY_free(small.key);
	testkey_ec("secp256k1", &small);
	make(&small, &small, EVP_sha256(), &r);
	assert_error(verify(&r, &csr), ERR_INPUT);
	EVP_PKEY_free(small.key);
}

static void
every_bit_and_every_length(void **state)
{
	struct request r, t;
	struct csr csr;
	size_t bit, len;

	(void)state;
	make(&p256, &p256, EVP_sha256(), &r);
	for (bit = 0; bit < r.len * 8; bit++) {
		enum error err;

		t = r;
		t.der[bit / 8] ^= (unsigned char)(1U << bit % 8);
		err = verify(&t, &csr);
		if (err != ERR_INPUT && err != ERR_MISMATCH)
			fail_msg("bit %zu: %s", bit, error_text(err));
	}
	for (len = 0; len < r.len; len++) {
		unsigned char *copy = malloc(len + 1);

		memcpy(copy, r.der, len);
		assert_error(csr_verify(copy, len, &csr), ERR_INPUT);
		free(copy);
	}
	r.der[r.len++] = 0;
	assert_error(verify(&r, &csr), ERR_INPUT);
	memset(t.der, 0x30, sizeof t.der);
	t.len = CSR_MAX + 1;
	assert_error(verify(&t, &csr), ERR_INPUT);
}

static void
pem_there_and_back(void **state)
{
	struct request r;
	unsigned char *der = NULL;
	const char *at;
	char *text = NULL;
	size_t len, der_len = 0;
	struct csr csr;

	(void)state;
	make(&p256, &p256, EVP_sha256(), &r);
	assert_ok(pem_encode(PEM_CSR, r.der, r.len, &text));
	assert_memory_equal(text, "-----BEGIN CERTIFICATE REQUEST-----\n", 36);
	at = text;
	len = strlen(text);
	assert_ok(pem_next(&at, &len, PEM_CSR, &der, &der_len));
	assert_int_equal(der_len, r.len);
	assert_memory_equal(der, r.der, r.len);
	assert_ok(csr_verify(der, der_len, &csr));
	free(der);
	assert_error(
	    pem_next(&at, &len, PEM_CSR, &der, &der_len), ERR_NOTFOUND);
	/* as another thing it is not found */
	at = text;
	len = strlen(text);
	assert_error(
	    pem_next(&at, &len, PEM_CERTIFICATE, &der, &der_len), ERR_NOTFOUND);
	free(text);
}

static void
pem_with_several_blocks(void **state)
{
	static const char file[] = "subject=CN = a\n"
				   "-----BEGIN CERTIFICATE-----\nYWJj\n"
				   "-----END CERTIFICATE-----\n"
				   "-----BEGIN X509 CRL-----\r\nY3Js\r\n"
				   "-----END X509 CRL-----\r\n"
				   "some words\n"
				   "-----BEGIN CERTIFICATE-----\nZGVm\n"
				   "-----END CERTIFICATE-----\n"
				   "the end";
	const char *at = file;
	size_t len = sizeof file - 1, der_len = 0;
	unsigned char *der = NULL;

	(void)state;
	assert_ok(pem_next(&at, &len, PEM_CERTIFICATE, &der, &der_len));
	assert_int_equal(der_len, 3);
	assert_memory_equal(der, "abc", 3);
	free(der);
	assert_ok(pem_next(&at, &len, PEM_CERTIFICATE, &der, &der_len));
	assert_memory_equal(der, "def", 3);
	free(der);
	assert_error(
	    pem_next(&at, &len, PEM_CERTIFICATE, &der, &der_len), ERR_NOTFOUND);
	at = file;
	len = sizeof file - 1;
	assert_ok(pem_next(&at, &len, PEM_CRL, &der, &der_len));
	assert_memory_equal(der, "crl", 3);
	free(der);
}

static void
broken_pem(void **state)
{
	static const char *const bad[] = {
	    "-----BEGIN CERTIFICATE-----\nYWJj\n",
	    "-----BEGIN CERTIFICATE-----\nYWJj\n-----END X509 CRL-----\n",
	    "-----BEGIN CERTIFICATE-----\nYW*j\n-----END CERTIFICATE-----\n",
	    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
	    ("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
	     "DEK-Info: AES-256-CBC,00\n\nYWJj\n-----END CERTIFICATE-----\n"),
	};
	unsigned char *der = NULL;
	char *text = NULL;
	size_t i, der_len = 7;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		const char *at = bad[i];
		size_t len = strlen(bad[i]);

		assert_error(
		    pem_next(&at, &len, PEM_CERTIFICATE, &der, &der_len),
		    ERR_INPUT);
		assert_null(der);
		assert_int_equal(der_len, 7);
		assert_int_equal(ERR_peek_error(), 0);
	}
	assert_error(pem_encode(PEM_CRL, "", 0, &text), ERR_INPUT);
	assert_null(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_requests),
	    cmocka_unit_test(another_key_signed),
	    cmocka_unit_test(keys_and_hashes_that_we_do_not_take),
	    cmocka_unit_test(every_bit_and_every_length),
	    cmocka_unit_test(pem_there_and_back),
	    cmocka_unit_test(pem_with_several_blocks),
	    cmocka_unit_test(broken_pem),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	testkey_ec("P-256", &p256);
	testkey_ec("P-384", &p384);
	testkey_rsa(2048, &rsa);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(p256.key);
	EVP_PKEY_free(p384.key);
	EVP_PKEY_free(rsa.key);
	return failed;
}
