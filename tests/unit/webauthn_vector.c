/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assertion that docs/protocol.md shows, over the hash of signed octets
 * that it shows for cards. */
#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/webauthn.h"
#include "common/wire/signed.h"
#include "tests/unit/test.h"

static const char public[] =
    "552788db181acf4717d00df408cf1289b05cfe9398ab5231dbb9133e2b6b0679"
    "29612e63645a72b475910c9e63ad6d350399d38b7e9fcb7a57159cba5d4c08c3";
static const char data[] =
    "5121846338331ccd693666615c0e29632cd08405dcc8c3ba4ff675865a5c"
    "f93b050000002a";
static const char credential[] =
    "bd7d9098c2d6d5d183a09d2fff77f1fdc09ecebc7e67d77a27c104a263b6aa8f"
    "3e34a42c1ec980487ad9afffd7d4fabd93e072a52ff0c33470f0306bad6a9c76";
static const char key_id[] =
    "63b5d2577842f4f42382a83d3d19a92736a034316a4a263d9c42f06f1d306209";
static const char signature[] =
    "304502205457c62c99a1460334a40eea576d77c76d44085efbc5ee0c1d081379007cc09d"
    "022100ba89f99f13c3d9835802ae26e44840f17b1f559d94fc9a8947f7d76dad6fce37";

static size_t
octets(const char *hex, unsigned char *out, size_t cap)
{
	size_t len;

	assert_ok(hex_decode(hex, strlen(hex), out, cap, &len));
	return len;
}

static void
the_vector_of_the_protocol(void **state)
{
	unsigned char challenge[SIGNED_CHALLENGE], digest[SIGNED_DIGEST];
	unsigned char authdata[64], sig[128], id[64], hash[32], known[32];
	const struct signed_fields fields = {.purpose = "login",
	    .server_id = "sekisho.example",
	    .client_id = "37b0332c-1bbe-4920-9b02-4d56b53aab42",
	    .login = "sato",
	    .challenge = challenge};
	struct webauthn_key key = {.algorithm = WEBAUTHN_ES256};
	struct webauthn_authdata a;
	size_t authdata_len, sig_len, i;

	(void)state;
	for (i = 0; i < sizeof challenge; i++)
		challenge[i] = (unsigned char)i;
	assert_ok(signed_digest(&fields, digest));
	key.len = octets(public, key.octets, sizeof key.octets);
	authdata_len = octets(data, authdata, sizeof authdata);
	sig_len = octets(signature, sig, sizeof sig);
	assert_ok(webauthn_assertion(&key, "sekisho.example", digest, authdata,
	    authdata_len, sig, sig_len, true, &a));
	assert_int_equal(a.counter, 42);
	assert_int_equal(a.flags, WEBAUTHN_UP | WEBAUTHN_UV);
	assert_int_equal(octets(credential, id, sizeof id), 64);
	crypto_hash_sha256(hash, id, sizeof id);
	assert_int_equal(octets(key_id, known, sizeof known), 32);
	assert_memory_equal(hash, known, sizeof known);
	/* for another purpose it is worth nothing */
	digest[0] ^= 1;
	assert_error(webauthn_assertion(&key, "sekisho.example", digest,
			 authdata, authdata_len, sig, sig_len, true, &a),
	    ERR_MISMATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vector_of_the_protocol)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
