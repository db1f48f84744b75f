/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations: what a maker's certificate must be before it vouches for a
 * model, and what a statement must be before it vouches for a key. */
#include "common/crypto/webauthn.h"

#include <stdio.h>

#include "tests/unit/testcert.h"
#include "tests/unit/testfido.h"

enum { NOW = TESTCERT_FROM + 1000, FLAGS = WEBAUTHN_UP | WEBAUTHN_AT };

static const char rp[] = "sekisho.example";
static const char aaguid_oid[] = "1.3.6.1.4.1.45724.1.1.4";
static const unsigned char aaguid[] = {0x04, 0x10, 0x01, 0x02, 0x03, 0x04, 0x05,
    0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10};
#define MODEL (aaguid + 2) /* behind the head of its OCTET STRING */
static const unsigned char id[32] = "a credential";
static struct testkey root_key, maker_key, own_key, other_key;
static struct testcert root, stranger;
static struct webauthn_root trusted;
static struct webauthn_demand demand;

/* How a maker's certificate differs from a right one. */
struct maker {
	const char *unit;  /* NULL: none */
	const void *model; /* the extension; NULL: none */
	bool critical, ca, first_version;
	const struct testkey *by; /* NULL: the root */
};

static void
name_add(X509_NAME *name, int nid, const char *text)
{
	assert_int_equal(X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
			     (const unsigned char *)text, -1, -1, 0),
	    1);
}

static X509_NAME *
root_name(void)
{
	X509_NAME *name = X509_NAME_new();

	name_add(name, NID_commonName, "Maker Root");
	return name;
}

static void
make_root(const struct testkey *key, struct testcert *ret)
{
	X509 *x = testcert_new("Maker Root", key);

	testcert_extend(x, NID_basic_constraints, "critical,CA:TRUE");
	testcert_extend(x, NID_key_usage, "critical,keyCertSign");
	testcert_sign(x, key, ret);
}

