/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/spki.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/testkey.h"

static struct testkey p256, p384, rsa;

static enum error
take(const struct testkey *key, struct spki *ret_spki)
{
	struct spki parsed;
	enum error err, first;

	first = spki_parse(key->spki, key->len, &parsed);
	err = spki_acceptable(key->spki, key->len, ret_spki);
	assert_int_equal(ERR_peek_error(), 0);
	/* what is acceptable parses */
	assert_true(err != ERR_OK || first == ERR_OK);
	return err;
}

static void
good_keys(void **state)
{
	struct testkey big;
	struct spki spki;

	(void)state;
	assert_ok(take(&p256, &spki));
	assert_int_equal(spki.kind, KEY_P256);
	assert_int_equal(spki.bits, 256);
	assert_int_equal(spki.point.len, 65);
	assert_ok(take(&p384, &spki));
	assert_int_equal(spki.kind, KEY_P384);
	assert_int_equal(spki.bits, 384);
	assert_int_equal(spki.point.len, 97);
	assert_ok(take(&rsa, &spki));
	assert_int_equal(spki.kind, KEY_RSA);
	assert_int_equal(spki.bits, 2048);
	assert_int_equal(spki.modulus.len, 256);
	assert_int_equal(spki.exponent.len, 3);
	testkey_rsa(3072, &big);
	assert_ok(take(&big, &spki));
	assert_int_equal(spki.bits, 3072);
	EVP_PKEY_free(big.key);
	assert_string_equal(key_kind_text(KEY_P256), "P-256");
	assert_string_equal(key_kind_text(KEY_P384), "P-384");
	assert_string_equal(key_kind_text(KEY_RSA), "RSA");
}

/* Every octet is looked at: no two texts are one key, none runs over. */
static void
lengths_and_what_follows(void **state)
{
	const struct testkey *const keys[] = {&p256, &p384, &rsa};
	struct spki spki;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(keys); i++) {
		struct testkey key = *keys[i];

		for (len = 0; len < key.len; len++)
			assert_error(
			    spki_parse(key.spki, len, &spki), ERR_INPUT);
		key.spki[key.len] = 0;
		assert_error(
		    spki_parse(key.spki, key.len + 1, &spki), ERR_INPUT);
	}
	assert_error(spki_parse(NULL, 0, &spki), ERR_INPUT);
}

static void
a_changed_head_is_refused(void **state)
{
	const struct testkey *const keys[] = {&p256, &p384, &rsa};
	const size_t heads[] = {27, 24, 32};
	struct spki spki;
	size_t i, bit;

	(void)state;
	for (i = 0; i < COUNT(keys); i++) {
		for (bit = 0; bit < heads[i] * 8; bit++) {
			struct testkey key = *keys[i];

			key.spki[bit / 8] ^= (unsigned char)(1U << bit % 8);
			assert_error(take(&key, &spki), ERR_INPUT);
		}
	}
}

static void
points_that_are_on_no_curve(void **state)
{
	struct testkey key;
	struct spki spki;
	size_t i;

	(void)state;
	for (i = 27; i < p256.len; i++) {
		key = p256;
		key.spki[i] ^= 1;
		assert_error(take(&key, &spki), ERR_INPUT);
	}
	for (i = 24; i < p384.len; i++) {
		key = p384;
		key.spki[i] ^= 1;
		assert_error(take(&key, &spki), ERR_INPUT);
	}
	/* 0, 0; and coordinates above the field */
	key = p256;
	memset(key.spki + 27, 0, 64);
	assert_error(take(&key, &spki), ERR_INPUT);
	memset(key.spki + 27, 0xff, 64);
	assert_error(take(&key, &spki), ERR_INPUT);
	/* a point of P-256 called one of P-384's size, and the reverse */
	key = p384;
	memset(key.spki + 24, 0, 96);
	memcpy(key.spki + 24 + 16, p256.spki + 27, 32);
	memcpy(key.spki + 24 + 64, p256.spki + 59, 32);
	assert_error(take(&key, &spki), ERR_INPUT);
}

static EVP_PKEY *
ec_as(const char *curve, const char *param, const char *value)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);

	assert_int_equal(EVP_PKEY_set_utf8_string_param(key, param, value), 1);
	return key;
}

static void
other_ways_to_write_a_point(void **state)
{
	struct testkey key;
	struct spki spki;

	(void)state;
	testkey_wrap(ec_as("P-256", OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
			 "compressed"),
	    &key);
	assert_int_equal(key.len, 59);
	assert_error(take(&key, &spki), ERR_INPUT);
	EVP_PKEY_free(key.key);
	testkey_wrap(ec_as("P-256", OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
			 "hybrid"),
	    &key);
	assert_error(take(&key, &spki), ERR_INPUT);
	EVP_PKEY_free(key.key);
	/* the curve written out: CVE-2020-0601 */
	testkey_wrap(
	    ec_as("P-256", OSSL_PKEY_PARAM_EC_ENCODING, "explicit"), &key);
	assert_in_range(key.len, 200, SPKI_MAX);
	assert_error(take(&key, &spki), ERR_INPUT);
	EVP_PKEY_free(key.key);
}

