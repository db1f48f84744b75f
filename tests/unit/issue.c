/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/issue.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/testca.h"

static struct testca p256, p384, rsa;
static struct testca *const cas[] = {&p256, &p384, &rsa};
static struct testkey card;

static X509 *
decode(const unsigned char *der, size_t len)
{
	X509 *x = d2i_X509(NULL, &der, (long)len);

	assert_non_null(x);
	return x;
}

/* OpenSSL's own check of the signature and of the form of everything. */
static void
assert_verifies(const struct testca *ca, const unsigned char *der, size_t len)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *root = decode(ca->der, ca->len), *x = decode(der, len);

	assert_int_equal(X509_STORE_add_cert(store, root), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, x, NULL), 1);
	X509_STORE_CTX_set_time(ctx, 0, TESTCA_NOW + 1);
	X509_STORE_CTX_set_flags(
	    ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	if (X509_verify_cert(ctx) != 1)
		fail_msg("%s", X509_verify_cert_error_string(
				   X509_STORE_CTX_get_error(ctx)));
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(root);
	X509_free(x);
}

static void
a_root_of_each_kind_of_key(void **state)
{
	static const int algorithms[] = {NID_ecdsa_with_SHA256,
	    NID_ecdsa_with_SHA384, NID_sha256WithRSAEncryption};
	struct certificate c;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(cas); i++) {
		X509 *x = decode(cas[i]->der, cas[i]->len);

		assert_int_equal(X509_get_signature_nid(x), algorithms[i]);
		assert_int_equal(X509_get_version(x), 2);
		assert_int_equal(X509_check_ca(x), 1);
		assert_int_equal(X509_get_pathlen(x), 0);
		assert_int_equal(
		    X509_get_key_usage(x), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
		assert_int_equal(X509_self_signed(x, 1), 1);
		X509_free(x);
		assert_verifies(cas[i], cas[i]->der, cas[i]->len);
		assert_ok(certificate_parse(cas[i]->der, cas[i]->len, &c));
		assert_true(c.is_ca);
		assert_string_equal(
		    c.serial, "4acacacacacacacacacacacacacacaca");
		assert_string_equal(c.subject_text, c.issuer_text);
	}
}

static void
a_card_of_each_ca(void **state)
{
	unsigned char der[CERTIFICATE_MAX];
	struct certificate c;
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < COUNT(cas); i++) {
		struct issue_template t = testca_template(cas[i], &card);

		assert_ok(issue_certificate(&t, &cas[i]->signer, der, &len));
		assert_int_equal(ERR_peek_error(), 0);
		assert_verifies(cas[i], der, len);
		assert_ok(certificate_parse(der, len, &c));
		assert_string_equal(
		    c.subject_text, "serialNumber=0042,CN=佐藤 花子,O=病院");
		assert_string_equal(
		    c.serial, "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
		assert_int_equal(c.not_before, t.not_before);
		assert_int_equal(c.not_after, t.not_after);
		assert_int_equal(c.uses, t.uses);
		assert_true(c.may_sign);
		assert_false(c.is_ca);
		assert_string_equal(c.upn, t.upn);
		assert_string_equal(c.sid, t.sid);
		assert_int_equal(c.spki.len, card.len);
		assert_memory_equal(c.spki.octets, card.spki, card.len);
	}
}

static void
extension_is(X509 *x, int nid, int critical, const char *want_hex)
{
	int at = X509_get_ext_by_NID(x, nid, -1);
	const ASN1_OCTET_STRING *value;
	char hex[1024];

	assert_int_not_equal(at, -1);
	assert_int_equal(
	    X509_EXTENSION_get_critical(X509_get_ext(x, at)), critical);
	value = X509_EXTENSION_get_data(X509_get_ext(x, at));
	hex_encode(ASN1_STRING_get0_data(value),
	    (size_t)ASN1_STRING_length(value), hex);
	assert_string_equal(hex, want_hex);
}

