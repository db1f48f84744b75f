/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registrations and authentications of WebAuthn Level 3, section "Test
 * Vectors". What is not accepted here is refused by name; each such case stands
 * in the table with its reason.
 */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/cbor.h"
#include "common/crypto/webauthn.h"
#include "tests/unit/vectors.h"

enum { PAGE_OTHER = 1, KEY_REFUSED = 2, OBJECT_REFUSED = 4 };

static const struct expected {
	const char *title;
	unsigned refused;
	enum webauthn_trust trust;
	const char *why;
} table[] = {
    {"ES256 Credential with No Attestation", 0, WEBAUTHN_TRUST_NONE, ""},
    {"ES256 Credential with Self Attestation", 0, WEBAUTHN_TRUST_SELF, ""},
    {"ES256 Credential with \"crossOrigin\": true in clientDataJSON",
	PAGE_OTHER, WEBAUTHN_TRUST_NONE, "the page was inside another page"},
    {"ES256 Credential with \"topOrigin\" in clientDataJSON", PAGE_OTHER,
	WEBAUTHN_TRUST_NONE, "the page was inside another page"},
    {"ES256 Credential with very long credential ID", KEY_REFUSED, 0,
	"the credential id has another length than 16 to 384 octets"},
    {"Packed Attestation with ES256 Credential", 0, WEBAUTHN_TRUST_VERIFIED,
	""},
    {"Packed Attestation with ES384 Credential", 0, WEBAUTHN_TRUST_VERIFIED,
	""},
    {"Packed Attestation with ES512 Credential", KEY_REFUSED, 0,
	"algorithm -36 is not accepted"},
    {"Packed Attestation with RS256 Credential", KEY_REFUSED, 0,
	"an RSA key with other than 2048 bits or the exponent 65537 is not "
	"accepted"},
    {"Packed Attestation with Ed25519 Credential", 0, WEBAUTHN_TRUST_VERIFIED,
	""},
    {"Packed Attestation with Ed448 Credential", KEY_REFUSED, 0,
	"algorithm -53 is not accepted"},
    {"TPM Attestation with ES256 Credential", OBJECT_REFUSED, 0,
	"the attestation format tpm is not accepted"},
    {"Android Key Attestation with ES256 Credential", OBJECT_REFUSED, 0,
	"the attestation format android-key is not accepted"},
    {"Apple Anonymous Attestation with ES256 Credential", OBJECT_REFUSED, 0,
	"the attestation format apple is not accepted"},
    {"FIDO U2F Attestation with ES256 Credential", 0, WEBAUTHN_TRUST_VERIFIED,
	""},
};

static json_t *file;
static const char *origins[2];
static const char *rp_id;
static unsigned char root_der[2048];
static size_t root_len;
static unsigned ran, refused;

static size_t
octets(const json_t *object, const char *name, unsigned char *out, size_t cap)
{
	const char *hex = json_string_value(json_object_get(object, name));
	size_t len = 0;

	assert_non_null(hex);
	assert_ok(hex_decode(hex, strlen(hex), out, cap, &len));
	return len;
}

/* The client data: right, or refused as the table says. Returns their hash. */
static void
client_data(const json_t *part, const char *type, const struct expected *e,
    unsigned char hash[WEBAUTHN_HASH])
{
	unsigned char json[4096], challenge[512];
	size_t len = octets(part, "clientDataJSON", json, sizeof json);
	size_t challenge_len =
	    octets(part, "challenge", challenge, sizeof challenge);
	enum error err = webauthn_clientdata(
	    json, len, type, challenge, challenge_len, origins, hash);

	if ((e->refused & PAGE_OTHER) != 0) {
		assert_error(err, ERR_MISMATCH);
		assert_string_equal(webauthn_fault(), e->why);
		crypto_hash_sha256(hash, json, len);
		return;
	}
	assert_ok(err);
	/* for nothing else */
	challenge[0] ^= 1;
	assert_error(webauthn_clientdata(json, len, type, challenge,
			 challenge_len, origins, hash),
	    ERR_MISMATCH);
	challenge[0] ^= 1;
	assert_error(webauthn_clientdata(json, len, "webauthn.other", challenge,
			 challenge_len, origins, hash),
	    ERR_MISMATCH);
	assert_ok(webauthn_clientdata(
	    json, len, type, challenge, challenge_len, origins, hash));
}