static void
other_kinds_of_keys(void **state)
{
	static const char *const curves[] = {
	    "secp256k1", "P-521", "P-224", "brainpoolP256r1"};
	static const char *const kinds[] = {"ED25519", "ED448", "X25519"};
	struct testkey key;
	struct spki spki;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(curves); i++) {
		testkey_ec(curves[i], &key);
		assert_error(take(&key, &spki), ERR_INPUT);
		EVP_PKEY_free(key.key);
	}
	for (i = 0; i < COUNT(kinds); i++) {
		testkey_wrap(EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]), &key);
		assert_error(take(&key, &spki), ERR_INPUT);
		EVP_PKEY_free(key.key);
	}
	/* id-RSASSA-PSS: a key that says what it is for */
	{
		EVP_PKEY_CTX *ctx =
		    EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
		EVP_PKEY *made = NULL;

		assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
		assert_int_equal(EVP_PKEY_generate(ctx, &made), 1);
		EVP_PKEY_CTX_free(ctx);
		testkey_wrap(made, &key);
		assert_error(take(&key, &spki), ERR_INPUT);
		EVP_PKEY_free(key.key);
	}
}

/* An RSA key of these numbers. */
static void
rsa_of(BIGNUM *n, BIGNUM *e, struct testkey *ret_key)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

	assert_true(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n));
	assert_true(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e));
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	testkey_wrap(key, ret_key);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	ERR_clear_error();
}

static BIGNUM *
number(const char *hex)
{
	BIGNUM *n = NULL;

	assert_int_not_equal(BN_hex2bn(&n, hex), 0);
	return n;
}

