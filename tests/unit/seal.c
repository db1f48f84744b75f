/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "common/crypto/pwhash.h"
#include "tests/unit/test.h"

static unsigned char public_key[32], secret_key[32];
static const char owner[] = "6f1c9a52-0000-4000-8000-000000000001";
static const char other[] = "6f1c9a52-0000-4000-8000-000000000002";
static const char tag[32] = "0123456789abcdef0123456789abcde";

static enum error
open_as(const struct box *box, const char *kind, const char *whose)
{
	struct secret *payload = NULL;
	enum error err = seal_open(public_key, secret_key, kind, whose,
	    box->bytes, box->len, &payload);

	if (err == ERR_OK) {
		assert_int_equal(payload->len, sizeof tag);
		assert_memory_equal(payload->bytes, tag, sizeof tag);
	} else {
		assert_null(payload);
	}
	secret_free(&payload);
	return err;
}

static void
seal(struct box *box)
{
	assert_ok(
	    seal_box(public_key, SEAL_PASSWORD, owner, tag, sizeof tag, box));
}

static void
what_was_sealed_opens(void **state)
{
	struct box a, b;

	(void)state;
	seal(&a);
	seal(&b);
	assert_ok(open_as(&a, SEAL_PASSWORD, owner));
	/* the same twice does not look the same */
	assert_int_equal(a.len, b.len);
	assert_memory_not_equal(a.bytes, b.bytes, a.len);
}

/* Two rows swapped in the database do not open. */
static void
another_owner_or_kind_does_not_open(void **state)
{
	struct box box;

	(void)state;
	seal(&box);
	assert_error(open_as(&box, SEAL_PASSWORD, other), ERR_CRYPTO);
	assert_error(open_as(&box, SEAL_TOTP, owner), ERR_CRYPTO);
	assert_error(open_as(&box, SEAL_CLIENT, owner), ERR_CRYPTO);
	assert_error(open_as(&box, SEAL_ORDER, owner), ERR_CRYPTO);
	assert_error(open_as(&box, "", owner), ERR_CRYPTO);
	assert_error(open_as(&box, SEAL_PASSWORD, ""), ERR_CRYPTO);
	assert_error(open_as(&box, "passwor", owner), ERR_CRYPTO);
	assert_error(open_as(&box, "password1", owner), ERR_CRYPTO);
}

/* Kind and owner cannot be shifted into each other. */
static void
fields_do_not_run_together(void **state)
{
	struct box box;

	(void)state;
	assert_ok(seal_box(public_key, "ab", "cd", tag, sizeof tag, &box));
	assert_ok(open_as(&box, "ab", "cd"));
	assert_error(open_as(&box, "a", "bcd"), ERR_CRYPTO);
	assert_error(open_as(&box, "abc", "d"), ERR_CRYPTO);
	assert_error(open_as(&box, "abcd", ""), ERR_CRYPTO);
}

static void
another_key_does_not_open(void **state)
{
	unsigned char pk[32], sk[32];
	struct secret *payload = NULL;
	struct box box;

	(void)state;
	seal(&box);
	(void)crypto_box_keypair(pk, sk);
	assert_error(seal_open(pk, sk, SEAL_PASSWORD, owner, box.bytes, box.len,
			 &payload),
	    ERR_CRYPTO);
	assert_error(seal_open(public_key, sk, SEAL_PASSWORD, owner, box.bytes,
			 box.len, &payload),
	    ERR_CRYPTO);
	assert_null(payload);
}

static void
every_bit_and_every_length_counts(void **state)
{
	struct box box, changed;
	size_t len, bit;

	(void)state;
	seal(&box);
	changed = box;
	for (len = 0; len < box.len; len++) {
		changed.len = len;
		assert_error(
		    open_as(&changed, SEAL_PASSWORD, owner), ERR_CRYPTO);
	}
	memset(changed.bytes + box.len, 0, sizeof box.bytes - box.len);
	changed.len = box.len + 1;
	assert_error(open_as(&changed, SEAL_PASSWORD, owner), ERR_CRYPTO);
	changed.len = SEAL_BOX_MAX;
	assert_error(open_as(&changed, SEAL_PASSWORD, owner), ERR_CRYPTO);
	for (bit = 0; bit < box.len * 8; bit++) {
		changed = box;
		changed.bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
		assert_error(
		    open_as(&changed, SEAL_PASSWORD, owner), ERR_CRYPTO);
	}
}