static void
registration(const json_t *part, const struct expected *e)
{
	struct webauthn_demand demand = {.rp_id = rp_id, .now = 1750000000};
	struct webauthn_root root = {.certificate = root_der, .len = root_len};
	struct webauthn_registration r;
	unsigned char object[4096], id[2048];
	size_t len = octets(part, "attestationObject", object, sizeof object);
	size_t id_len = octets(part, "credential_id", id, sizeof id);
	enum error err;

	client_data(part, "webauthn.create", e, demand.hash);
	(void)octets(part, "aaguid", root.aaguid, sizeof root.aaguid);
	demand.root = &root;
	demand.n_roots = 1;
	err = webauthn_registration(object, len, &demand, &r);
	ran++;
	if ((e->refused & (KEY_REFUSED | OBJECT_REFUSED)) != 0) {
		assert_error(err, ERR_INPUT);
		assert_string_equal(webauthn_fault(), e->why);
		print_message("refused: %s: %s\n", e->title, e->why);
		refused++;
		return;
	}
	if (err != ERR_OK)
		fail_msg("%s: %s", e->title, webauthn_fault());
	assert_int_equal(r.trust, e->trust);
	assert_int_equal(r.authdata.credential_len, id_len);
	assert_memory_equal(r.authdata.credential, id, id_len);
	/* another relying party, and other client data */
	demand.rp_id = "example.com";
	assert_error(
	    webauthn_registration(object, len, &demand, &r), ERR_DENIED);
	demand.rp_id = rp_id;
	demand.hash[0] ^= 1;
	if (e->trust != WEBAUTHN_TRUST_NONE)
		assert_error(webauthn_registration(object, len, &demand, &r),
		    ERR_MISMATCH);
	demand.hash[0] ^= 1;
	if (e->trust == WEBAUTHN_TRUST_VERIFIED) {
		demand.n_roots = 0;
		assert_ok(webauthn_registration(object, len, &demand, &r));
		assert_int_equal(r.trust, WEBAUTHN_TRUST_UNVERIFIED);
		demand.n_roots = 1;
		root.aaguid[0] ^= 1; /* that root speaks for another model */
		assert_ok(webauthn_registration(object, len, &demand, &r));
		assert_int_equal(r.trust, WEBAUTHN_TRUST_UNVERIFIED);
	}
}

/* The key that was registered, whatever attests to it. */
static enum error
registered_key(const json_t *part, struct webauthn_key *ret)
{
	unsigned char object[4096];
	size_t len = octets(part, "attestationObject", object, sizeof object);
	struct webauthn_authdata a;
	const unsigned char *data;
	cbor_item_t *map = NULL;
	size_t data_len;
	enum error err;

	assert_ok(cbor_item(object, len, &map));
	assert_true(cbor_octets(cbor_under(map, "authData"), &data, &data_len));
	err = webauthn_authdata_parse(data, data_len, true, &a);
	cbor_decref(&map);
	*ret = a.key;
	return err;
}

static void
authentication(
    const json_t *vector, const json_t *part, const struct expected *e)
{
	unsigned char hash[WEBAUTHN_HASH], data[1024], signature[512];
	size_t len = octets(part, "authenticatorData", data, sizeof data);
	size_t signature_len =
	    octets(part, "signature", signature, sizeof signature);
	struct webauthn_authdata a;
	struct webauthn_key key;

	client_data(part, "webauthn.get", e, hash);
	ran++;
	if ((e->refused & KEY_REFUSED) != 0) {
		assert_error(registered_key(
				 json_object_get(vector, "registration"), &key),
		    ERR_INPUT);
		assert_string_equal(webauthn_fault(), e->why);
		refused++;
		return;
	}
	assert_ok(
	    registered_key(json_object_get(vector, "registration"), &key));
	if (webauthn_assertion(&key, rp_id, hash, data, len, signature,
		signature_len, false, &a) != ERR_OK)
		fail_msg("%s: %s", e->title, webauthn_fault());
	assert_error(webauthn_assertion(&key, rp_id, hash, data, len, signature,
			 signature_len, true, &a),
	    (data[32] & WEBAUTHN_UV) != 0 ? ERR_OK : ERR_DENIED);
	assert_error(webauthn_assertion(&key, "example.com", hash, data, len,
			 signature, signature_len, false, &a),
	    ERR_DENIED);
	hash[31] ^= 1;
	assert_error(webauthn_assertion(&key, rp_id, hash, data, len, signature,
			 signature_len, false, &a),
	    ERR_MISMATCH);
	hash[31] ^= 1;
	data[36] ^= 1; /* the counter */
	assert_error(webauthn_assertion(&key, rp_id, hash, data, len, signature,
			 signature_len, false, &a),
	    ERR_MISMATCH);
	data[36] ^= 1;
	signature[signature_len - 1] ^= 1;
	assert_error(webauthn_assertion(&key, rp_id, hash, data, len, signature,
			 signature_len, false, &a),
	    ERR_MISMATCH);
}

static void
level_3(void **state)
{
	const json_t *vectors = json_object_get(file, "vectors");
	const json_t *first = json_array_get(vectors, 0);
	size_t i;

	(void)state;
	rp_id = json_string_value(json_object_get(file, "rp_id"));
	origins[0] = json_string_value(json_object_get(file, "origin"));
	first = json_object_get(first, "values");
	if (first == NULL)
		first = json_array_get(vectors, 0);
	root_len =
	    octets(first, "attestation_ca_cert", root_der, sizeof root_der);
	assert_int_equal(
	    json_array_size(vectors), 1 + sizeof table / sizeof *table);
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		const json_t *v = json_array_get(vectors, i + 1);

		assert_string_equal(
		    json_string_value(json_object_get(v, "title")),
		    table[i].title);
		registration(json_object_get(v, "registration"), &table[i]);
		authentication(
		    v, json_object_get(v, "authentication"), &table[i]);
	}
	print_message("webauthn_l3.json: %u vectors ran: %u refused by name\n",
	    ran, refused);
	assert_int_equal(ran, 30);
	assert_int_equal(refused, 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(level_3)};
	json_error_t fault;
	char path[512];

	vectors_path("webauthn_l3.json", path, sizeof path);
	file = json_load_file(path, 0, &fault);
	if (file == NULL) {
		print_error("%s: %s\n", path, fault.text);
		return 1;
	}
	if (webauthn_init() != ERR_OK) {
		print_error("webauthn_init: %s\n", webauthn_fault());
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