static void
exponents(void **state)
{
	static const struct {
		const char *hex;
		enum error err;
	} cases[] = {{"1", ERR_INPUT}, {"2", ERR_INPUT}, {"3", ERR_INPUT},
	    {"11", ERR_INPUT}, {"101", ERR_INPUT}, {"FFFF", ERR_INPUT},
	    {"10000", ERR_INPUT}, {"10001", ERR_OK}, {"10002", ERR_INPUT},
	    {"10003", ERR_OK}, {"C0000001", ERR_OK},
	    {"FFFFFFFFFFFFFFFF", ERR_OK}, {"10000000000000001", ERR_INPUT}};
	BIGNUM *n = NULL;
	size_t i;

	(void)state;
	assert_int_equal(
	    EVP_PKEY_get_bn_param(rsa.key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	for (i = 0; i < COUNT(cases); i++) {
		BIGNUM *e = number(cases[i].hex);
		struct testkey key;
		struct spki spki;

		rsa_of(n, e, &key);
		if (take(&key, &spki) != cases[i].err)
			fail_msg("exponent %s", cases[i].hex);
		BN_free(e);
	}
	BN_free(n);
}

static void
moduli(void **state)
{
	BIGNUM *e = number("10001"), *n = BN_new();
	struct testkey key;
	struct spki spki;
	int bits;

	(void)state;
	/* sizes: 2^bits - 1 has small factors, but parses */
	for (bits = 2040; bits <= 4104; bits++) {
		BN_zero(n);
		assert_int_equal(BN_set_bit(n, bits), 1);
		assert_int_equal(BN_sub_word(n, 1), 1);
		rsa_of(n, e, &key);
		assert_error(spki_parse(key.spki, key.len, &spki),
		    bits >= 2048 && bits <= 4096 ? ERR_OK : ERR_INPUT);
		if (bits % 16 == 0)
			assert_error(take(&key, &spki), ERR_INPUT);
	}
	BN_free(n);
	n = NULL;
	assert_int_equal(
	    EVP_PKEY_get_bn_param(rsa.key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	/* even */
	assert_int_equal(BN_clear_bit(n, 0), 1);
	rsa_of(n, e, &key);
	assert_error(take(&key, &spki), ERR_INPUT);
	/* a prime */
	assert_int_equal(BN_generate_prime_ex(n, 2048, 0, NULL, NULL, NULL), 1);
	rsa_of(n, e, &key);
	assert_ok(spki_parse(key.spki, key.len, &spki));
	assert_error(take(&key, &spki), ERR_INPUT);
	/* 751, the last of the small primes */
	assert_int_equal(BN_rand(n, 2040, 1, 1), 1);
	assert_int_equal(BN_mul_word(n, 751), 1);
	rsa_of(n, e, &key);
	assert_ok(spki_parse(key.spki, key.len, &spki));
	assert_error(take(&key, &spki), ERR_INPUT);
	BN_free(n);
	BN_free(e);
}

/*
 * CVE-2017-15361: made as those chips did, both primes k * M + 65537^a mod M
 * with M the product of the first 126 primes.
 */
static void
guessable_keys_are_refused(void **state)
{
	static const char modulus[] =
	    "cb8f2b5acd5ba39fdf41671431a88307a797264825b0abbc25e97856f5ba"
	    "fd58e5c7de0feabb5f9a685d259a7b3b5bf8b2eea1c49c788de52d78b022"
	    "f7524ccc251e3d3d95039056d206655a93eae8a12675979624a17a7e5c74"
	    "e7234aa2fb1e6d310ff033f21ebeb699962bf1dca0d39fa9002f6abac88d"
	    "137b1b32b278e420eed3908bf2281557ce434d4d52e4fbbf2e8e116a1e6b"
	    "ad44cf91bec9371c8fc1123d14abb5a0febc64ff58007e6aba518b2edc6d"
	    "9d72fc46ced39ab622e6e68163b9e91e38cec1d1e7ddd1e24d625cbe8890"
	    "0b75c2b6a4de088b8335f1d41e2c4c76777f6b012ea4f84c36b47dc24262"
	    "2f9fd76826dcf2d29a07c515d6e77183";
	BIGNUM *n = number(modulus), *e = number("10001");
	struct testkey key;
	struct spki spki;

	(void)state;
	rsa_of(n, e, &key);
	assert_ok(spki_parse(key.spki, key.len, &spki));
	assert_error(take(&key, &spki), ERR_INPUT);
	BN_free(n);
	BN_free(e);
}

/* Numbers that DER would not write so, around a good modulus. */
static void
loose_encodings_of_rsa(void **state)
{
	/* the last 7 octets: 02 03 01 00 01 */
	static const struct {
		const char *tail;
		size_t len;
	} tails[] = {
	    {"\x02\x04\x00\x01\x00\x01", 6}, /* a 00 too much */
	    {"\x02\x81\x03\x01\x00\x01", 6}, /* a length too long */
	    {"\x02\x03\x81\x00\x01", 5},     /* negative */
	    {"\x02\x00", 2},		     /* nothing */
	    {"\x02\x01\x00", 3},	     /* zero */
	    {"\x02\x03\x01\x00\x01\x05\x00", 7},
	    {"\x22\x03\x01\x00\x01", 5},
	    {"\x02\x80\x01\x00\x01\x00\x00", 7},
	};
	struct testkey key;
	struct spki spki;
	size_t i;

	(void)state;
	for (i = 0; i <= COUNT(tails); i++) {
		const char *tail =
		    i < COUNT(tails) ? tails[i].tail : "\x02\x03\x01\x00\x01";
		size_t len = i < COUNT(tails) ? tails[i].len : 5;
		size_t change = len - 5;

		key = rsa;
		memcpy(key.spki + rsa.len - 5, tail, len);
		key.len = rsa.len + change;
		/* the lengths of the three that hold it: two octets each */
		key.spki[3] = (unsigned char)(key.spki[3] + change);
		key.spki[22] = (unsigned char)(key.spki[22] + change);
		key.spki[27] = (unsigned char)(key.spki[27] + change);
		assert_error(spki_parse(key.spki, key.len, &spki),
		    i < COUNT(tails) ? ERR_INPUT : ERR_OK);
	}
}

static void
the_name_of_a_key(void **state)
{
	unsigned char id[SPKI_KEY_ID];
	char text[65];

	(void)state;
	spki_key_id("abc", 3, id);
	hex_encode(id, sizeof id, text);
	/* FIPS 180-2 B.1 */
	assert_string_equal(text,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_keys),
	    cmocka_unit_test(lengths_and_what_follows),
	    cmocka_unit_test(a_changed_head_is_refused),
	    cmocka_unit_test(points_that_are_on_no_curve),
	    cmocka_unit_test(other_ways_to_write_a_point),
	    cmocka_unit_test(other_kinds_of_keys),
	    cmocka_unit_test(exponents),
	    cmocka_unit_test(moduli),
	    cmocka_unit_test(guessable_keys_are_refused),
	    cmocka_unit_test(loose_encodings_of_rsa),
	    cmocka_unit_test(the_name_of_a_key),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	testkey_ec("P-256", &p256);
	testkey_ec("P-384", &p384);
	testkey_rsa(2048, &rsa);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(p256.key);
	EVP_PKEY_free(p384.key);
	EVP_PKEY_free(rsa.key);
	return failed;
}
