/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of our own cards, as a service asks for them. PKITS is pkits.c. */
#include "common/crypto/path.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/testca.h"
#include "tests/unit/testcert.h"

enum { NOW = TESTCA_NOW + 3600, CRL_FROM = TESTCA_NOW, CRL_TO = NOW + 3600 };

static struct testca ours, others;
static struct testkey card_key;
static struct testcert card;
static const struct issue_revoked this_card = {
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", NOW - 10, REVOKED_KEY_COMPROMISE};

/* OpenSSL counts its memory, and refuses it when told to. */
static long left = -1;

static void *
may_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (left == 0)
		return NULL;
	left -= left > 0;
	return malloc(size);
}

static void *
may_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (left == 0)
		return NULL;
	left -= left > 0;
	return realloc(old, size);
}

static void
release(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

static void
add_crl(struct path_store *store, const struct testca *ca, size_t n)
{
	struct issue_crl crl = {.issuer = {ca->der, ca->len},
	    .number = 1,
	    .this_update = CRL_FROM,
	    .next_update = CRL_TO,
	    .revoked = &this_card,
	    .n_revoked = n};
	unsigned char *der = NULL;
	size_t len = 0;

	assert_ok(issue_crl(&crl, &ca->signer, &der, &len));
	assert_ok(path_store_crl(store, der, len));
	free(der);
}

/* Our CA, and a CRL with as many entries; -1: none. */
static struct path_store *
our_store(int revoked)
{
	struct path_store *store = NULL;

	assert_ok(path_store_new(&store));
	assert_ok(path_store_anchor(store, ours.der, ours.len));
	if (revoked >= 0)
		add_crl(store, &ours, (size_t)revoked);
	return store;
}

static struct path_options
at(int64_t now)
{
	return (struct path_options){
	    .now = now, .uses = USE_CLIENT_AUTH | USE_SMARTCARD_LOGON};
}

/* One word for everything; the errors that mean nothing is known included. */
static const char *
validated(const struct path_store *store, const struct testcert *cert,
    const struct path_options *options)
{
	struct path_fault fault = {PATH_VALID, -1, NULL};
	enum error err =
	    path_validate(store, cert->der, cert->len, options, &fault);

	assert_int_equal(ERR_peek_error(), 0);
	if (err != ERR_OK && err != ERR_DENIED)
		return error_text(err);
	assert_int_equal(err == ERR_OK, fault.reason == PATH_VALID);
	assert_non_null(fault.detail);
	return path_reason_text(fault.reason);
}

static void
a_good_card(void **state)
{
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);

	(void)state;
	assert_string_equal(validated(store, &card, &o), "path_valid");
	/* again, and the CA itself where nothing is asked of its purpose */
	assert_string_equal(validated(store, &card, &o), "path_valid");
	o.uses = 0;
	{
		struct testcert ca = {.len = ours.len};

		memcpy(ca.der, ours.der, ours.len);
		assert_string_equal(validated(store, &ca, &o), "path_valid");
		o.uses = USE_CLIENT_AUTH;
		assert_string_equal(validated(store, &ca, &o), "cert_purpose");
	}
	path_store_free(&store);
	assert_null(store);
	path_store_free(&store);
}

static void
times(void **state)
{
	static const struct {
		int64_t now;
		const char *want;
	} cases[] = {
	    {TESTCA_FROM - 1, "cert_not_yet_valid"}, /* the CA's first */
	    {TESTCA_FROM, "cert_not_yet_valid"},
	    {TESTCA_NOW - 1, "cert_not_yet_valid"},
	    {TESTCA_NOW, "path_valid"},
	    {CRL_TO, "path_valid"},
	    {TESTCA_NOW + 86400 * 365 - 1, "path_valid"},
	    /* OpenSSL ends a second early, on the safe side */
	    {TESTCA_NOW + 86400 * 365, "cert_expired"},
	    {TESTCA_TO + 1, "cert_expired"},
	    {0, "cert_not_yet_valid"},
	    {253402300799, "cert_expired"},
	    {253402300800, "malformed input"},
	    {-1, "malformed input"},
	};
	/* of a CRL; it is looked at before the certificates' own times */
	static const struct {
		int64_t now;
		const char *want;
	} crls[] = {
	    {CRL_FROM - 1, "crl_stale"},
	    {CRL_FROM, "path_valid"},
	    {CRL_TO - 1, "path_valid"},
	    {CRL_TO, "crl_stale"},
	};
	struct path_store *store = our_store(0);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct path_options o = at(cases[i].now);

		o.unchecked_revocation = true;
		assert_string_equal(validated(store, &card, &o), cases[i].want);
	}
	for (i = 0; i < COUNT(crls); i++) {
		struct path_options o = at(crls[i].now);

		assert_string_equal(validated(store, &card, &o), crls[i].want);
	}
	path_store_free(&store);
}

