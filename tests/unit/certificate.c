/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/certificate.h"

#include <openssl/err.h>
#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/testcert.h"

static struct testkey key;
static struct testcert cert;

static enum error
parse(const struct testcert *t, struct certificate *ret)
{
	enum error err = certificate_parse(t->der, t->len, ret);

	assert_int_equal(ERR_peek_error(), 0);
	return err;
}

static enum error
signed_and_parsed(X509 *x, struct certificate *ret)
{
	testcert_sign(x, &key, &cert);
	return parse(&cert, ret);
}

static void
add(X509_NAME *name, int nid, int type, const char *text, int len)
{
	assert_int_equal(X509_NAME_add_entry_by_NID(name, nid, type,
			     (const unsigned char *)text, len, -1, 0),
	    1);
}

static void
all_of_it(void **state)
{
	static const struct testcert_upn upn = {
	    V_ASN1_UTF8STRING, "sato@病院.example", -1};
	X509 *x = testcert_new("Sato, Hanako", &key);
	X509_NAME *subject = X509_get_subject_name(x);
	unsigned char want[32];
	struct certificate c;

	(void)state;
	add(subject, NID_organizationName, MBSTRING_UTF8, "聖路加病院", -1);
	add(subject, NID_serialNumber, MBSTRING_UTF8, "0042", -1);
	testcert_extend(x, NID_basic_constraints, "critical,CA:FALSE");
	testcert_extend(x, NID_key_usage, "critical,digitalSignature");
	testcert_extend(x, NID_ext_key_usage,
	    "clientAuth,1.3.6.1.4.1.311.20.2.2,2.16.840.1.101.3.6.8,"
	    "emailProtection,1.2.3.4");
	testcert_upns(x, &upn, 1);
	testcert_extend_der(x, "1.3.6.1.4.1.311.25.2",
	    "\x30\x1f\xa0\x1d\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01"
	    "\xa0\x0f\x04\x0dS-1-5-21-1-23",
	    33);
	assert_ok(signed_and_parsed(x, &c));
	assert_string_equal(c.issuer_text, "CN=Sato\\, Hanako");
	assert_string_equal(
	    c.subject_text, "serialNumber=0042,O=聖路加病院,CN=Sato\\, Hanako");
	assert_string_equal(c.serial, "1234abcd");
	assert_int_equal(c.not_before, TESTCERT_FROM);
	assert_int_equal(c.not_after, TESTCERT_TO);
	assert_int_equal(c.uses, USE_CLIENT_AUTH | USE_SMARTCARD_LOGON |
				     USE_PIV_CARD_AUTH | USE_EMAIL | USE_OTHER);
	assert_true(c.may_sign);
	assert_false(c.is_ca);
	assert_string_equal(c.upn, "sato@病院.example");
	assert_string_equal(c.sid, "S-1-5-21-1-23");
	assert_int_equal(c.spki.len, key.len);
	assert_memory_equal(c.spki.octets, key.spki, key.len);
	spki_key_id(key.spki, key.len, want);
	assert_memory_equal(c.key_id, want, sizeof want);
	(void)crypto_hash_sha256(want, cert.der, cert.len);
	assert_memory_equal(c.hash, want, sizeof want);
	assert_int_equal(c.issuer.octets[0], 0x30);
	assert_ptr_equal(c.whole.octets, cert.der);
	assert_int_equal(c.whole.len, cert.len);
	/* the names' octets stand in the whole */
	assert_true(c.subject.len > c.issuer.len);
	assert_memory_equal(
	    c.issuer.octets + c.issuer.len - 12, "Sato, Hanako", 12);
}

static void
nothing_but_a_key(void **state)
{
	X509 *x = testcert_new("c", &key);
	struct certificate c;

	(void)state;
	assert_int_equal(X509_set_version(x, 0), 1);
	assert_ok(signed_and_parsed(x, &c));
	assert_int_equal(c.uses, 0);
	assert_true(c.may_sign); /* nothing says otherwise */
	assert_string_equal(c.upn, "");
	assert_string_equal(c.sid, "");
}

