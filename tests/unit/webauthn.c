/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, authenticator data, client data, assertions and a browser's JSON: one
 * thing wrong at a time, and what is said about it. */
#include "common/crypto/webauthn.h"

#include <stdio.h>

#include "common/crypto/cbor.h"
#include "tests/unit/testfido.h"

static const unsigned char aaguid[WEBAUTHN_AAGUID] = "of some model..";
static const unsigned char id[WEBAUTHN_CREDENTIAL_MAX + 1] = "a credential";
static const char rp[] = "sekisho.example";
static const unsigned char challenge[32] = "a challenge of thirty-two octets";
static struct testkey p256, p384, ed25519, rsa2048;

static int
before(void **state)
{
	(void)state;
	testkey_ec("P-256", &p256);
	testkey_ec("P-384", &p384);
	testkey_wrap(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), &ed25519);
	testkey_rsa(2048, &rsa2048);
	assert_ok(webauthn_init());
	return 0;
}

static int
after(void **state)
{
	(void)state;
	EVP_PKEY_free(p256.key);
	EVP_PKEY_free(p384.key);
	EVP_PKEY_free(ed25519.key);
	EVP_PKEY_free(rsa2048.key);
	return 0;
}

static void
key_is(const struct testkey *key, int algorithm, size_t len)
{
	struct testfido cose = {.len = 0};
	struct webauthn_key found;
	size_t i;

	testfido_cose(key, algorithm, &cose);
	assert_ok(webauthn_cose_key(cose.at, cose.len, &found));
	assert_string_equal(webauthn_fault(), "");
	assert_int_equal(found.algorithm, algorithm);
	assert_int_equal(found.len, len);
	for (i = 0; i < cose.len; i++)
		assert_error(webauthn_cose_key(cose.at, i, &found), ERR_INPUT);
	cose.at[cose.len++] = 0;
	assert_error(webauthn_cose_key(cose.at, cose.len, &found), ERR_INPUT);
}

static void
keys_that_are_taken(void **state)
{
	(void)state;
	key_is(&p256, WEBAUTHN_ES256, 64);
	key_is(&p384, WEBAUTHN_ES384, 96);
	key_is(&ed25519, WEBAUTHN_EDDSA, 32);
	key_is(&rsa2048, WEBAUTHN_RS256, 259);
}

static void
refuses_key(const struct testfido *cose, const char *why)
{
	struct webauthn_key found;

	assert_error(webauthn_cose_key(cose->at, cose->len, &found), ERR_INPUT);
	assert_string_equal(webauthn_fault(), why);
}

static void
keys_that_are_none(void **state)
{
	static const char malformed[] = "the key is malformed";
	/* {1: kty, 3: alg, -1: crv, -2: x, -3: y}: where each number stands */
	enum { KTY = 2, ALG = 4, CRV = 6, X_KEY = 7, X = 10, Y = 45 };
	static const struct {
		size_t at;
		unsigned char octet;
		const char *why;
	} wrong[] = {
	    {KTY, 1, malformed},
	    {KTY, 3, malformed},
	    {KTY, 0x20, malformed},
	    {ALG, 0x27, malformed}, /* EdDSA on a P-256 key */
	    {ALG, 0x25, "algorithm -6 is not accepted"},
	    {ALG, 0x06, "algorithm 6 is not accepted"},
	    {ALG, 0xf6, "the key is no COSE key"},
	    {CRV, 2, malformed},
	    {CRV, 6, malformed},
	    {CRV, 0xf6, malformed},
	    {X_KEY, 0x23, malformed},		 /* -4 in x's place */
	    {X_KEY, 0x20, "the key is no CBOR"}, /* -1 twice */
	    {0, 0xa4, "the key is no CBOR"},
	    {0, 0xa6, "the key is no CBOR"},
	    {0, 0xbf, "the key is no CBOR"},
	};
	struct testfido cose = {.len = 0}, other;
	struct testkey weak;
	size_t i;

	(void)state;
	testfido_cose(&p256, WEBAUTHN_ES256, &cose);
	for (i = 0; i < COUNT(wrong); i++) {
		other = cose;
		other.at[wrong[i].at] = wrong[i].octet;
		refuses_key(&other, wrong[i].why);
	}
	/* one more parameter than there are */
	other = cose;
	other.at[0] = 0xa6;
	testfido_number(&other, 2);
	testfido_octets(&other, "kid", 3);
	refuses_key(&other, malformed);
	/* x an octet too short, y an octet too long */
	other = cose;
	other.at[X - 1] = 31;
	memmove(other.at + X, other.at + X + 1, cose.len - X - 1);
	other.len--;
	refuses_key(&other, malformed);
	other = cose;
	other.at[Y - 1] = 33;
	other.at[other.len++] = 0;
	refuses_key(&other, malformed);
	/* no point of the curve */
	other = cose;
	memset(other.at + X, 0xff, 32);
	refuses_key(&other, "the key is none");
	other = cose;
	other.at[other.len - 1] ^= 1;
	refuses_key(&other, "the key is none");
	refuses_key(&(struct testfido){.at = {0x80}, .len = 1},
	    "the key is no COSE key");
	refuses_key(&(struct testfido){.at = {0xa0}, .len = 1},
	    "the key is no COSE key");
	/* RSA that is too weak, even, or with another exponent */
	testkey_rsa(1024, &weak);
	cose.len = 0;
	testfido_cose(&weak, WEBAUTHN_RS256, &cose);
	EVP_PKEY_free(weak.key);
	refuses_key(&cose, "an RSA key with other than 2048 bits or the "
			   "exponent 65537 is not accepted");
	for (i = 0; i < 3; i++) {
		cose.len = 0;
		testfido_cose(&rsa2048, WEBAUTHN_RS256, &cose);
		if (i == 0)
			cose.at[cose.len - 1] = 3; /* the exponent */
		else if (i == 1)
			cose.at[cose.len - 6] &= 0xfe; /* the modulus' end */
		else
			cose.at[cose.len - 5 - 256] &= 0x7f; /* its begin */
		refuses_key(&cose,
		    "an RSA key with other than 2048 bits or the exponent "
		    "65537 is not accepted");
	}
}