/* What Windows and others read, octet for octet. */
static void
the_extensions(void **state)
{
	unsigned char der[CERTIFICATE_MAX], id[SPKI_KEY_ID];
	struct issue_template t = testca_template(&p384, &card);
	char want[128], id_hex[41];
	size_t len = 0;
	X509 *x;
	int at;

	(void)state;
	t.key_usage = KEY_USAGE_SIGN | KEY_USAGE_ENCIPHER | KEY_USAGE_AGREE;
	t.sid = "S-1-5-21-1-2-3-4";
	t.upn = "a@b";
	t.crl_url = "http://a/b";
	t.policies[2] = "1.2.3";
	assert_ok(issue_certificate(&t, &p384.signer, der, &len));
	x = decode(der, len);
	extension_is(x, NID_basic_constraints, 1, "3000");
	extension_is(x, NID_key_usage, 1, "030203a8");
	extension_is(x, NID_ext_key_usage, 0,
	    "301606082b06010505070302060a2b060104018237140202");
	extension_is(x, NID_subject_alt_name, 0,
	    "3015a013060a2b060104018237140203a0050c03614062");
	extension_is(x, NID_crl_distribution_points, 0,
	    "30123010a00ea00c860a687474703a2f2f612f62");
	extension_is(x, NID_certificate_policies, 0,
	    "3014300c060a2b0601040181fd590101300406022a03");
	spki_key_id(card.spki, card.len, id);
	hex_encode(id, 20, id_hex);
	(void)snprintf(want, sizeof want, "0414%s", id_hex);
	extension_is(x, NID_subject_key_identifier, 0, want);
	spki_key_id(p384.key.spki, p384.key.len, id);
	hex_encode(id, 20, id_hex);
	(void)snprintf(want, sizeof want, "30168014%s", id_hex);
	extension_is(x, NID_authority_key_identifier, 0, want);
	assert_int_equal(X509_get_ext_count(x), 9);
	/* [MS-WCCE] 2.2.2.7.7.4 */
	at = 6; /* nothing of OpenSSL's has a number for it */
	{
		const ASN1_OCTET_STRING *value =
		    X509_EXTENSION_get_data(X509_get_ext(x, at));
		char hex[256], oid[32];

		(void)OBJ_obj2txt(oid, sizeof oid,
		    X509_EXTENSION_get_object(X509_get_ext(x, at)), 1);
		assert_string_equal(oid, "1.3.6.1.4.1.311.25.2");
		hex_encode(ASN1_STRING_get0_data(value),
		    (size_t)ASN1_STRING_length(value), hex);
		assert_string_equal(hex,
		    "3022a020060a2b060104018237190201a0120410532d312d352d3231"
		    "2d312d322d332d34");
	}
	X509_free(x);
}

static void
the_least_there_is(void **state)
{
	unsigned char der[CERTIFICATE_MAX];
	struct issue_template t = testca_template(&p256, &card);
	struct certificate c;
	size_t len = 0;

	(void)state;
	t.subject = (struct issue_name){.common_name = "x"};
	t.uses = 0;
	t.upn = t.sid = t.crl_url = t.policies[0] = NULL;
	assert_ok(issue_certificate(&t, &p256.signer, der, &len));
	assert_verifies(&p256, der, len);
	assert_ok(certificate_parse(der, len, &c));
	assert_string_equal(c.subject_text, "CN=x");
	assert_int_equal(c.uses, 0);
	assert_string_equal(c.upn, "");
	assert_string_equal(c.sid, "");
}

