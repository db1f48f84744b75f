/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a card says about its keys: about which, signed by whom, under whom. */
#include "common/crypto/attestation.h"

#include <stdio.h>

#include "tests/unit/test.h"
#include "tests/unit/testcert.h"
#include "tests/unit/testkey.h"

enum { NOW = TESTCERT_FROM + 1000 };

static struct testkey root_key, maker_key, card_key, other_key, weak_key;
static struct testcert root, maker, statement;

static X509_NAME *
name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	assert_int_equal(
	    X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)text, -1, -1, 0),
	    1);
	return name;
}

/* A certificate under another name, signed by another key. */
static void
make(const char *subject, const char *issuer, const struct testkey *key,
    const struct testkey *by, bool ca, const char *policy,
    struct testcert *ret_cert)
{
	X509 *x = testcert_new(subject, key);
	X509_NAME *name = name_of(issuer);

	assert_int_equal(X509_set_issuer_name(x, name), 1);
	X509_NAME_free(name);
	testcert_extend(
	    x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "CA:FALSE");
	if (policy != NULL)
		testcert_extend_der(x, "1.3.6.1.4.1.41482.3.8", policy, 2);
	testcert_sign(x, by, ret_cert);
}

static int
before(void **state)
{
	(void)state;
	testkey_ec("P-256", &root_key);
	testkey_ec("P-256", &maker_key);
	testkey_ec("P-256", &card_key);
	testkey_ec("P-256", &other_key);
	testkey_rsa(1024, &weak_key);
	make("Root", "Root", &root_key, &root_key, true, NULL, &root);
	make("F9", "Root", &maker_key, &root_key, true, NULL, &maker);
	make("9a", "F9", &card_key, &maker_key, false, "\2\1", &statement);
	return 0;
}

static enum error
rooted(const struct testcert *by, const struct testcert *above, int64_t now)
{
	return attestation_rooted(
	    by->der, by->len, above->der, above->len, now);
}

static void
a_whole_chain(void **state)
{
	struct attestation found;

	(void)state;
	assert_error(attestation_check(statement.der, statement.len, maker.der,
			 maker.len, card_key.spki, card_key.len, &found),
	    ERR_OK);
	assert_int_equal(found.pin_policy, 2);
	assert_error(rooted(&maker, &root, NOW), ERR_OK);
}

static void
of_another_key(void **state)
{
	struct attestation found;

	(void)state;
	assert_error(attestation_check(statement.der, statement.len, maker.der,
			 maker.len, other_key.spki, other_key.len, &found),
	    ERR_MISMATCH);
	assert_error(attestation_check(statement.der, statement.len, root.der,
			 root.len, card_key.spki, card_key.len, &found),
	    ERR_MISMATCH);
	assert_error(attestation_check("nothing", 7, maker.der, maker.len,
			 card_key.spki, card_key.len, &found),
	    ERR_INPUT);
}

static void
under_another_root(void **state)
{
	struct testcert same_name, bent = maker;

	(void)state;
	make("Root", "Root", &other_key, &other_key, true, NULL, &same_name);
	assert_error(rooted(&maker, &same_name, NOW), ERR_MISMATCH);
	assert_error(rooted(&root, &maker, NOW), ERR_MISMATCH);
	bent.der[bent.len - 1] ^= 1;
	assert_error(rooted(&bent, &root, NOW), ERR_MISMATCH);
	assert_error(rooted(&maker, &statement, NOW), ERR_MISMATCH);
	assert_error(
	    attestation_rooted("x", 1, root.der, root.len, NOW), ERR_INPUT);
	assert_error(attestation_rooted(
			 maker.der, maker.len, root.der, root.len - 1, NOW),
	    ERR_INPUT);
}

/* A card's own statement would vouch for keys that no card made. */
static void
no_statement_is_a_maker(void **state)
{
	struct testcert leaf;

	(void)state;
	make("F9", "Root", &maker_key, &root_key, false, NULL, &leaf);
	assert_error(rooted(&leaf, &root, NOW), ERR_MISMATCH);
	assert_error(rooted(&statement, &maker, NOW), ERR_MISMATCH);
}

static void
not_for_ever(void **state)
{
	(void)state;
	assert_error(rooted(&maker, &root, TESTCERT_FROM - 1), ERR_MISMATCH);
	assert_error(rooted(&maker, &root, TESTCERT_TO + 1), ERR_MISMATCH);
}

static void
not_with_a_weak_key(void **state)
{
	struct testcert by, above;

	(void)state;
	make("F9", "Root", &weak_key, &root_key, true, NULL, &by);
	assert_error(rooted(&by, &root, NOW), ERR_INPUT);
	make("Root", "Root", &weak_key, &weak_key, true, NULL, &above);
	make("F9", "Root", &maker_key, &weak_key, true, NULL, &by);
	assert_error(rooted(&by, &above, NOW), ERR_INPUT);
}

static void
each_cut_is_refused(void **state)
{
	struct attestation found;
	size_t n;

	(void)state;
	for (n = 0; n < statement.len; n++)
		assert_error(
		    attestation_check(statement.der, n, maker.der, maker.len,
			card_key.spki, card_key.len, &found),
		    ERR_INPUT);
}

static int
after(void **state)
{
	(void)state;
	EVP_PKEY_free(root_key.key);
	EVP_PKEY_free(maker_key.key);
	EVP_PKEY_free(card_key.key);
	EVP_PKEY_free(other_key.key);
	EVP_PKEY_free(weak_key.key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_chain),
	    cmocka_unit_test(of_another_key),
	    cmocka_unit_test(under_another_root),
	    cmocka_unit_test(no_statement_is_a_maker),
	    cmocka_unit_test(not_for_ever),
	    cmocka_unit_test(not_with_a_weak_key),
	    cmocka_unit_test(each_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, before, after);
}