static void
who_may_sign(void **state)
{
	static const struct {
		const char *usage;
		bool may_sign;
	} cases[] = {{"digitalSignature", true},
	    {"digitalSignature,keyEncipherment", true},
	    {"keyEncipherment", false}, {"nonRepudiation", false},
	    {"keyCertSign", false}};
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		X509 *x = testcert_new("c", &key);

		testcert_extend(x, NID_basic_constraints, "CA:TRUE");
		testcert_extend(x, NID_key_usage, cases[i].usage);
		assert_ok(signed_and_parsed(x, &c));
		assert_int_equal(c.may_sign, cases[i].may_sign);
		assert_true(c.is_ca);
	}
}

/* What is shown is what is compared. */
static void
names_that_deceive(void **state)
{
	static const struct {
		int type;
		const char *text;
		int len;
	} bad[] = {
	    {V_ASN1_UTF8STRING, "sato\0.evil", 10},
	    {V_ASN1_UTF8STRING, "\0", 1},
	    {V_ASN1_UTF8STRING, "a\nb", 3},
	    {V_ASN1_UTF8STRING, "a\x1b[31m", 6},
	    {V_ASN1_UTF8STRING, "a\x7f", 2},
	    {V_ASN1_UTF8STRING, "a\xc2\x85", 3},
	    {V_ASN1_UTF8STRING,
		"a\xe2\x80\xae"
		"b",
		5}, /* right to left */
	    {V_ASN1_UTF8STRING, "a\xe2\x81\xa6", 4},
	    {V_ASN1_UTF8STRING, "a\xff", 2},
	    {V_ASN1_UTF8STRING, "a\xc0\x80", 3},
	    {V_ASN1_UTF8STRING, "a\xed\xa0\x80", 4},
	    {V_ASN1_T61STRING, "a\x80", 2},
	    {V_ASN1_BMPSTRING, "\0a\0\n", 4},
	    {V_ASN1_BMPSTRING, "\0a\0\0", 4},
	    {V_ASN1_BMPSTRING, "\0a\0", 3},
	};
	static const char filler[] = "@@@@@@@@@@@@";
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		X509 *x = testcert_new("c", &key);
		unsigned char *at;
		size_t len = (size_t)bad[i].len;

		/* what OpenSSL would not write is put in afterwards */
		add(i % 2 ? X509_get_subject_name(x) : X509_get_issuer_name(x),
		    NID_organizationName, V_ASN1_UTF8STRING, filler,
		    bad[i].len);
		assert_ok(signed_and_parsed(x, &c));
		at = memmem(cert.der, cert.len, filler, len);
		assert_non_null(at);
		at[-2] = (unsigned char)bad[i].type;
		memcpy(at, bad[i].text, len);
		if (parse(&cert, &c) != ERR_INPUT)
			fail_msg("name %zu", i);
	}
}

static void
names_of_other_alphabets(void **state)
{
	X509 *x = testcert_new("佐藤 花子", &key);
	X509_NAME *subject = X509_get_subject_name(x);
	struct certificate c;

	(void)state;
	add(subject, NID_organizationName, V_ASN1_BMPSTRING, "\x4f\x50", 2);
	add(subject, NID_organizationalUnitName, V_ASN1_T61STRING, "Z\xfcrich",
	    6);
	assert_ok(signed_and_parsed(x, &c));
	assert_string_equal(c.subject_text, "OU=Zürich,O=佐,CN=佐藤 花子");
}

static void
a_name_too_long_for_us(void **state)
{
	X509 *x = testcert_new("c", &key);
	struct certificate c;
	char text[65] = "";
	int i;

	(void)state;
	memset(text, 'x', 60);
	for (i = 0; i < 17; i++)
		add(X509_get_subject_name(x), NID_commonName, V_ASN1_UTF8STRING,
		    text, 60);
	assert_error(signed_and_parsed(x, &c), ERR_INPUT);
}

static void
serials(void **state)
{
	static const struct {
		const char *hex; /* as BN_hex2bn reads it */
		const char *want;
	} cases[] = {{"1", "01"}, {"80", "80"}, {"FF00", "ff00"},
	    {"7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
		"7fffffffffffffffffffffffffffffffffffffff"},
	    {"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
		"ffffffffffffffffffffffffffffffffffffffff"},
	    {"1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", NULL}, {"0", NULL},
	    {"-1", NULL}, {"-80", NULL}};
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		X509 *x = testcert_new("c", &key);
		BIGNUM *n = NULL;

		assert_int_not_equal(BN_hex2bn(&n, cases[i].hex), 0);
		assert_non_null(
		    BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)));
		BN_free(n);
		assert_error(signed_and_parsed(x, &c),
		    cases[i].want != NULL ? ERR_OK : ERR_INPUT);
		if (cases[i].want != NULL)
			assert_string_equal(c.serial, cases[i].want);
	}
}