static void
makes(unsigned flags, size_t id_len, bool with, struct testfido *ret)
{
	struct testfido cose = {.len = 0};

	ret->len = 0;
	testfido_cose(&p256, WEBAUTHN_ES256, &cose);
	testfido_authdata(
	    rp, flags, 7, aaguid, id, id_len, with ? &cose : NULL, ret);
}

static void
refuses_data(const struct testfido *data, bool with, const char *why)
{
	struct webauthn_authdata found;

	assert_error(webauthn_authdata_parse(data->at, data->len, with, &found),
	    ERR_INPUT);
	assert_string_equal(webauthn_fault(), why);
}

static void
authenticator_data(void **state)
{
	static const char length[] = "the authenticator data has another "
				     "length than 37 to 1024 octets";
	static const char more[] = "something follows the authenticator data";
	static const char id_length[] =
	    "the credential id has another length than 16 to 384 octets";
	static const char extensions[] = "the extensions are malformed";
	struct webauthn_authdata found;
	struct testfido data;
	size_t i;

	(void)state;
	makes(WEBAUTHN_UP | WEBAUTHN_AT, 16, true, &data);
	assert_ok(webauthn_authdata_parse(data.at, data.len, true, &found));
	assert_int_equal(found.counter, 7);
	assert_int_equal(found.credential_len, 16);
	assert_memory_equal(found.credential, id, 16);
	assert_memory_equal(found.aaguid, aaguid, sizeof aaguid);
	for (i = 0; i < data.len; i++)
		assert_error(webauthn_authdata_parse(data.at, i, true, &found),
		    ERR_INPUT);
	data.at[data.len++] = 0;
	refuses_data(&data, true, more);
	makes(WEBAUTHN_AT, WEBAUTHN_CREDENTIAL_MAX, true, &data);
	assert_ok(webauthn_authdata_parse(data.at, data.len, true, &found));
	makes(WEBAUTHN_AT, WEBAUTHN_CREDENTIAL_MAX + 1, true, &data);
	refuses_data(&data, true, id_length);
	makes(WEBAUTHN_AT, 15, true, &data);
	refuses_data(&data, true, id_length);
	makes(WEBAUTHN_AT, 16, true, &data);
	data.at[WEBAUTHN_AUTHDATA_MIN + WEBAUTHN_AAGUID] = 1; /* 256 more */
	refuses_data(&data, true, "the authenticator data is cut off");

	makes(WEBAUTHN_UP, 0, false, &data);
	assert_ok(webauthn_authdata_parse(data.at, data.len, false, &found));
	refuses_data(&data, true, "there is no credential in it");
	data.at[data.len++] = 0xa0;
	refuses_data(&data, false, more);
	data.at[WEBAUTHN_HASH] |= WEBAUTHN_ED;
	assert_ok(webauthn_authdata_parse(data.at, data.len, false, &found));
	data.at[data.len++] = 0xa0;
	refuses_data(&data, false, more);
	data.len -= 2;
	refuses_data(&data, false, extensions);
	testfido_put(&data, "\x80", 1); /* a list */
	refuses_data(&data, false, extensions);
	data.len--;
	testfido_put(&data, "\xa2\1\1\1\2", 5); /* a key twice */
	refuses_data(&data, false, extensions);
	data.len -= 5;
	testfido_put(&data, "\xbf\1\1\xff", 4); /* no end said */
	refuses_data(&data, false, extensions);

	makes(WEBAUTHN_UP | WEBAUTHN_AT, 0, false, &data);
	refuses_data(&data, false, "there is a credential in it");
	makes(WEBAUTHN_UP | 0x02, 0, false, &data);
	refuses_data(&data, false, "reserved flags are set");
	makes(WEBAUTHN_UP | 0x20, 0, false, &data);
	refuses_data(&data, false, "reserved flags are set");
	makes(WEBAUTHN_UP | WEBAUTHN_BS, 0, false, &data);
	refuses_data(
	    &data, false, "it is backed up and says that it cannot be");
	makes(WEBAUTHN_UP | WEBAUTHN_BE | WEBAUTHN_BS, 0, false, &data);
	assert_ok(webauthn_authdata_parse(data.at, data.len, false, &found));

	/* an extension of a kilooctet is too much for a login */
	makes(WEBAUTHN_UP | WEBAUTHN_ED, 0, false, &data);
	testfido_put(&data, "\xa1\x61x", 3);
	testfido_octets(&data, data.at + sizeof data.at / 2, 990);
	refuses_data(&data, false, length);
	makes(WEBAUTHN_AT | WEBAUTHN_ED, 16, true, &data);
	testfido_put(&data, "\xa1\x61x", 3);
	testfido_octets(&data, data.at + sizeof data.at / 2, 2000);
	refuses_data(&data, true, length);
}