/* Fails closed: what is not known to be good is not good. */
static void
revocation(void **state)
{
	struct path_options o = at(NOW);
	struct path_store *store;

	(void)state;
	store = our_store(1);
	assert_string_equal(validated(store, &card, &o), "cert_revoked");
	o.unchecked_revocation = true;
	assert_string_equal(validated(store, &card, &o), "path_valid");
	o.unchecked_revocation = false;
	path_store_free(&store);

	store = our_store(-1);
	assert_string_equal(validated(store, &card, &o), "crl_missing");
	o.unchecked_revocation = true;
	assert_string_equal(validated(store, &card, &o), "path_valid");
	o.unchecked_revocation = false;
	/* a CRL of somebody else is no CRL */
	assert_ok(path_store_anchor(store, others.der, others.len));
	add_crl(store, &others, 0);
	assert_string_equal(validated(store, &card, &o), "crl_missing");
	path_store_free(&store);

	/* one in our name, signed by another */
	{
		struct testca forger = {.key = others.key};

		testca_root(&forger, "Sekisho CA");
		store = our_store(-1);
		add_crl(store, &forger, 0);
		assert_string_equal(validated(store, &card, &o), "crl_missing");
		path_store_free(&store);
	}
	/* beside a stale one, a current one decides, whichever came first */
	{
		struct issue_crl old = {.issuer = {ours.der, ours.len},
		    .number = 1,
		    .this_update = TESTCA_FROM,
		    .next_update = TESTCA_FROM + 1};
		unsigned char *der = NULL;
		size_t len = 0;

		assert_ok(issue_crl(&old, &ours.signer, &der, &len));
		store = our_store(1);
		assert_ok(path_store_crl(store, der, len));
		assert_string_equal(
		    validated(store, &card, &o), "cert_revoked");
		path_store_free(&store);
		store = our_store(-1);
		assert_ok(path_store_crl(store, der, len));
		assert_string_equal(validated(store, &card, &o), "crl_stale");
		add_crl(store, &ours, 1);
		assert_string_equal(
		    validated(store, &card, &o), "cert_revoked");
		path_store_free(&store);
		/* the signature's last octet */
		der[len - 1] ^= 1;
		store = our_store(-1);
		assert_ok(path_store_crl(store, der, len));
		o.now = TESTCA_FROM;
		assert_string_equal(validated(store, &card, &o), "crl_invalid");
		path_store_free(&store);
		free(der);
	}
}

static void
somebody_elses_card(void **state)
{
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);
	struct issue_template t = testca_template(&others, &card_key);
	struct testca forger = {.key = others.key};
	struct testcert c;

	(void)state;
	assert_ok(issue_certificate(&t, &others.signer, c.der, &c.len));
	assert_string_equal(validated(store, &c, &o), "path_untrusted");
	/* in our name, by a key that is not ours */
	testca_root(&forger, "Sekisho CA");
	t = testca_template(&forger, &card_key);
	assert_ok(issue_certificate(&t, &forger.signer, c.der, &c.len));
	assert_string_equal(validated(store, &c, &o), "path_untrusted");
	/* one that it made of our card: the last octet of the signature */
	c = card;
	c.der[c.len - 1] ^= 1;
	assert_string_equal(validated(store, &c, &o), "path_signature");
	path_store_free(&store);
}

