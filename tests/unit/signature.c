/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/signature.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/testkey.h"

static struct testkey p256, p384, rsa, other256, other_rsa;
static const unsigned char digest[SIGNATURE_DIGEST_MAX] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

struct signature {
	unsigned char octets[SIGNATURE_MAX + 8];
	size_t len;
};

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

static enum error
verify(const struct testkey *key, enum scheme scheme,
    const unsigned char *signed_digest, const struct signature *s)
{
	enum error err;

	/* what others left behind is no reason for anything */
	ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
	err = signature_verify(
	    key->spki, key->len, scheme, signed_digest, s->octets, s->len);
	assert_int_equal(ERR_peek_error(), 0);
	return err;
}

static struct signature
sign(const struct testkey *key, enum scheme scheme)
{
	struct signature s;

	s.len = testkey_sign(key, scheme, digest, s.octets);
	return s;
}

/* One of each kind of key with each scheme that it goes with. */
static const struct {
	const struct testkey *key, *other;
	enum scheme scheme;
} ways[] = {
    {&p256, &other256, SCHEME_ECDSA_SHA256},
    {&p384, &other256, SCHEME_ECDSA_SHA256},
    {&rsa, &other_rsa, SCHEME_RSA_PKCS1_SHA256},
    {&rsa, &other_rsa, SCHEME_RSA_PSS_SHA256},
};

static void
right_signatures(void **state)
{
	size_t i;

	(void)state;
	assert_ok(signature_init());
	for (i = 0; i < COUNT(ways); i++) {
		struct signature s = sign(ways[i].key, ways[i].scheme);

		assert_ok(verify(ways[i].key, ways[i].scheme, digest, &s));
	}
}

static void
another_digest_or_key(void **state)
{
	size_t i, bit;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		struct signature s = sign(ways[i].key, ways[i].scheme);
		enum error err;

		for (bit = 0; bit < 256; bit++) {
			unsigned char changed[SIGNATURE_DIGEST];

			memcpy(changed, digest, sizeof changed);
			changed[bit / 8] ^= (unsigned char)(1U << bit % 8);
			assert_error(
			    verify(ways[i].key, ways[i].scheme, changed, &s),
			    ERR_MISMATCH);
		}
		err = verify(ways[i].other, ways[i].scheme, digest, &s);
		/* a signature of P-384 is too long for P-256 */
		assert_int_equal(
		    err, ways[i].key == &p384 ? ERR_INPUT : ERR_MISMATCH);
	}
}

/* No bit of a signature is without effect. */
static void
every_bit_of_a_signature(void **state)
{
	size_t i, bit;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		struct signature s = sign(ways[i].key, ways[i].scheme);

		for (bit = 0; bit < s.len * 8; bit++) {
			struct signature t = s;
			enum error err;

			t.octets[bit / 8] ^= (unsigned char)(1U << bit % 8);
			err = verify(ways[i].key, ways[i].scheme, digest, &t);
			if (err != ERR_MISMATCH && err != ERR_INPUT)
				fail_msg("way %zu, bit %zu: %s", i, bit,
				    error_text(err));
			if (ways[i].key == &rsa)
				assert_int_equal(err, ERR_MISMATCH);
		}
	}
}

static void
every_length_of_a_signature(void **state)
{
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		struct signature s = sign(ways[i].key, ways[i].scheme), t = s;

		memset(t.octets + s.len, 0, sizeof t.octets - s.len);
		for (len = 0; len <= SIGNATURE_MAX + 1; len++) {
			t.len = len;
			assert_error(
			    verify(ways[i].key, ways[i].scheme, digest, &t),
			    len == s.len ? ERR_OK : ERR_INPUT);
		}
	}
}

static void
a_key_goes_with_its_scheme(void **state)
{
	static const struct testkey *const keys[] = {&p256, &p384, &rsa};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		struct signature s = sign(ways[i].key, ways[i].scheme);

		for (j = 0; j < COUNT(keys); j++) {
			bool ec = ways[i].scheme == SCHEME_ECDSA_SHA256;

			if (ec == (keys[j] == &rsa))
				assert_error(
				    verify(keys[j], ways[i].scheme, digest, &s),
				    ERR_INPUT);
		}
	}
	/* the two ways of RSA are not each other */
	{
		struct signature s = sign(&rsa, SCHEME_RSA_PKCS1_SHA256);

		assert_error(verify(&rsa, SCHEME_RSA_PSS_SHA256, digest, &s),
		    ERR_MISMATCH);
		s = sign(&rsa, SCHEME_RSA_PSS_SHA256);
		assert_error(verify(&rsa, SCHEME_RSA_PKCS1_SHA256, digest, &s),
		    ERR_MISMATCH);
	}
}