static void
make_maker(const struct maker *how, struct testcert *ret)
{
	X509 *x = testcert_new("Attester", &maker_key);
	X509_NAME *subject = X509_NAME_new(), *issuer = root_name();
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	name_add(subject, NID_countryName, "JP");
	name_add(subject, NID_organizationName, "A Maker");
	if (how->unit != NULL)
		name_add(subject, NID_organizationalUnitName, how->unit);
	name_add(subject, NID_commonName, "Attester");
	assert_int_equal(X509_set_subject_name(x, subject), 1);
	assert_int_equal(X509_set_issuer_name(x, issuer), 1);
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	if (how->first_version)
		assert_int_equal(X509_set_version(x, 0), 1);
	else
		testcert_extend(x, NID_basic_constraints,
		    how->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (how->model != NULL) {
		ASN1_OBJECT *oid = OBJ_txt2obj(aaguid_oid, 1);

		assert_int_equal(ASN1_OCTET_STRING_set(
				     value, how->model, (int)sizeof aaguid),
		    1);
		extension = X509_EXTENSION_create_by_OBJ(
		    NULL, oid, how->critical, value);
		assert_int_equal(X509_add_ext(x, extension, -1), 1);
		X509_EXTENSION_free(extension);
		ASN1_OBJECT_free(oid);
	}
	ASN1_OCTET_STRING_free(value);
	testcert_sign(x, how->by != NULL ? how->by : &root_key, ret);
}

static int
before(void **state)
{
	(void)state;
	testkey_ec("P-256", &root_key);
	testkey_ec("P-256", &maker_key);
	testkey_ec("P-256", &own_key);
	testkey_ec("P-256", &other_key);
	make_root(&root_key, &root);
	make_root(&other_key, &stranger);
	trusted =
	    (struct webauthn_root){.certificate = root.der, .len = root.len};
	memcpy(trusted.aaguid, MODEL, WEBAUTHN_AAGUID);
	demand = (struct webauthn_demand){.rp_id = rp,
	    .hash = "the client data's",
	    .root = &trusted,
	    .n_roots = 1,
	    .now = NOW};
	return webauthn_init() == ERR_OK ? 0 : -1;
}

static int
after(void **state)
{
	(void)state;
	EVP_PKEY_free(root_key.key);
	EVP_PKEY_free(maker_key.key);
	EVP_PKEY_free(own_key.key);
	EVP_PKEY_free(other_key.key);
	return 0;
}

static void
make_authdata(unsigned flags, struct testfido *ret)
{
	struct testfido cose = {.len = 0};

	testfido_cose(&own_key, WEBAUTHN_ES256, &cose);
	ret->len = 0;
	testfido_authdata(rp, flags, 0, MODEL, id, sizeof id, &cose, ret);
}

/* {"alg", "sig"} and the certificates, if there are any. */
static void
make_statement(int64_t algorithm, const struct testfido *signature,
    const struct testcert *const *chain, size_t n, bool list,
    struct testfido *ret)
{
	size_t i;

	ret->len = 0;
	testfido_head(ret, FIDO_MAP, list ? 3 : 2);
	testfido_text(ret, "alg");
	testfido_number(ret, algorithm);
	testfido_text(ret, "sig");
	testfido_octets(ret, signature->at, signature->len);
	if (!list)
		return;
	testfido_text(ret, "x5c");
	testfido_head(ret, FIDO_LIST, n);
	for (i = 0; i < n; i++)
		testfido_octets(ret, chain[i]->der, chain[i]->len);
}

static void
is_refused(const char *format, const struct testfido *statement,
    const struct testfido *authdata, enum error err, const char *why)
{
	struct testfido object = {.len = 0};
	struct webauthn_registration r;

	testfido_object(format, statement, authdata, &object);
	assert_error(
	    webauthn_registration(object.at, object.len, &demand, &r), err);
	assert_string_equal(webauthn_fault(), why);
	assert_error(
	    webauthn_registration_parts(format, authdata->at, authdata->len,
		statement->at, statement->len, &demand, &r),
	    err);
	assert_string_equal(webauthn_fault(), why);
}

static void
is_taken(const char *format, const struct testfido *statement,
    const struct testfido *authdata, enum webauthn_trust trust)
{
	struct testfido object = {.len = 0};
	struct webauthn_registration r;

	testfido_object(format, statement, authdata, &object);
	if (webauthn_registration(object.at, object.len, &demand, &r) != ERR_OK)
		fail_msg("%s", webauthn_fault());
	assert_int_equal(r.trust, trust);
	assert_string_equal(r.format, format);
	assert_memory_equal(r.authdata.credential, id, sizeof id);
	memset(&r, 0, sizeof r);
	assert_ok(webauthn_registration_parts(format, authdata->at,
	    authdata->len, statement->at, statement->len, &demand, &r));
	assert_int_equal(r.trust, trust);
}

/* A statement of a maker, whose certificate is made so, over these data. */
static void
attests(const struct maker *how, const struct testkey *signs,
    const struct testfido *authdata, struct testfido *ret)
{
	static struct testcert cert;
	const struct testcert *const chain[] = {&cert};
	struct testfido signature;

	make_maker(how, &cert);
	testfido_sign(signs, EVP_sha256(), authdata->at, authdata->len,
	    demand.hash, WEBAUTHN_HASH, &signature);
	make_statement(WEBAUTHN_ES256, &signature, chain, 1, true, ret);
}

static const char unit[] = "Authenticator Attestation";

static void
a_makers_certificate(void **state)
{
	static const char none[] =
	    "the certificate is none for attestation of this model";
	static const unsigned char another[sizeof aaguid] = {0x04, 0x10, 9};
	static const unsigned char shorter[sizeof aaguid] = {0x04, 0x0f, 1, 2};
	const struct {
		struct maker how;
		enum webauthn_trust trust;
		const char *why;
	} cases[] = {
	    {{unit, NULL, false, false, false, NULL}, WEBAUTHN_TRUST_VERIFIED,
		NULL},
	    {{unit, aaguid, false, false, false, NULL}, WEBAUTHN_TRUST_VERIFIED,
		NULL},
	    {{unit, aaguid, false, false, false, &other_key},
		WEBAUTHN_TRUST_UNVERIFIED, NULL},
	    {{unit, another, false, false, false, NULL}, 0, none},
	    {{unit, shorter, false, false, false, NULL}, 0, none},
	    {{unit, aaguid, true, false, false, NULL}, 0, none},
	    {{unit, NULL, false, true, false, NULL}, 0, none},
	    {{unit, NULL, false, false, true, NULL}, 0, none},
	    {{NULL, NULL, false, false, false, NULL}, 0, none},
	    {{"Authenticator", NULL, false, false, false, NULL}, 0, none},
	};
	struct testfido authdata, statement;
	size_t i;

	(void)state;
	make_authdata(FLAGS, &authdata);
	for (i = 0; i < COUNT(cases); i++) {
		attests(&cases[i].how, &maker_key, &authdata, &statement);
		if (cases[i].why == NULL)
			is_taken(
			    "packed", &statement, &authdata, cases[i].trust);
		else
			is_refused("packed", &statement, &authdata,
			    ERR_MISMATCH, cases[i].why);
	}
}

static void
whom_to_trust(void **state)
{
	const struct maker right = {.unit = unit};
	struct testfido authdata, statement;

	(void)state;
	make_authdata(FLAGS, &authdata);
	attests(&right, &maker_key, &authdata, &statement);
	/* outside the certificates' time */
	demand.now = TESTCERT_TO + 1;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	demand.now = TESTCERT_FROM - 1;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	demand.now = NOW;
	/* a root of the same name with another key; one of another model; none
	 */
	trusted.certificate = stranger.der;
	trusted.len = stranger.len;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	trusted.certificate = root.der;
	trusted.len = root.len;
	trusted.aaguid[15] ^= 1;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	trusted.aaguid[15] ^= 1;
	trusted.len = 0;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	trusted.len = root.len;
	demand.n_roots = 0;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_UNVERIFIED);
	demand.n_roots = 1;
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_VERIFIED);
}