/* Anybody can seal anything: what is inside is checked as well. */
static void
forged_insides_do_not_open(void **state)
{
	static const char label[] = "SEKISHO-BOX-v1";
	unsigned char plain[256], *end;
	struct secret *payload = NULL;
	struct box box;
	unsigned claimed;

	(void)state;
	memcpy(plain, label, sizeof label);
	memcpy(plain + sizeof label, "\0\0\0\1k\0\0\0\1o\0\0\0", 13);
	end = plain + sizeof label + 13;
	for (claimed = 0; claimed < 256; claimed++) {
		end[0] = (unsigned char)claimed;
		memset(end + 1, 'x', 10);
		box.len = (size_t)(end + 11 - plain) + crypto_box_SEALBYTES;
		assert_int_equal(crypto_box_seal(box.bytes, plain,
				     (size_t)(end + 11 - plain), public_key),
		    0);
		assert_error(seal_open(public_key, secret_key, "k", "o",
				 box.bytes, box.len, &payload),
		    claimed == 10 ? ERR_OK : ERR_CRYPTO);
		secret_free(&payload);
	}
	/* too short for anything: label alone, and nothing at all */
	for (claimed = 0; claimed <= sizeof label + 13; claimed++) {
		box.len = claimed + crypto_box_SEALBYTES;
		assert_int_equal(
		    crypto_box_seal(box.bytes, plain, claimed, public_key), 0);
		assert_error(seal_open(public_key, secret_key, "k", "o",
				 box.bytes, box.len, &payload),
		    ERR_CRYPTO);
	}
}

static void
bounds(void **state)
{
	static unsigned char big[SEAL_PAYLOAD_MAX + 1];
	char name[130];
	struct secret *payload = NULL;
	struct box box;

	(void)state;
	assert_ok(seal_box(public_key, "k", "o", big, SEAL_PAYLOAD_MAX, &box));
	assert_ok(seal_open(
	    public_key, secret_key, "k", "o", box.bytes, box.len, &payload));
	assert_int_equal(payload->len, SEAL_PAYLOAD_MAX);
	secret_free(&payload);
	assert_error(
	    seal_box(public_key, "k", "o", big, sizeof big, &box), ERR_INPUT);
	assert_ok(seal_box(public_key, "k", "o", NULL, 0, &box));
	assert_ok(seal_open(
	    public_key, secret_key, "k", "o", box.bytes, box.len, &payload));
	assert_int_equal(payload->len, 0);
	secret_free(&payload);
	memset(name, 'n', sizeof name);
	name[129] = '\0';
	assert_error(seal_box(public_key, "k", name, "", 0, &box), ERR_INPUT);
	assert_error(seal_open(public_key, secret_key, "k", name, box.bytes,
			 box.len, &payload),
	    ERR_CRYPTO);
	name[33] = '\0';
	assert_error(seal_box(public_key, name, "o", "", 0, &box), ERR_INPUT);
	assert_error(seal_open(public_key, secret_key, name, "o", box.bytes,
			 box.len, &payload),
	    ERR_CRYPTO);
	/* both at their longest */
	name[32] = '\0';
	{
		char longest[129];

		memset(longest, 'o', 128);
		longest[128] = '\0';
		assert_ok(seal_box(
		    public_key, name, longest, big, SEAL_PAYLOAD_MAX, &box));
		assert_ok(seal_open(public_key, secret_key, name, longest,
		    box.bytes, box.len, &payload));
		secret_free(&payload);
	}
}

static void
fingerprints(void **state)
{
	unsigned char key[32] = {0};
	char text[SEAL_FINGERPRINT];

	(void)state;
	seal_fingerprint(key, text);
	/* printf '\0...' | sha256sum */
	assert_string_equal(
	    text, "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20 0897 1485");
}

/* C.14 (1): Argon2id and nothing else; RFC 9106 parameters as given. */
static void
c14_1_passwords_are_argon2id(void **state)
{
	const struct pwhash_cost cost = {2, 19456};
	const unsigned char salt[PWHASH_SALT] = "somesaltsomesal";
	/* argon2 -id -t 2 -k 19456 -p 1 -l 32 of the same */
	unsigned char want[PWHASH_TAG], tag1[PWHASH_TAG], tag2[PWHASH_TAG];

	(void)state;
	assert_ok(pwhash_tag(&cost, salt, "password", 8, tag1));
	assert_int_equal(crypto_pwhash(want, sizeof want, "password", 8, salt,
			     2, 19456 * 1024, crypto_pwhash_ALG_ARGON2ID13),
	    0);
	assert_memory_equal(tag1, want, sizeof want);
	assert_int_equal(crypto_pwhash_ALG_ARGON2ID13, 2);
	assert_ok(pwhash_tag(&cost, salt, "Password", 8, tag2));
	assert_memory_not_equal(tag1, tag2, sizeof tag1);
}

static void
an_impossible_cost_is_an_error(void **state)
{
	const struct pwhash_cost none = {0, 19456}, tiny = {2, 1};
	const unsigned char salt[PWHASH_SALT] = {0};
	unsigned char got[PWHASH_TAG];

	(void)state;
	assert_error(pwhash_tag(&none, salt, "p", 1, got), ERR_NOMEM);
	assert_error(pwhash_tag(&tiny, salt, "p", 1, got), ERR_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_sealed_opens),
	    cmocka_unit_test(another_owner_or_kind_does_not_open),
	    cmocka_unit_test(fields_do_not_run_together),
	    cmocka_unit_test(another_key_does_not_open),
	    cmocka_unit_test(every_bit_and_every_length_counts),
	    cmocka_unit_test(forged_insides_do_not_open),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(fingerprints),
	    cmocka_unit_test(c14_1_passwords_are_argon2id),
	    cmocka_unit_test(an_impossible_cost_is_an_error),
	};

	if (sodium_init() < 0)
		return 1;
	(void)crypto_box_keypair(public_key, secret_key);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