/* Around r = s = 1, which signs nothing but is well formed. */
static void
ecdsa_in_der_and_nothing_else(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
		enum error err;
	} cases[] = {
	    {"\x30\x06\x02\x01\x01\x02\x01\x01", 8, ERR_MISMATCH},
	    {"\x30\x06\x02\x01\x00\x02\x01\x01", 8, ERR_INPUT},
	    {"\x30\x06\x02\x01\x01\x02\x01\x00", 8, ERR_INPUT},
	    {"\x30\x06\x02\x01\x81\x02\x01\x01", 8, ERR_INPUT},
	    {"\x30\x06\x02\x01\x01\x02\x01\xff", 8, ERR_INPUT},
	    {"\x30\x07\x02\x02\x00\x01\x02\x01\x01", 9, ERR_INPUT},
	    {"\x30\x07\x02\x02\x00\x81\x02\x01\x01", 9, ERR_MISMATCH},
	    {"\x30\x81\x06\x02\x01\x01\x02\x01\x01", 9, ERR_INPUT},
	    {"\x30\x07\x02\x81\x01\x01\x02\x01\x01", 9, ERR_INPUT},
	    {"\x30\x80\x02\x01\x01\x02\x01\x01\x00\x00", 10, ERR_INPUT},
	    {"\x30\x06\x02\x01\x01\x02\x01\x01\x00", 9, ERR_INPUT},
	    {"\x30\x08\x02\x01\x01\x02\x01\x01\x05\x00", 10, ERR_INPUT},
	    {"\x30\x03\x02\x01\x01", 5, ERR_INPUT},
	    {"\x30\x05\x02\x00\x02\x01\x01", 7, ERR_INPUT},
	    {"\x31\x06\x02\x01\x01\x02\x01\x01", 8, ERR_INPUT},
	    {"\x30\x06\x03\x01\x01\x02\x01\x01", 8, ERR_INPUT},
	    {"\x30\x00", 2, ERR_INPUT},
	};
	static const struct testkey *const keys[] = {&p256, &p384};
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct signature s = {.len = cases[i].len};

		memcpy(s.octets, cases[i].octets, s.len);
		for (j = 0; j < COUNT(keys); j++)
			if (verify(keys[j], SCHEME_ECDSA_SHA256, digest, &s) !=
			    cases[i].err)
				fail_msg("case %zu", i);
	}
}

/* r and s of the order and above are wrong, not reduced. */
static void
ecdsa_out_of_range(void **state)
{
	const EC_GROUP *group = EC_GROUP_new_by_curve_name(415 /* P-256 */);
	const BIGNUM *n = EC_GROUP_get0_order(group);
	struct signature good = sign(&p256, SCHEME_ECDSA_SHA256), s;
	const unsigned char *in = good.octets;
	ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &in, (long)good.len);
	BIGNUM *r, *t;
	unsigned i;

	(void)state;
	assert_non_null(parts);
	for (i = 0; i < 4; i++) {
		ECDSA_SIG *changed = ECDSA_SIG_new();
		unsigned char *out = s.octets;

		r = BN_dup(ECDSA_SIG_get0_r(parts));
		t = BN_dup(ECDSA_SIG_get0_s(parts));
		switch (i) {
		case 0:
			assert_int_equal(BN_add(r, r, n), 1);
			break;
		case 1:
			assert_int_equal(BN_add(t, t, n), 1);
			break;
		case 2:
			assert_non_null(BN_copy(r, n));
			break;
		default:
			assert_non_null(BN_copy(t, n));
		}
		assert_int_equal(ECDSA_SIG_set0(changed, r, t), 1);
		s.len = (size_t)i2d_ECDSA_SIG(changed, &out);
		ECDSA_SIG_free(changed);
		assert_int_not_equal(
		    verify(&p256, SCHEME_ECDSA_SHA256, digest, &s), ERR_OK);
		assert_int_not_equal(
		    verify(&p256, SCHEME_ECDSA_SHA256, digest, &s), ERR_CRYPTO);
	}
	/* -s is another signature of the same: known, and harmless here */
	r = BN_dup(ECDSA_SIG_get0_r(parts));
	t = BN_new();
	assert_int_equal(BN_sub(t, n, ECDSA_SIG_get0_s(parts)), 1);
	assert_int_equal(ECDSA_SIG_set0(parts, r, t), 1);
	{
		unsigned char *out = s.octets;

		s.len = (size_t)i2d_ECDSA_SIG(parts, &out);
	}
	assert_ok(verify(&p256, SCHEME_ECDSA_SHA256, digest, &s));
	ECDSA_SIG_free(parts);
	EC_GROUP_free((EC_GROUP *)(uintptr_t)group);
}

