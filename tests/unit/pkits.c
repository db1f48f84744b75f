/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NIST's Public Key Interoperability Test Suite (PKITS, version 1.0.1 with
 * the certificates of 2011), all of it. Each test of it is a signed message
 * that holds the certificates and CRLs of its path; they are in Debian's
 * package python3-cryptography-vectors. They have long run out, so the time
 * is one at which they were good.
 */
#include "common/crypto/path.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include "tests/unit/pkits_table.h"
#include "tests/unit/test.h"

#define FOLDER                                                      \
	"/usr/lib/python3/dist-packages/cryptography_vectors/x509/" \
	"PKITS_data"

enum { NOW = 1302825600 /* 2011-04-15 00:00:00 */ };

/* One message: who signed it, and what came with it. */
struct message {
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;
	STACK_OF(X509_CRL) * crls;
	X509 *signer;
};

static void
message_read(const char *name, struct message *ret)
{
	CMS_SignerInfo *info;
	BIO *bio, *content = NULL;
	char path[512];
	int i;

	(void)snprintf(
	    path, sizeof path, "%s/smime/Signed%s.eml", FOLDER, name);
	bio = BIO_new_file(path, "r");
	if (bio == NULL)
		fail_msg("%s is missing: PKITS is in Debian's package "
			 "python3-cryptography-vectors",
		    path);
	ret->cms = SMIME_read_CMS(bio, &content);
	assert_non_null(ret->cms);
	BIO_free(bio);
	BIO_free(content);
	ret->certs = CMS_get1_certs(ret->cms);
	ret->crls = CMS_get1_crls(ret->cms);
	info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(ret->cms), 0);
	ret->signer = NULL;
	for (i = 0; i < sk_X509_num(ret->certs); i++) {
		X509 *x = sk_X509_value(ret->certs, i);

		if (CMS_SignerInfo_cert_cmp(info, x) == 0)
			ret->signer = x;
	}
	assert_non_null(ret->signer);
}

static void
message_free(struct message *m)
{
	sk_X509_pop_free(m->certs, X509_free);
	sk_X509_CRL_pop_free(m->crls, X509_CRL_free);
	CMS_ContentInfo_free(m->cms);
}

static enum error
put(struct path_store *store,
    enum error (*how)(struct path_store *, const void *, size_t),
    unsigned char *der, int len)
{
	enum error err = how(store, der, (size_t)len);

	assert_true(len > 0);
	OPENSSL_free(der);
	return err;
}

/* Of the tests that are set aside, one has a key that is not taken. */
static struct path_store *
store_of(const struct message *m, bool aside)
{
	struct path_store *store = NULL;
	unsigned char *der, anchor[4096];
	size_t len;
	FILE *f = fopen(FOLDER "/certs/TrustAnchorRootCertificate.crt", "r");
	int i, n;

	assert_non_null(f);
	len = fread(anchor, 1, sizeof anchor, f);
	(void)fclose(f);
	assert_ok(path_store_new(&store));
	assert_ok(path_store_anchor(store, anchor, len));
	for (i = 0; i < sk_X509_num(m->certs); i++) {
		der = NULL;
		n = i2d_X509(sk_X509_value(m->certs, i), &der);
		if (put(store, path_store_intermediate, der, n) != ERR_OK)
			assert_true(aside);
	}
	for (i = 0; i < sk_X509_CRL_num(m->crls); i++) {
		der = NULL;
		n = i2d_X509_CRL(sk_X509_CRL_value(m->crls, i), &der);
		assert_ok(put(store, path_store_crl, der, n));
	}
	return store;
}

/* The words of the table: digits are NIST-test-policy-N. */
static struct path_options
options_of(const char *settings)
{
	static const char *const policies[] = {"2.16.840.1.101.3.2.1.48.1",
	    "2.16.840.1.101.3.2.1.48.2", "2.16.840.1.101.3.2.1.48.3",
	    "2.16.840.1.101.3.2.1.48.4", "2.16.840.1.101.3.2.1.48.5",
	    "2.16.840.1.101.3.2.1.48.6"};
	struct path_options o = {.now = NOW, .indirect_crls = true};
	size_t n = 0;

	for (; *settings != '\0'; settings++) {
		switch (*settings) {
		case 'E':
			o.explicit_policy = true;
			break;
		case 'M':
			o.inhibit_mapping = true;
			break;
		case 'A':
			o.inhibit_any = true;
			break;
		case 'W':
			o.weak_keys = true;
			break;
		case 'L':
			o.loose_form = true;
			break;
		case ' ':
			break;
		default:
			assert_in_range(*settings, '1', '6');
			o.policies[n++] = policies[*settings - '1'];
		}
	}
	return o;
}

static bool
run(const struct pkits *t)
{
	struct path_options options = options_of(t->settings);
	struct path_fault fault = {PATH_VALID, 0, ""};
	unsigned char *der = NULL;
	struct path_store *store;
	struct message m;
	enum error err;
	int len;

	message_read(t->name, &m);
	store = store_of(&m, t->aside != NULL);
	len = i2d_X509(m.signer, &der);
	err = path_validate(store, der, (size_t)len, &options, &fault);
	OPENSSL_free(der);
	path_store_free(&store);
	message_free(&m);
	assert_int_equal(ERR_peek_error(), 0);
	if (err == (t->reason == PATH_VALID ? ERR_OK : ERR_DENIED) &&
	    fault.reason == t->reason)
		return true;
	print_error("%s %s: %s, %s at %d (%s), expected: %s\n", t->number,
	    t->name, error_text(err), path_reason_text(fault.reason),
	    fault.depth, fault.detail, path_reason_text(t->reason));
	return false;
}

static void
pkits(void **state)
{
	size_t i, wrong = 0, valid = 0, aside = 0;

	(void)state;
	for (i = 0; i < COUNT(pkits_table); i++) {
		const struct pkits *t = &pkits_table[i];

		if (!run(t))
			wrong++;
		valid += t->reason == PATH_VALID;
		if (t->aside != NULL) {
			aside++;
			print_message("set aside: %s %s, valid, is %s: %s\n",
			    t->number, t->name, path_reason_text(t->reason),
			    t->aside);
		}
	}
	print_message("PKITS: %zu cases of its 224 tests ran: %zu valid, %zu "
		      "not, %zu set aside\n",
	    COUNT(pkits_table), valid, COUNT(pkits_table) - valid - aside,
	    aside);
	assert_int_equal(wrong, 0);
	assert_int_equal(COUNT(pkits_table), 247);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pkits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