static void
times(void **state)
{
	static const struct {
		int type;
		const char *text;
		int64_t want; /* -1: refused */
	} cases[] = {
	    {V_ASN1_UTCTIME, "500101000000Z", -631152000},
	    {V_ASN1_UTCTIME, "491231235959Z", 2524607999},
	    {V_ASN1_GENERALIZEDTIME, "20500101000000Z", 2524608000},
	    {V_ASN1_GENERALIZEDTIME, "99991231235959Z", 253402300799},
	    {V_ASN1_GENERALIZEDTIME, "20240229120000Z", 1709208000},
	    {V_ASN1_GENERALIZEDTIME, "20230229120000Z", -1},
	    {V_ASN1_UTCTIME, "2601010000Z", -1},
	    {V_ASN1_UTCTIME, "260101000000+0900", -1},
	    {V_ASN1_UTCTIME, "260101000000", -1},
	    {V_ASN1_UTCTIME, "261301000000Z", -1},
	    {V_ASN1_UTCTIME, "260101006000Z", -1},
	    {V_ASN1_GENERALIZEDTIME, "20260101000000.5Z", -1},
	    {V_ASN1_GENERALIZEDTIME, "20260101000000", -1},
	    {V_ASN1_UTCTIME, "Z", -1},
	    {V_ASN1_UTCTIME, "", -1},
	};
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		X509 *x = testcert_new("c", &key);
		ASN1_TIME *t =
		    i % 2 ? X509_getm_notBefore(x) : X509_getm_notAfter(x);

		t->type = cases[i].type;
		assert_int_equal(ASN1_STRING_set(t, cases[i].text, -1), 1);
		if (signed_and_parsed(x, &c) !=
		    (cases[i].want == -1 ? ERR_INPUT : ERR_OK))
			fail_msg("time %s", cases[i].text);
		if (cases[i].want != -1)
			assert_int_equal(
			    i % 2 ? c.not_before : c.not_after, cases[i].want);
	}
}

static void
upns(void **state)
{
	static const struct {
		struct testcert_upn upns[2];
		size_t n;
		enum error err;
		const char *upn;
	} cases[] = {
	    {{{V_ASN1_UTF8STRING, "a@b", -1}}, 1, ERR_OK, "a@b"},
	    {{{V_ASN1_UTF8STRING, "a@b", -1}, {V_ASN1_UTF8STRING, "a@b", -1}},
		2, ERR_OK, "a@b"},
	    {{{V_ASN1_UTF8STRING, "a@b", -1}, {V_ASN1_UTF8STRING, "c@d", -1}},
		2, ERR_INPUT, NULL},
	    {{{V_ASN1_IA5STRING, "a@b", -1}}, 1, ERR_INPUT, NULL},
	    {{{V_ASN1_OCTET_STRING, "a@b", -1}}, 1, ERR_INPUT, NULL},
	    {{{V_ASN1_UTF8STRING, "", 0}}, 1, ERR_INPUT, NULL},
	    {{{V_ASN1_UTF8STRING, "a@b\0c", 5}}, 1, ERR_INPUT, NULL},
	    {{{V_ASN1_UTF8STRING, "a@b\n", 4}}, 1, ERR_INPUT, NULL},
	    {{{V_ASN1_UTF8STRING, "a\xff", 2}}, 1, ERR_INPUT, NULL},
	    {{{0, NULL, 0}}, 0, ERR_OK, ""},
	};
	char longest[256];
	struct certificate c;
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		X509 *x = testcert_new("c", &key);

		testcert_upns(x, cases[i].upns, cases[i].n);
		if (signed_and_parsed(x, &c) != cases[i].err)
			fail_msg("upn %zu", i);
		if (cases[i].err == ERR_OK)
			assert_string_equal(c.upn, cases[i].upn);
	}
	memset(longest, 'u', sizeof longest);
	for (len = 255; len <= 256; len++) {
		const struct testcert_upn upn = {
		    V_ASN1_UTF8STRING, longest, len};
		X509 *x = testcert_new("c", &key);

		testcert_upns(x, &upn, 1);
		assert_error(signed_and_parsed(x, &c),
		    len < CERTIFICATE_UPN ? ERR_OK : ERR_INPUT);
	}
}