static void
whose_signature(void **state)
{
	static const char wrong[] = "the statement's signature is wrong";
	const struct maker right = {.unit = unit};
	struct testfido authdata, other, statement, signature;

	(void)state;
	make_authdata(FLAGS, &authdata);
	attests(&right, &other_key, &authdata, &statement);
	is_refused("packed", &statement, &authdata, ERR_MISMATCH, wrong);
	attests(&right, &own_key, &authdata, &statement);
	is_refused("packed", &statement, &authdata, ERR_MISMATCH, wrong);
	/* of other data, and of other client data */
	attests(&right, &maker_key, &authdata, &statement);
	make_authdata(FLAGS | WEBAUTHN_UV, &other);
	is_refused("packed", &statement, &other, ERR_MISMATCH, wrong);
	demand.hash[0] ^= 1;
	is_refused("packed", &statement, &authdata, ERR_MISMATCH, wrong);
	demand.hash[0] ^= 1;
	/* by the new key itself */
	testfido_sign(&own_key, EVP_sha256(), authdata.at, authdata.len,
	    demand.hash, WEBAUTHN_HASH, &signature);
	make_statement(WEBAUTHN_ES256, &signature, NULL, 0, false, &statement);
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_SELF);
	make_statement(WEBAUTHN_RS256, &signature, NULL, 0, false, &statement);
	is_refused("packed", &statement, &authdata, ERR_MISMATCH,
	    "the statement is by another algorithm than the key's");
	testfido_sign(&other_key, EVP_sha256(), authdata.at, authdata.len,
	    demand.hash, WEBAUTHN_HASH, &signature);
	make_statement(WEBAUTHN_ES256, &signature, NULL, 0, false, &statement);
	is_refused("packed", &statement, &authdata, ERR_MISMATCH, wrong);
}

static void
certificates_that_are_none(void **state)
{
	static const char malformed[] =
	    "the statement's certificates are malformed";
	static struct testcert cert, cut;
	const struct testcert *const several[] = {
	    &cert, &root, &root, &root, &root, &root, &root};
	const struct testcert *const one_cut[] = {&cut};
	const struct maker right = {.unit = unit};
	struct testfido authdata, statement, signature;

	(void)state;
	make_authdata(FLAGS, &authdata);
	make_maker(&right, &cert);
	testfido_sign(&maker_key, EVP_sha256(), authdata.at, authdata.len,
	    demand.hash, WEBAUTHN_HASH, &signature);
	make_statement(
	    WEBAUTHN_ES256, &signature, several, 2, true, &statement);
	is_taken("packed", &statement, &authdata, WEBAUTHN_TRUST_VERIFIED);
	make_statement(
	    WEBAUTHN_ES256, &signature, several, 0, true, &statement);
	is_refused("packed", &statement, &authdata, ERR_INPUT, malformed);
	make_statement(
	    WEBAUTHN_ES256, &signature, several, 7, true, &statement);
	is_refused("packed", &statement, &authdata, ERR_INPUT, malformed);
	cut = cert;
	cut.len--;
	make_statement(
	    WEBAUTHN_ES256, &signature, one_cut, 1, true, &statement);
	is_refused("packed", &statement, &authdata, ERR_INPUT, malformed);
	cut.len += 2; /* an octet behind the certificate */
	make_statement(
	    WEBAUTHN_ES256, &signature, one_cut, 1, true, &statement);
	is_refused("packed", &statement, &authdata, ERR_INPUT, malformed);
	make_statement(
	    WEBAUTHN_ES256, &signature, several, 2, true, &statement);
	is_refused("fido-u2f", &statement, &authdata, ERR_INPUT,
	    "fido-u2f has one certificate, not several");
	make_statement(WEBAUTHN_ES256, &signature, NULL, 0, false, &statement);
	is_refused("fido-u2f", &statement, &authdata, ERR_INPUT,
	    "the statement is malformed");
}

