/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/seeds.h"
#include "tests/unit/testcert.h"
#include "tests/unit/testfido.h"

static const unsigned char aaguid[WEBAUTHN_AAGUID] = "of some model..";
static const unsigned char id[32] = "a credential";
static const unsigned char hash[WEBAUTHN_HASH] = "the client data's";
static struct testkey p256;

static void
write_seed(const char *fuzzer, const char *name, const struct testfido *seed)
{
	seed_write(fuzzer, name, "", 0, seed->at, seed->len);
}

static void
keys(void)
{
	static const struct {
		const char *name, *curve;
		int algorithm;
	} kinds[] = {{"es256", "P-256", WEBAUTHN_ES256},
	    {"es384", "P-384", WEBAUTHN_ES384}, {"eddsa", NULL, WEBAUTHN_EDDSA},
	    {"rs256", NULL, WEBAUTHN_RS256}};
	struct testkey key;
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct testfido cose = {.len = 0};

		if (kinds[i].curve != NULL)
			testkey_ec(kinds[i].curve, &key);
		else if (kinds[i].algorithm == WEBAUTHN_RS256)
			testkey_rsa(2048, &key);
		else
			testkey_wrap(
			    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), &key);
		testfido_cose(&key, kinds[i].algorithm, &cose);
		write_seed("cose", kinds[i].name, &cose);
		write_seed("cbor", kinds[i].name, &cose);
		EVP_PKEY_free(key.key);
	}
}

static void
make_authdata(struct testfido *ret)
{
	struct testfido cose = {.len = 0};

	testfido_cose(&p256, WEBAUTHN_ES256, &cose);
	testfido_authdata("rp", WEBAUTHN_UP | WEBAUTHN_UV | WEBAUTHN_AT, 1,
	    aaguid, id, sizeof id, &cose, ret);
}

static void
authdata(void)
{
	struct testfido made = {.len = 0}, used = {.len = 0};

	make_authdata(&made);
	seed_write("authdata", "made", "\1", 1, made.at, made.len);
	testfido_authdata(
	    "rp", WEBAUTHN_UP | WEBAUTHN_UV, 2, NULL, NULL, 0, NULL, &used);
	seed_write("authdata", "used", "", 1, used.at, used.len);
	used.at[WEBAUTHN_HASH] |= WEBAUTHN_ED;
	testfido_put(&used, "\xa1\x61x\xf5", 4);
	seed_write("authdata", "extended", "", 1, used.at, used.len);
}

/* Signed by the new key itself, or by a maker's that is in the statement. */
static void
statement(const char *format, const struct testcert *cert,
    const struct testfido *data, struct testfido *ret)
{
	struct testfido signature;
	const bool packed = strcmp(format, "packed") == 0;

	testfido_sign(&p256, EVP_sha256(), data->at, data->len, hash,
	    sizeof hash, &signature);
	testfido_head(
	    ret, FIDO_MAP, 1U + (packed ? 1 : 0) + (cert != NULL ? 1 : 0));
	if (packed) {
		testfido_text(ret, "alg");
		testfido_number(ret, WEBAUTHN_ES256);
	}
	testfido_text(ret, "sig");
	testfido_octets(ret, signature.at, signature.len);
	if (cert == NULL)
		return;
	testfido_text(ret, "x5c");
	testfido_head(ret, FIDO_LIST, 1);
	testfido_octets(ret, cert->der, cert->len);
}

static void
base64_put(struct testfido *to, const void *octets, size_t len)
{
	static char text[sizeof to->at];

	(void)sodium_bin2base64(text, sizeof text, octets, len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	testfido_put(to, text, strlen(text));
}

static void
registrations(void)
{
	static struct testcert cert;
	const struct testfido empty = {.at = {0xa0}, .len = 1};
	struct testfido data = {.len = 0}, none = {.len = 0};
	struct testfido self = {.len = 0}, packed = {.len = 0},
			u2f = {.len = 0};
	struct testfido object = {.len = 0}, json = {.len = 0};

	make_authdata(&data);
	testcert_sign(testcert_new("Attester", &p256), &p256, &cert);
	testfido_object("none", &empty, &data, &none);
	write_seed("registration", "none", &none);
	write_seed("cbor", "registration", &none);
	statement("packed", NULL, &data, &self);
	testfido_object("packed", &self, &data, &object);
	write_seed("registration", "self", &object);
	statement("packed", &cert, &data, &packed);
	object.len = 0;
	testfido_object("packed", &packed, &data, &object);
	write_seed("registration", "packed", &object);
	statement("fido-u2f", &cert, &data, &u2f);
	object.len = 0;
	testfido_object("fido-u2f", &u2f, &data, &object);
	write_seed("registration", "u2f", &object);
#define PUT(text) testfido_put(&json, text, strlen(text))
	PUT("{\"type\":\"public-key\",\"rawId\":\"");
	base64_put(&json, id, sizeof id);
	PUT("\",\"id\":\"");
	base64_put(&json, id, sizeof id);
	PUT("\",\"response\":{\"clientDataJSON\":\"e30\","
	    "\"attestationObject\":\"");
	base64_put(&json, none.at, none.len);
	PUT("\"}}");
#undef PUT
	write_seed("response", "registration", &json);
}

static void
client_data(void)
{
	static const char made[] =
	    "{\"type\":\"webauthn.create\",\"challenge\":\"YWJjZGVm\","
	    "\"origin\":\"https://a\",\"crossOrigin\":false}";
	static const char used[] =
	    "{\"type\":\"webauthn.get\",\"challenge\":\"YWJjZGVm\","
	    "\"origin\":\"https:\\/\\/b\"}";

	seed_write("clientdata", "made", "\1", 1, made, strlen(made));
	seed_write("clientdata", "used", "", 1, used, strlen(used));
}

void
seeds_fido2(void)
{
	testkey_ec("P-256", &p256);
	keys();
	authdata();
	registrations();
	client_data();
	EVP_PKEY_free(p256.key);
}