/* The pattern, with the challenge for its first "%s" and text for the next. */
static const char *
client_data(const char *pattern, const char *text)
{
	static char json[2048];
	char said[64], *to = json;
	const char *put = said, *at;

	(void)sodium_bin2base64(said, sizeof said, challenge, sizeof challenge,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	while ((at = strstr(pattern, "%s")) != NULL) {
		to = mempcpy(to, pattern, (size_t)(at - pattern));
		to = stpcpy(to, put);
		put = text;
		pattern = at + 2;
	}
	(void)stpcpy(to, pattern);
	return json;
}

static enum error
client_data_are(const char *json, size_t len)
{
	static const char *const origins[] = {
	    "https://a.example", "https://sekisho.example", NULL};
	unsigned char hash[WEBAUTHN_HASH], known[WEBAUTHN_HASH];
	enum error err = webauthn_clientdata(json, len, "webauthn.create",
	    challenge, sizeof challenge, origins, hash);

	crypto_hash_sha256(known, (const unsigned char *)json, len);
	if (err == ERR_OK)
		assert_memory_equal(hash, known, sizeof hash);
	return err;
}

static void
what_the_browser_says(void **state)
{
	static const char pattern[] =
	    "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
	    "\"origin\":\"https://sekisho.example\"%s}";
	static const char incomplete[] = "the client data are incomplete";
	static const char none[] = "the client data are no JSON object";
	static const struct {
		const char *pattern, *more, *why;
		enum error err;
	} wrong[] = {
	    {pattern, ",\"crossOrigin\":true",
		"the page was inside another page", ERR_MISMATCH},
	    {pattern, ",\"crossOrigin\":\"no\"", incomplete, ERR_INPUT},
	    {pattern, ",\"crossOrigin\":null", incomplete, ERR_INPUT},
	    {pattern,
		",\"crossOrigin\":false,\"topOrigin\":\"https://x.example\"",
		"the page was inside another page", ERR_MISMATCH},
	    {pattern, ",\"tokenBinding\":{\"status\":\"supported\"}",
		"the client data are bound to a connection", ERR_MISMATCH},
	    /* the same member twice: which one would another reader take? */
	    {pattern, ",\"origin\":\"https://evil.example\"", none, ERR_INPUT},
	    {pattern, ",\"type\":\"webauthn.get\"", none, ERR_INPUT},
	    {pattern, "}{", none, ERR_INPUT},
	    {pattern, ",\"x\":\"\xff\"", none, ERR_INPUT},
	    {pattern, ",", none, ERR_INPUT},
	    {"[\"%s%s\"]", "", none, ERR_INPUT},
	    {"\"%s%s\"", "", none, ERR_INPUT},
	    {"{\"challenge\":\"%s\",\"origin\":\"https://a.example\"}", "",
		incomplete, ERR_INPUT},
	    {"{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":"
	     "\"https://a.example\"}",
		"", "the client data are of another type", ERR_MISMATCH},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"%s=\",\"origin\":"
	     "\"https://a.example\"}",
		"", "the client data answer another challenge", ERR_MISMATCH},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"A%s\",\"origin\":"
	     "\"https://a.example\"}",
		"", "the client data answer another challenge", ERR_MISMATCH},
	    {"{\"type\":\"webauthn.create\",\"challenge\":[\"%s\"],\"origin\":"
	     "\"https://a.example\"}",
		"", incomplete, ERR_INPUT},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":"
	     "\"https://a.example.evil.example\"}",
		"", "the client data are from another origin", ERR_MISMATCH},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":"
	     "\"http://a.example\"}",
		"", "the client data are from another origin", ERR_MISMATCH},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":"
	     "\"https://a.example\\u0000\"}",
		"", none, ERR_INPUT},
	    {"{\"type\":\"webauthn.create\",\"challenge\":\"%s\",\"origin\":"
	     "\"\"}",
		"", "the client data are from another origin", ERR_MISMATCH},
	};
	static char large[WEBAUTHN_CLIENTDATA_MAX + 2];
	const char *json = client_data(pattern, "");
	size_t i, len = strlen(json);

	(void)state;
	assert_ok(client_data_are(json, len));
	assert_error(client_data_are(json, len + 1), ERR_INPUT); /* its NUL */
	for (i = 0; i < len; i++)
		assert_error(client_data_are(json, i), ERR_INPUT);
	for (i = 0; i < COUNT(wrong); i++) {
		json = client_data(wrong[i].pattern, wrong[i].more);
		assert_error(client_data_are(json, strlen(json)), wrong[i].err);
		assert_string_equal(webauthn_fault(), wrong[i].why);
	}
	/* what comes later in the standard is no reason to refuse */
	json = client_data(pattern, ",\"other_keys_can_be_added_here\":\"so\"");
	assert_ok(client_data_are(json, strlen(json)));
	(void)snprintf(large, sizeof large, "%-*s", WEBAUTHN_CLIENTDATA_MAX,
	    client_data(pattern, ""));
	assert_ok(client_data_are(large, WEBAUTHN_CLIENTDATA_MAX));
	large[WEBAUTHN_CLIENTDATA_MAX] = ' ';
	assert_error(
	    client_data_are(large, WEBAUTHN_CLIENTDATA_MAX + 1), ERR_INPUT);
}