static void
what_it_is_for(void **state)
{
	static const struct {
		unsigned uses, key_usage;
		const char *want;
	} cases[] = {
	    {USE_CLIENT_AUTH, KEY_USAGE_SIGN, "path_valid"},
	    {USE_SMARTCARD_LOGON, KEY_USAGE_SIGN, "path_valid"},
	    {USE_CLIENT_AUTH, KEY_USAGE_SIGN | KEY_USAGE_AGREE, "path_valid"},
	    {USE_SERVER_AUTH, KEY_USAGE_SIGN, "cert_purpose"},
	    {USE_EMAIL, KEY_USAGE_SIGN, "cert_purpose"},
	    {USE_ANY, KEY_USAGE_SIGN, "cert_purpose"},
	    {0, KEY_USAGE_SIGN, "cert_purpose"},
	    {USE_CLIENT_AUTH, KEY_USAGE_ENCIPHER, "cert_purpose"},
	};
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct issue_template t = testca_template(&ours, &card_key);
		struct testcert c;

		t.uses = cases[i].uses;
		t.key_usage = cases[i].key_usage;
		assert_ok(issue_certificate(&t, &ours.signer, c.der, &c.len));
		assert_string_equal(validated(store, &c, &o), cases[i].want);
	}
	path_store_free(&store);
}

/* By others and with older tools. */
static void
weak_and_malformed(void **state)
{
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);
	struct testkey weak;
	struct testcert c;
	X509 *x;

	(void)state;
	testkey_rsa(1024, &weak);
	x = testcert_new("weak", &weak);
	testcert_extend(x, NID_ext_key_usage, "clientAuth");
	testcert_sign(x, &weak, &c);
	assert_string_equal(validated(store, &c, &o), "path_weak");
	EVP_PKEY_free(weak.key);
	{
		/* signed by our CA as if it were 2010 */
		const unsigned char *p = ours.der;
		X509 *ca = d2i_X509(NULL, &p, (long)ours.len);

		testkey_rsa(1024, &weak);
		x = testcert_new("weak", &weak);
		assert_int_equal(
		    X509_set_issuer_name(x, X509_get_subject_name(ca)), 1);
		testcert_extend(x, NID_ext_key_usage, "clientAuth");
		testcert_sign(x, &ours.key, &c);
		assert_string_equal(validated(store, &c, &o), "path_weak");
		o.weak_keys = true;
		/* nor has it the identifiers that RFC 5280 wants */
		assert_string_equal(validated(store, &c, &o), "path_malformed");
		o.loose_form = true;
		assert_string_equal(validated(store, &c, &o), "path_valid");
		X509_free(ca);
		EVP_PKEY_free(weak.key);
	}
	path_store_free(&store);
}

static void
lengths(void **state)
{
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);
	struct path_fault fault;
	struct testcert c = card;
	size_t len;

	(void)state;
	for (len = 0; len < card.len; len++) {
		unsigned char *copy = malloc(len + 1);

		memcpy(copy, card.der, len);
		assert_error(
		    path_validate(store, copy, len, &o, &fault), ERR_DENIED);
		assert_int_equal(fault.reason, PATH_MALFORMED);
		assert_error(path_store_anchor(store, copy, len), ERR_INPUT);
		assert_error(
		    path_store_intermediate(store, copy, len), ERR_INPUT);
		assert_error(path_store_crl(store, copy, len), ERR_INPUT);
		free(copy);
	}
	c.der[c.len++] = 0;
	assert_string_equal(validated(store, &c, &o), "path_malformed");
	c.len = CERTIFICATE_MAX + 1;
	assert_string_equal(validated(store, &c, &o), "path_malformed");
	path_store_free(&store);
}