static void
pss_salt_is_32_octets(void **state)
{
	static const int salts[] = {0, 20, 31, 32, 33, 48, 222};
	struct signature s;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(salts); i++) {
		s.len = testkey_sign_salt(
		    &rsa, PADDING_PSS, HASH_SHA256, salts[i], digest, s.octets);
		assert_error(verify(&rsa, SCHEME_RSA_PSS_SHA256, digest, &s),
		    salts[i] == 32 ? ERR_OK : ERR_MISMATCH);
	}
}

/* The hash is part of what an RSA signature says. */
static void
other_hashes(void **state)
{
	static const enum hash hashes[] = {
	    HASH_SHA256, HASH_SHA384, HASH_SHA512};
	static const enum padding paddings[] = {PADDING_PKCS1, PADDING_PSS};
	size_t i, j, k;

	(void)state;
	for (i = 0; i < COUNT(hashes); i++) {
		struct signature s;

		for (k = 0; k < COUNT(paddings); k++) {
			s.len = testkey_sign_salt(&rsa, paddings[k], hashes[i],
			    (int)hash_len(hashes[i]), digest, s.octets);
			for (j = 0; j < COUNT(hashes); j++)
				assert_error(
				    signature_verify_hash(rsa.spki, rsa.len,
					paddings[k], hashes[j], digest,
					s.octets, s.len),
				    i == j ? ERR_OK : ERR_MISMATCH);
		}
		s.len = testkey_sign_salt(
		    &p384, PADDING_NONE, hashes[i], 0, digest, s.octets);
		assert_ok(signature_verify_hash(p384.spki, p384.len,
		    PADDING_NONE, hashes[i], digest, s.octets, s.len));
	}
}

/* docs/protocol.md, "The octets that a card or key signs". */
static void
the_pss_example_of_the_protocol(void **state)
{
	static const char key_hex[] =
	    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
	    "9e00c21f449c8a5626f36e64485110468fc2f3992500b00f58460126cbcf4d3b76"
	    "7f1f026b11abac3fe08051dabc00f73331aff0a5338a0832f5b67c8cd4e3e03669"
	    "922eabc972fc5160778cd6823da7a8374fd9ff832aca5c251bb06b0f5e4fd18781"
	    "d61201a5ee8d4c9fc511698deb2464ee2fc38ad692030d3efee148d2d1b3f3194d"
	    "9870adc4a6bc93bac40f33ee76ffef1bbfefc832b262d7a3da1ff0c2b046b748eb"
	    "011280652c392700e6f227bb89410f374646b828c0920cebfba8909ca65dd7af83"
	    "4d06f47cb938fae2547865d1cafd20541a373167a7a2cbf5e4a7f4d1660561d479"
	    "5d69d89a39efb8a9f3ce65556f15287c93438c54da1d27de4d0203010001";
	static const char signature_hex[] =
	    "050ada98ffbdeb7c6307fae006691423838ea773dc1c49f19e8547a3e95b0f81c4"
	    "73b7611f3c2b2d4907a385ef7334008931c31716229573365f89746f40fbb0f1e9"
	    "1a6399ad46324a2f7217fd93724dc99bd0be021b555e77d108b3f5049b595bf27c"
	    "1de8d98ce32eb1e57212aad9106c455a66297022bbda5fa3164942101963fb6fbb"
	    "181834bc442f82923e46ed5b3bd1cc0e49bce00b00edbad84fd3c421e387f3756b"
	    "7e146d0a0928c987ba88ed95443bf2b1f703381a76a04453958a921d68342a7ab7"
	    "70a745c3ffd153c118a39faf52698dc9a84a904dff0b575b1fad6747f0ae997a7f"
	    "f7678e2add780644dfe05f7bfa8ea80823515eddb9e9b5225b";
	static const char digest_hex[] = "94f6ff1e368334cc76f019fb1384c28f"
					 "a0c9e1a722355aa4ffe697c30b769551";
	unsigned char key[SPKI_MAX], sig[SIGNATURE_MAX], hash[SIGNATURE_DIGEST];
	size_t key_len, len, n;

	(void)state;
	assert_ok(
	    hex_decode(key_hex, sizeof key_hex - 1, key, sizeof key, &key_len));
	assert_ok(hex_decode(
	    signature_hex, sizeof signature_hex - 1, sig, sizeof sig, &len));
	assert_ok(hex_decode(
	    digest_hex, sizeof digest_hex - 1, hash, sizeof hash, &n));
	assert_int_equal(n, sizeof hash);
	assert_ok(signature_verify(
	    key, key_len, SCHEME_RSA_PSS_SHA256, hash, sig, len));
	assert_error(signature_verify(
			 key, key_len, SCHEME_RSA_PKCS1_SHA256, hash, sig, len),
	    ERR_MISMATCH);
	hash[31] ^= 1;
	assert_error(signature_verify(
			 key, key_len, SCHEME_RSA_PSS_SHA256, hash, sig, len),
	    ERR_MISMATCH);
}