static void
answers(const struct testkey *by, int algorithm, const EVP_MD *md)
{
	struct testfido cose = {.len = 0}, data = {.len = 0}, signature;
	unsigned char hash[WEBAUTHN_HASH] = "the client data's";
	struct webauthn_authdata found;
	struct webauthn_key key;

	testfido_cose(by, algorithm, &cose);
	assert_ok(webauthn_cose_key(cose.at, cose.len, &key));
	testfido_authdata(rp, WEBAUTHN_UP, 9, NULL, NULL, 0, NULL, &data);
	testfido_sign(by, md, data.at, data.len, hash, sizeof hash, &signature);
	assert_ok(webauthn_assertion(&key, rp, hash, data.at, data.len,
	    signature.at, signature.len, false, &found));
	assert_int_equal(found.counter, 9);
#define REFUSES(error, rp_id, uv, why)                                       \
	do {                                                                 \
		assert_error(                                                \
		    webauthn_assertion(&key, rp_id, hash, data.at, data.len, \
			signature.at, signature.len, uv, &found),            \
		    error);                                                  \
		if ((why)[0] != '\0')                                        \
			assert_string_equal(webauthn_fault(), why);          \
	} while (0)
	REFUSES(ERR_DENIED, "example", false, "");
	REFUSES(ERR_DENIED, rp, true, "");
	/* who says afterwards that it was touched, verified, counted */
	data.at[WEBAUTHN_HASH] |= WEBAUTHN_UV;
	REFUSES(ERR_MISMATCH, rp, true, "");
	data.at[WEBAUTHN_HASH] = WEBAUTHN_UP | WEBAUTHN_BE;
	REFUSES(ERR_MISMATCH, rp, false, "");
	data.at[WEBAUTHN_HASH] = 0;
	REFUSES(ERR_DENIED, rp, false, "");
	data.at[WEBAUTHN_HASH] = WEBAUTHN_UP;
	data.at[data.len - 1]++;
	REFUSES(ERR_MISMATCH, rp, false, "");
	data.at[data.len - 1]--;
	data.at[data.len++] = 0;
	REFUSES(ERR_INPUT, rp, false, "");
	data.len -= 2;
	REFUSES(ERR_INPUT, rp, false, "");
	data.len++;
	signature.len--;
	assert_true(webauthn_assertion(&key, rp, hash, data.at, data.len,
			signature.at, signature.len, false, &found) != ERR_OK);
	signature.len = 0;
	assert_true(webauthn_assertion(&key, rp, hash, data.at, data.len,
			signature.at, signature.len, false, &found) != ERR_OK);
	signature.len = WEBAUTHN_SIGNATURE_MAX + 1;
	REFUSES(ERR_INPUT, rp, false, "");
#undef REFUSES
}