static void
what_goes_into_a_store(void **state)
{
	struct path_store *store = our_store(0);
	struct testcert broken = {.len = ours.len};
	struct path_options o = at(NOW);
	size_t i;

	(void)state;
	/* an anchor vouches for itself */
	assert_error(path_store_anchor(store, card.der, card.len), ERR_INPUT);
	memcpy(broken.der, ours.der, ours.len);
	broken.der[broken.len - 1] ^= 1;
	assert_error(
	    path_store_anchor(store, broken.der, broken.len), ERR_INPUT);
	/* an intermediate is worth nothing without one */
	assert_ok(path_store_intermediate(store, others.der, others.len));
	for (i = 1; i < PATH_STORE_MAX; i++)
		assert_ok(path_store_intermediate(store, ours.der, ours.len));
	assert_error(
	    path_store_intermediate(store, ours.der, ours.len), ERR_INPUT);
	assert_string_equal(validated(store, &card, &o), "path_valid");
	path_store_free(&store);

	/* a CRL that never ends */
	{
		X509_CRL *crl = X509_CRL_new();
		ASN1_TIME *from = ASN1_TIME_set(NULL, CRL_FROM);
		const unsigned char *p = ours.der;
		X509 *ca = d2i_X509(NULL, &p, (long)ours.len);
		unsigned char *der = NULL;
		int len;

		assert_int_equal(X509_CRL_set_version(crl, 1), 1);
		assert_int_equal(
		    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)),
		    1);
		assert_int_equal(X509_CRL_set1_lastUpdate(crl, from), 1);
		assert_int_not_equal(
		    X509_CRL_sign(crl, ours.key.key, EVP_sha384()), 0);
		len = i2d_X509_CRL(crl, &der);
		store = our_store(-1);
		assert_error(
		    path_store_crl(store, der, (size_t)len), ERR_INPUT);
		assert_string_equal(validated(store, &card, &o), "crl_missing");
		path_store_free(&store);
		OPENSSL_free(der);
		ASN1_TIME_free(from);
		X509_CRL_free(crl);
		X509_free(ca);
	}
}

static void
policies(void **state)
{
	struct path_store *store = our_store(0);
	struct path_options o = at(NOW);

	(void)state;
	/* of the card; the root has none, and needs none */
	o.explicit_policy = true;
	o.policies[1] = "1.3.6.1.4.1.32473.1.1";
	assert_string_equal(validated(store, &card, &o), "path_valid");
	o.policies[1] = "1.3.6.1.4.1.32473.1.2";
	assert_string_equal(validated(store, &card, &o), "path_policy");
	o.policies[1] = "no number";
	assert_string_equal(validated(store, &card, &o), error_text(ERR_INPUT));
	path_store_free(&store);
}

/*
 * However early memory runs out: a good card is never refused for what it
 * is, and one that is revoked never taken.
 */
static void
without_memory_nothing_is_known(void **state)
{
	struct path_store *good = our_store(0), *bad = our_store(1);
	struct path_options o = at(NOW);
	struct path_fault fault;
	enum error err = ERR_CRYPTO, end;
	size_t i;
	long n;

	(void)state;
	for (i = 0; i < 2; i++) {
		end = i == 0 ? ERR_OK : ERR_DENIED;
		for (n = 0; n < 20000; n++) {
			left = n;
			err = path_validate(i == 0 ? good : bad, card.der,
			    card.len, &o, &fault);
			if (left > 0)
				break;
			left = -1;
			ERR_clear_error();
			if (err != ERR_NOMEM && err != ERR_CRYPTO &&
			    (err != end ||
				(i == 1 && fault.reason != PATH_REVOKED)))
				fail_msg("%zu, allocation %ld: %s, %s (%s)", i,
				    n, error_text(err),
				    path_reason_text(fault.reason),
				    fault.detail);
		}
		left = -1;
		assert_error(err, end);
		assert_in_range(n, 100, 19999);
	}
	path_store_free(&good);
	path_store_free(&bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_card),
	    cmocka_unit_test(times),
	    cmocka_unit_test(revocation),
	    cmocka_unit_test(somebody_elses_card),
	    cmocka_unit_test(what_it_is_for),
	    cmocka_unit_test(weak_and_malformed),
	    cmocka_unit_test(lengths),
	    cmocka_unit_test(what_goes_into_a_store),
	    cmocka_unit_test(policies),
	    cmocka_unit_test(without_memory_nothing_is_known),
	};
	struct issue_template t;
	int failed;

	if (CRYPTO_set_mem_functions(may_alloc, may_realloc, release) != 1 ||
	    sodium_init() < 0)
		return 1;
	testkey_ec("P-384", &ours.key);
	testkey_ec("P-256", &others.key);
	testkey_ec("P-256", &card_key);
	testca_root(&ours, "Sekisho CA");
	testca_root(&others, "Another CA");
	t = testca_template(&ours, &card_key);
	if (issue_certificate(&t, &ours.signer, card.der, &card.len) != ERR_OK)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(ours.key.key);
	EVP_PKEY_free(others.key.key);
	EVP_PKEY_free(card_key.key);
	return failed;
}