static void
sids(void **state)
{
	static const struct {
		const char *der;
		size_t len;
	} bad[] = {
	    /* a NUL in it; another type; two; another name; half; nothing */
	    {"\x30\x17\xa0\x15\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01"
	     "\xa0\x07\x04\x05S-1\0x",
		25},
	    {"\x30\x17\xa0\x15\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01"
	     "\xa0\x07\x0c\x05S-1-x",
		25},
	    {"\x30\x2e"
	     "\xa0\x15\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01"
	     "\xa0\x07\x04\x05S-1-1"
	     "\xa0\x15\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x19\x02\x01"
	     "\xa0\x07\x04\x05S-1-2",
		48},
	    {"\x30\x05\x82\x03"
	     "a.b",
		7},
	    {"\x30\x17\xa0\x15\x06\x0a\x2b", 7},
	    {"", 0},
	    {"\x30\x00", 2},
	};
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		X509 *x = testcert_new("c", &key);

		testcert_extend_der(
		    x, "1.3.6.1.4.1.311.25.2", bad[i].der, bad[i].len);
		if (signed_and_parsed(x, &c) != ERR_INPUT)
			fail_msg("sid %zu", i);
	}
}

static void
extensions_that_are_broken_or_double(void **state)
{
	static const char *const oids[] = {
	    "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"};
	struct certificate c;
	X509 *x;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(oids); i++) {
		x = testcert_new("c", &key);
		testcert_extend_der(x, oids[i], "\x30\x7f\x01", 3);
		if (signed_and_parsed(x, &c) != ERR_INPUT)
			fail_msg("broken %s", oids[i]);
	}
	x = testcert_new("c", &key);
	testcert_extend(x, NID_ext_key_usage, "clientAuth");
	testcert_extend(x, NID_ext_key_usage, "serverAuth");
	assert_error(signed_and_parsed(x, &c), ERR_INPUT);
	/* one that we do not even know */
	x = testcert_new("c", &key);
	testcert_extend_der(x, "1.2.3.4.5", "\x05\x00", 2);
	testcert_extend_der(x, "1.2.3.4.5", "\x05\x00", 2);
	assert_error(signed_and_parsed(x, &c), ERR_INPUT);
	/* many */
	x = testcert_new("c", &key);
	for (i = 0; i < 65; i++) {
		char oid[32];

		(void)snprintf(oid, sizeof oid, "1.2.3.4.%zu", i);
		testcert_extend_der(x, oid, "\x05\x00", 2);
	}
	assert_error(signed_and_parsed(x, &c), ERR_INPUT);
}

static void
lengths(void **state)
{
	struct certificate c;
	struct testcert t;
	X509 *x = testcert_new("c", &key);
	static char big[9000];
	size_t len;

	(void)state;
	testcert_sign(x, &key, &t);
	for (len = 0; len < t.len; len++) {
		/* an exact copy, so that a sanitizer sees the end */
		unsigned char *copy = malloc(len + 1);

		memcpy(copy, t.der, len);
		assert_error(certificate_parse(copy, len, &c), ERR_INPUT);
		free(copy);
	}
	assert_ok(parse(&t, &c));
	t.der[t.len++] = 0;
	assert_error(parse(&t, &c), ERR_INPUT);
	/* over 8,192 octets */
	x = testcert_new("c", &key);
	testcert_extend_der(x, "1.2.3.4", big, 8192 - 400);
	assert_ok(signed_and_parsed(x, &c));
	x = testcert_new("c", &key);
	testcert_extend_der(x, "1.2.3.4", big, 8192);
	assert_error(signed_and_parsed(x, &c), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it),
	    cmocka_unit_test(nothing_but_a_key),
	    cmocka_unit_test(who_may_sign),
	    cmocka_unit_test(names_that_deceive),
	    cmocka_unit_test(names_of_other_alphabets),
	    cmocka_unit_test(a_name_too_long_for_us),
	    cmocka_unit_test(serials),
	    cmocka_unit_test(times),
	    cmocka_unit_test(upns),
	    cmocka_unit_test(sids),
	    cmocka_unit_test(extensions_that_are_broken_or_double),
	    cmocka_unit_test(lengths),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	testkey_ec("P-256", &key);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(key.key);
	return failed;
}