static void
assertions(void **state)
{
	(void)state;
	answers(&p256, WEBAUTHN_ES256, EVP_sha256());
	answers(&p384, WEBAUTHN_ES384, EVP_sha384());
	answers(&ed25519, WEBAUTHN_EDDSA, NULL);
	answers(&rsa2048, WEBAUTHN_RS256, EVP_sha256());
}

static void
an_answer_to_a_registration(void **state)
{
	static const char id_fault[] =
	    "the credential id is missing, malformed or too long";
	static const char none[] = "the answer is no JSON object";
	static const struct {
		const char *json, *why;
	} wrong[] = {
	    {"", none},
	    {"[]", none},
	    {"{}", "it is no answer to a registration"},
	    {"{\"type\":\"public-key\"}", "it is no answer to a registration"},
	    {"{\"type\":\"x\",\"response\":{}}",
		"it is no answer to a registration"},
	    {"{\"type\":\"public-key\",\"response\":[]}",
		"it is no answer to a registration"},
	    {"{\"type\":\"public-key\",\"response\":{}}", id_fault},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"AAAA\"}",
		id_fault},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"AA==\","
	     "\"id\":\"AA==\"}",
		id_fault},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"A+/A\","
	     "\"id\":\"A+/A\"}",
		id_fault},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"AAAA\","
	     "\"id\":\"AAAB\"}",
		"id and rawId are not the same"},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"AAAA\","
	     "\"id\":\"AAAA\",\"id\":\"AAAA\"}",
		none},
	    {"{\"type\":\"public-key\",\"response\":{},\"rawId\":\"AAAA\","
	     "\"id\":\"AAAA\"}",
		"clientDataJSON is missing, malformed or too long"},
	    {"{\"type\":\"public-key\",\"response\":{\"clientDataJSON\":7},"
	     "\"rawId\":\"AAAA\",\"id\":\"AAAA\"}",
		"clientDataJSON is missing, malformed or too long"},
	    {"{\"type\":\"public-key\",\"response\":{\"clientDataJSON\":"
	     "\"e30\"},\"rawId\":\"AAAA\",\"id\":\"AAAA\"}",
		"attestationObject is missing, malformed or too long"},
	};
	static const char good[] =
	    "{\"type\":\"public-key\",\"response\":{\"clientDataJSON\":"
	    "\"e30\",\"attestationObject\":\"oA\"},\"rawId\":\"AAAA\",\"id\":"
	    "\"AAAA\"}";
	static struct webauthn_response found;
	static char large[WEBAUTHN_RESPONSE_MAX + 1];
	size_t i;

	(void)state;
	assert_ok(webauthn_response(good, strlen(good), &found));
	assert_int_equal(found.clientdata_len, 2);
	assert_memory_equal(found.clientdata, "{}", 2);
	assert_int_equal(found.object_len, 1);
	assert_int_equal(found.object[0], 0xa0);
	for (i = 0; i < strlen(good); i++)
		assert_error(webauthn_response(good, i, &found), ERR_INPUT);
	for (i = 0; i < COUNT(wrong); i++) {
		assert_error(webauthn_response(
				 wrong[i].json, strlen(wrong[i].json), &found),
		    ERR_INPUT);
		assert_string_equal(webauthn_fault(), wrong[i].why);
	}
	memset(large, ' ', sizeof large);
	memcpy(large, good, strlen(good));
	assert_ok(webauthn_response(large, sizeof large - 1, &found));
	assert_error(webauthn_response(large, sizeof large, &found), ERR_INPUT);
	assert_string_equal(webauthn_fault(), "the answer is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_that_are_taken),
	    cmocka_unit_test(keys_that_are_none),
	    cmocka_unit_test(authenticator_data),
	    cmocka_unit_test(what_the_browser_says),
	    cmocka_unit_test(assertions),
	    cmocka_unit_test(an_answer_to_a_registration),
	};

	return cmocka_run_group_tests(tests, before, after);
}
