/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRLs of our own CA, and what openssl(1) thinks of all that it issues. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/crypto/pem.h"
#include "tests/unit/testca.h"

static struct testca p256, p384, rsa;
static struct testca *const cas[] = {&p256, &p384, &rsa};
static struct testkey card;

static void
crls(void **state)
{
	static const struct issue_revoked revoked[] = {
	    {"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", TESTCA_NOW - 1,
		REVOKED_SUPERSEDED},
	    {"ff", TESTCA_NOW - 2, REVOKED_UNSPECIFIED},
	    {"4acacacacacacacacacacacacacacacacacacaca", TESTCA_NOW,
		REVOKED_PRIVILEGE_WITHDRAWN},
	};
	size_t i, n, len = 0;

	(void)state;
	for (i = 0; i < COUNT(cas); i++) {
		for (n = 0; n <= COUNT(revoked); n++) {
			struct issue_crl crl = {
			    .issuer = {cas[i]->der, cas[i]->len},
			    .number = UINT64_MAX - n,
			    .this_update = TESTCA_NOW,
			    .next_update = TESTCA_NOW + 86400,
			    .revoked = revoked,
			    .n_revoked = n};
			unsigned char *der = NULL;
			const unsigned char *p;
			ASN1_INTEGER *number;
			uint64_t got = 0;
			X509_CRL *x;

			assert_ok(issue_crl(&crl, &cas[i]->signer, &der, &len));
			assert_int_equal(ERR_peek_error(), 0);
			p = der;
			x = d2i_X509_CRL(NULL, &p, (long)len);
			assert_non_null(x);
			assert_ptr_equal(p, der + len);
			assert_int_equal(
			    X509_CRL_verify(x, cas[i]->key.key), 1);
			assert_int_equal(X509_CRL_get_version(x), 1);
			assert_int_equal(
			    sk_X509_REVOKED_num(X509_CRL_get_REVOKED(x)),
			    n == 0 ? -1 : (int)n);
			number =
			    X509_CRL_get_ext_d2i(x, NID_crl_number, NULL, NULL);
			assert_int_equal(
			    ASN1_INTEGER_get_uint64(&got, number), 1);
			assert_true(got == UINT64_MAX - n);
			ASN1_INTEGER_free(number);
			if (n > 0) {
				X509_REVOKED *entry = sk_X509_REVOKED_value(
				    X509_CRL_get_REVOKED(x), 0);
				ASN1_ENUMERATED *reason =
				    X509_REVOKED_get_ext_d2i(
					entry, NID_crl_reason, NULL, NULL);

				assert_int_equal(ASN1_ENUMERATED_get(reason),
				    REVOKED_SUPERSEDED);
				ASN1_ENUMERATED_free(reason);
			}
			if (n > 1)
				assert_int_equal(
				    X509_REVOKED_get_ext_count(
					sk_X509_REVOKED_value(
					    X509_CRL_get_REVOKED(x), 1)),
				    0);
			X509_CRL_free(x);
			free(der);
		}
	}
}

static void
crls_that_cannot_be_written(void **state)
{
	static const char *const serials[] = {
	    "", "5", "xy", "4acacacacacacacacacacacacacacacacacacacaca"};
	struct issue_crl good = {.issuer = {p256.der, p256.len},
	    .number = 1,
	    .this_update = TESTCA_NOW,
	    .next_update = TESTCA_NOW + 1};
	unsigned char *der = NULL;
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < COUNT(serials); i++) {
		struct issue_revoked revoked = {
		    serials[i], TESTCA_NOW, REVOKED_UNSPECIFIED};
		struct issue_crl crl = good;

		crl.revoked = &revoked;
		crl.n_revoked = 1;
		assert_error(
		    issue_crl(&crl, &p256.signer, &der, &len), ERR_INPUT);
	}
	good.next_update = TESTCA_NOW;
	assert_error(issue_crl(&good, &p256.signer, &der, &len), ERR_INPUT);
	good.next_update = TESTCA_NOW + 1;
	assert_error(issue_crl(&good, &p384.signer, &der, &len), ERR_INPUT);
	assert_null(der);
}

static void
write_pem(const char *path, const char *label, const void *der, size_t len)
{
	char *text = NULL;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_ok(pem_encode(label, der, len, &text));
	assert_int_equal(fputs(text, f) >= 0, 1);
	assert_int_equal(fclose(f), 0);
	free(text);
}

static int
run(const char *const *argv)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		char *args[24] = {NULL};
		size_t i;

		for (i = 0; argv[i] != NULL; i++)
			args[i] = strdup(argv[i]);
		(void)execvp(args[0], args);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* The same from outside: openssl-verify(1) with CRLs, strictly. */
static void
openssl_verify_agrees(void **state)
{
	static char folder[] = "/tmp/sekisho-issue.XXXXXX";
	static const char *const names[] = {"root.pem", "card.pem", "crl.pem"};
	char paths[3][64], at[32];
	const char *const verify[] = {"openssl", "verify", "-x509_strict",
	    "-check_ss_sig", "-crl_check", "-auth_level", "2", "-purpose",
	    "sslclient", "-attime", at, "-CAfile", paths[0], "-CRLfile",
	    paths[2], paths[1], NULL};
	struct issue_revoked revoked = {"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
	    TESTCA_NOW, REVOKED_KEY_COMPROMISE};
	unsigned char der[CERTIFICATE_MAX], *crl_der;
	size_t i, len = 0, crl_len = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (i = 0; i < 3; i++)
		(void)snprintf(
		    paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
	(void)snprintf(at, sizeof at, "%d", TESTCA_NOW + 1);
	for (i = 0; i < COUNT(cas); i++) {
		struct issue_template t = testca_template(cas[i], &card);
		struct issue_crl crl = {.issuer = {cas[i]->der, cas[i]->len},
		    .number = 1,
		    .this_update = TESTCA_NOW,
		    .next_update = TESTCA_NOW + 3600,
		    .revoked = &revoked};

		write_pem(paths[0], PEM_CERTIFICATE, cas[i]->der, cas[i]->len);
		assert_ok(issue_certificate(&t, &cas[i]->signer, der, &len));
		write_pem(paths[1], PEM_CERTIFICATE, der, len);
		for (crl.n_revoked = 0; crl.n_revoked < 2; crl.n_revoked++) {
			assert_ok(issue_crl(
			    &crl, &cas[i]->signer, &crl_der, &crl_len));
			write_pem(paths[2], PEM_CRL, crl_der, crl_len);
			free(crl_der);
			assert_int_equal(run(verify) == 0, crl.n_revoked == 0);
		}
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(unlink(paths[i]), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(crls),
	    cmocka_unit_test(crls_that_cannot_be_written),
	    cmocka_unit_test(openssl_verify_agrees),
	};
	size_t i;
	int failed;

	if (sodium_init() < 0)
		return 1;
	testkey_ec("P-256", &p256.key);
	testkey_ec("P-384", &p384.key);
	testkey_rsa(2048, &rsa.key);
	testkey_ec("P-256", &card);
	for (i = 0; i < COUNT(cas); i++)
		testca_root(cas[i], "Sekisho CA");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (i = 0; i < COUNT(cas); i++)
		EVP_PKEY_free(cas[i]->key.key);
	EVP_PKEY_free(card.key);
	return failed;
}