static void
formats(void **state)
{
	static const char bad[] = "the attestation format is none";
	const struct testfido empty = {.at = {0xa0}, .len = 1};
	const struct testfido full = {.at = {0xa1, 0x61, 'x', 0x01}, .len = 4};
	struct testfido authdata, object = {.len = 0};
	struct webauthn_registration r;
	size_t i;

	(void)state;
	make_authdata(FLAGS, &authdata);
	is_taken("none", &empty, &authdata, WEBAUTHN_TRUST_NONE);
	is_refused(
	    "none", &full, &authdata, ERR_INPUT, "format none has a statement");
	is_refused("packed", &empty, &authdata, ERR_INPUT,
	    "the statement is malformed");
	is_refused("tpm", &empty, &authdata, ERR_INPUT,
	    "the attestation format tpm is not accepted");
	is_refused("Packed", &empty, &authdata, ERR_INPUT,
	    "the attestation format Packed is not accepted");
	is_refused("", &empty, &authdata, ERR_INPUT, bad);
	is_refused("pa\033[2Jcked", &empty, &authdata, ERR_INPUT, bad);
	is_refused("a-format-of-more-than-32-octets..", &empty, &authdata,
	    ERR_INPUT, bad);
	/* libfido2 has no statement when the key made none */
	assert_ok(webauthn_registration_parts(
	    "none", authdata.at, authdata.len, NULL, 0, &demand, &r));
	assert_int_equal(r.trust, WEBAUTHN_TRUST_NONE);
	assert_error(webauthn_registration_parts("none", authdata.at,
			 authdata.len, "\x80", 1, &demand, &r),
	    ERR_INPUT);
	/* cut off anywhere, or with something behind it */
	testfido_object("none", &empty, &authdata, &object);
	for (i = 0; i < object.len; i++)
		assert_error(webauthn_registration(object.at, i, &demand, &r),
		    ERR_INPUT);
	object.at[object.len++] = 0;
	assert_error(webauthn_registration(object.at, object.len, &demand, &r),
	    ERR_INPUT);
	object.at[0] = 0xa2;
	assert_error(
	    webauthn_registration(object.at, object.len - 1, &demand, &r),
	    ERR_INPUT);
}

static void
what_is_asked_of_the_key(void **state)
{
	const struct testfido empty = {.at = {0xa0}, .len = 1};
	struct testfido authdata;

	(void)state;
	make_authdata(FLAGS, &authdata);
	demand.uv = true;
	is_refused("none", &empty, &authdata, ERR_DENIED,
	    "the key did not verify its user");
	make_authdata(FLAGS | WEBAUTHN_UV, &authdata);
	is_taken("none", &empty, &authdata, WEBAUTHN_TRUST_NONE);
	demand.uv = false;
	make_authdata(WEBAUTHN_AT, &authdata);
	is_refused(
	    "none", &empty, &authdata, ERR_DENIED, "nobody touched the key");
	make_authdata(FLAGS, &authdata);
	demand.rp_id = "example";
	is_refused("none", &empty, &authdata, ERR_DENIED,
	    "it is for another relying party");
	demand.rp_id = rp;
	make_authdata(WEBAUTHN_UP, &authdata);
	is_refused("none", &empty, &authdata, ERR_INPUT,
	    "there is no credential in it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_makers_certificate),
	    cmocka_unit_test(whom_to_trust),
	    cmocka_unit_test(whose_signature),
	    cmocka_unit_test(certificates_that_are_none),
	    cmocka_unit_test(formats),
	    cmocka_unit_test(what_is_asked_of_the_key),
	};

	return cmocka_run_group_tests(tests, before, after);
}