static void
what_cannot_be_written(void **state)
{
	static char long_text[400];
	unsigned char der[CERTIFICATE_MAX], weak[SPKI_MAX];
	struct issue_template t;
	size_t i, len = 7;
	enum error want;

	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	memcpy(weak, card.spki, card.len);
	weak[40] ^= 1;
	for (i = 0;; i++) {
		want = ERR_INPUT;
		t = testca_template(&p256, &card);
		switch (i) {
		case 0:
			t.subject = (struct issue_name){.country = NULL};
			break;
		case 1:
			t.subject.common_name = "";
			break;
		case 2:
			t.subject.common_name = "a\nb";
			break;
		case 3:
			t.subject.common_name = long_text; /* 64 at most */
			break;
		case 4:
			t.subject.country = "JPN";
			break;
		case 5:
			t.subject.common_name = "a\xff";
			break;
		case 6:
			t.upn = "";
			break;
		case 7:
			t.upn = long_text;
			break;
		case 8:
			t.upn = "a\tb";
			break;
		case 9:
			t.sid = "1-5-21";
			break;
		case 10:
			t.sid = "S-1-x";
			break;
		case 11:
			t.crl_url = "http://a b";
			break;
		case 12:
			t.crl_url = long_text;
			break;
		case 13:
			t.crl_url = "http://病院";
			break;
		case 14:
			t.policies[3] = "no numbers";
			break;
		case 15:
			t.key_usage = 0;
			break;
		case 16:
			t.uses = USE_OTHER;
			break;
		case 17:
			t.serial[0] = 0x80;
			break;
		case 18:
			t.serial[0] = 0;
			break;
		case 19:
			t.spki.octets = weak;
			break;
		case 20:
			t.spki.len--;
			break;
		case 21: /* another CA's certificate */
			t.issuer = (struct der){p384.der, p384.len};
			break;
		case 22: /* no CA's certificate */
			assert_ok(
			    issue_certificate(&t, &p256.signer, der, &len));
			t.issuer = (struct der){der, len};
			break;
		case 23:
			t.issuer.len--;
			break;
		case 24:
			t.not_after = t.not_before - 1;
			break;
		case 25:
			t.not_before = TESTCA_FROM - 1;
			want = ERR_DENIED;
			break;
		case 26:
			t.not_after = TESTCA_TO + 1;
			want = ERR_DENIED;
			break;
		default:
			assert_int_equal(i, 27);
			return;
		}
		if (issue_certificate(&t, &p256.signer, der, &len) != want)
			fail_msg("case %zu", i);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static enum error
refuses(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char *ret_signature, size_t *ret_len)
{
	(void)context;
	(void)padding;
	(void)hash;
	(void)digest;
	(void)ret_signature;
	(void)ret_len;
	return ERR_TIMEOUT;
}

/* Well formed, and over something else. */
static enum error
signs_wrongly(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char *ret_signature, size_t *ret_len)
{
	unsigned char other[64] = {1};

	(void)digest;
	return testca_sign(
	    context, padding, hash, other, ret_signature, ret_len);
}

static void
a_signer_that_fails(void **state)
{
	unsigned char der[CERTIFICATE_MAX] = {7}, *crl_der = NULL;
	struct issue_template t = testca_template(&p256, &card);
	struct issue_crl crl = {.issuer = {p256.der, p256.len},
	    .number = 1,
	    .this_update = TESTCA_NOW,
	    .next_update = TESTCA_NOW + 1};
	struct issue_signer signer = p256.signer;
	size_t len = 7;

	(void)state;
	signer.sign = refuses;
	assert_error(issue_certificate(&t, &signer, der, &len), ERR_TIMEOUT);
	assert_error(issue_root(&t, &signer, der, &len), ERR_TIMEOUT);
	assert_error(issue_crl(&crl, &signer, &crl_der, &len), ERR_TIMEOUT);
	signer.sign = signs_wrongly;
	assert_error(issue_certificate(&t, &signer, der, &len), ERR_CRYPTO);
	assert_error(issue_root(&t, &signer, der, &len), ERR_CRYPTO);
	assert_error(issue_crl(&crl, &signer, &crl_der, &len), ERR_CRYPTO);
	assert_int_equal(len, 7);
	assert_int_equal(der[0], 7);
	assert_null(crl_der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_root_of_each_kind_of_key),
	    cmocka_unit_test(a_card_of_each_ca),
	    cmocka_unit_test(the_extensions),
	    cmocka_unit_test(the_least_there_is),
	    cmocka_unit_test(what_cannot_be_written),
	    cmocka_unit_test(a_signer_that_fails),
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