/* Both ends of the range of lengths. */
static void
pss_with_4096_bits(void **state)
{
	struct testkey big;
	struct signature s;

	(void)state;
	testkey_rsa(4096, &big);
	s = sign(&big, SCHEME_RSA_PSS_SHA256);
	assert_int_equal(s.len, SIGNATURE_MAX);
	assert_ok(verify(&big, SCHEME_RSA_PSS_SHA256, digest, &s));
	s.octets[SIGNATURE_MAX - 1] ^= 1;
	assert_error(
	    verify(&big, SCHEME_RSA_PSS_SHA256, digest, &s), ERR_MISMATCH);
	EVP_PKEY_free(big.key);
}

static void
a_key_that_is_not_taken(void **state)
{
	struct signature s = sign(&p256, SCHEME_ECDSA_SHA256);
	struct testkey key = p256;

	(void)state;
	key.spki[50] ^= 1; /* off the curve */
	assert_error(verify(&key, SCHEME_ECDSA_SHA256, digest, &s), ERR_INPUT);
	key.len--;
	assert_error(verify(&key, SCHEME_ECDSA_SHA256, digest, &s), ERR_INPUT);
}

/*
 * An internal error is not a mismatch: however early or late memory runs
 * out, a right signature is never called wrong, nor a wrong one right.
 */
static void
without_memory_nothing_is_known(void **state)
{
	size_t i, wrong;
	long n;

	(void)state;
	for (i = 0; i < 2 * COUNT(ways); i++) {
		enum scheme scheme = ways[i / 2].scheme;
		const struct testkey *key = ways[i / 2].key;
		struct signature s = sign(key, scheme);
		enum error err = ERR_CRYPTO, end;

		wrong = i % 2;
		end = wrong ? ERR_MISMATCH : ERR_OK;
		s.octets[s.len - 1] ^= (unsigned char)wrong;
		for (n = 0; n < 5000; n++) {
			left = n;
			err = signature_verify(key->spki, key->len, scheme,
			    digest, s.octets, s.len);
			if (left > 0)
				break; /* it was enough */
			left = -1;
			ERR_clear_error();
			if (err != ERR_CRYPTO && err != end)
				fail_msg("way %zu, allocation %ld: %s", i, n,
				    error_text(err));
		}
		left = -1;
		assert_error(err, end);
		assert_in_range(n, 1, 4999);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static void
names_of_schemes(void **state)
{
	static const char *const texts[] = {
	    "ecdsa-sha256", "rsa-pkcs1-sha256", "rsa-pss-sha256"};
	enum scheme scheme, got;

	(void)state;
	for (scheme = SCHEME_ECDSA_SHA256; scheme <= SCHEME_RSA_PSS_SHA256;
	     scheme++) {
		const char *text = texts[scheme];

		assert_string_equal(scheme_text(scheme), text);
		assert_ok(scheme_from_text(text, strlen(text), &got));
		assert_int_equal(got, scheme);
		assert_error(
		    scheme_from_text(text, strlen(text) - 1, &got), ERR_INPUT);
		assert_error(
		    scheme_from_text(text, strlen(text) + 1, &got), ERR_INPUT);
	}
	assert_error(scheme_from_text("ECDSA-SHA256", 12, &got), ERR_INPUT);
	assert_error(scheme_from_text("", 0, &got), ERR_INPUT);
	assert_error(scheme_from_text(NULL, 0, &got), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_signatures),
	    cmocka_unit_test(another_digest_or_key),
	    cmocka_unit_test(every_bit_of_a_signature),
	    cmocka_unit_test(every_length_of_a_signature),
	    cmocka_unit_test(a_key_goes_with_its_scheme),
	    cmocka_unit_test(ecdsa_in_der_and_nothing_else),
	    cmocka_unit_test(ecdsa_out_of_range),
	    cmocka_unit_test(pss_salt_is_32_octets),
	    cmocka_unit_test(other_hashes),
	    cmocka_unit_test(the_pss_example_of_the_protocol),
	    cmocka_unit_test(pss_with_4096_bits),
	    cmocka_unit_test(a_key_that_is_not_taken),
	    cmocka_unit_test(without_memory_nothing_is_known),
	    cmocka_unit_test(names_of_schemes),
	};
	int failed;

	if (CRYPTO_set_mem_functions(may_alloc, may_realloc, release) != 1)
		return 1;
	testkey_ec("P-256", &p256);
	testkey_ec("P-256", &other256);
	testkey_ec("P-384", &p384);
	testkey_rsa(2048, &rsa);
	testkey_rsa(2048, &other_rsa);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(p256.key);
	EVP_PKEY_free(other256.key);
	EVP_PKEY_free(p384.key);
	EVP_PKEY_free(rsa.key);
	EVP_PKEY_free(other_rsa.key);
	return failed;
}
