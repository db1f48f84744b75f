/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/signed.h"

#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "tests/unit/test.h"

static const unsigned char challenge[SIGNED_CHALLENGE] = {0, 1, 2, 3, 4, 5, 6,
    7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31};
static const struct signed_fields example = {"login", "sekisho.example",
    "37b0332c-1bbe-4920-9b02-4d56b53aab42", "sato", challenge};

/* docs/protocol.md, "The octets that a card or key signs". */
static void
the_example_of_the_protocol(void **state)
{
	static const char octets_hex[] =
	    "53454b4953484f2d763100"
	    "000000056c6f67696e"
	    "0000000f73656b6973686f2e6578616d706c65"
	    "0000002433376230333332632d316262652d34"
	    "3932302d396230322d34643536623533616162"
	    "3432"
	    "000000047361746f"
	    "00000020000102030405060708090a0b0c0d0e"
	    "0f101112131415161718191a1b1c1d1e1f";
	static const char digest_hex[] =
	    "94f6ff1e368334cc76f019fb1384c28fa0c9e1a722355aa4ffe697c30b769551";
	unsigned char octets[SIGNED_MAX], digest[SIGNED_DIGEST];
	char text[2 * SIGNED_MAX + 1];
	size_t len = 0;

	(void)state;
	assert_ok(signed_octets(&example, octets, &len));
	assert_int_equal(len, 123);
	hex_encode(octets, len, text);
	assert_string_equal(text, octets_hex);
	assert_ok(signed_digest(&example, digest));
	hex_encode(digest, sizeof digest, text);
	assert_string_equal(text, digest_hex);
}

/* The same section: at a door the reader's name stands for the login. */
static void
the_example_of_a_door(void **state)
{
	static const char digest_hex[] =
	    "c45acc7b3febf22f24778f8601336411c2d6ef57955c3f7ba48d9d1211a3b02e";
	struct signed_fields door = example;
	unsigned char digest[SIGNED_DIGEST];
	char text[2 * SIGNED_DIGEST + 1];

	(void)state;
	door.purpose = "entry";
	door.login = "W3-in";
	assert_ok(signed_digest(&door, digest));
	hex_encode(digest, sizeof digest, text);
	assert_string_equal(text, digest_hex);
}

/* A signature for one thing is worth nothing for another. */
static void
every_field_counts(void **state)
{
	unsigned char other[SIGNED_CHALLENGE] = {0};
	unsigned char digests[8][SIGNED_DIGEST];
	struct signed_fields f[8];
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT(f); i++)
		f[i] = example;
	f[1].purpose = "entry";
	f[2].server_id = "sekisho.exampl";
	f[3].client_id = "37b0332c-1bbe-4920-9b02-4d56b53aab43";
	f[4].login = "sat";
	f[5].challenge = other;
	/* fields cannot be shifted into each other */
	f[6].purpose = "log";
	f[6].server_id = "insekisho.example";
	f[7].login = "satoo";
	for (i = 0; i < COUNT(f); i++)
		assert_ok(signed_digest(&f[i], digests[i]));
	for (i = 0; i < COUNT(f); i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(
			    digests[i], digests[j], SIGNED_DIGEST);
}

static void
bounds(void **state)
{
	static const char *const bad_clients[] = {"", "sato",
	    "37B0332C-1bbe-4920-9b02-4d56b53aab42",
	    "37b0332c-1bbe-4920-9b02-4d56b53aab4",
	    "37b0332c-1bbe-4920-9b02-4d56b53aab420",
	    "{7b0332c-1bbe-4920-9b02-4d56b53aab42}", NULL};
	unsigned char octets[SIGNED_MAX];
	char purpose[40], server[300], login[300];
	struct signed_fields f = example;
	size_t len = 7, i;

	(void)state;
	memset(purpose, 'p', sizeof purpose);
	memset(server, 's', sizeof server);
	memset(login, 'l', sizeof login);
	purpose[SIGNED_PURPOSE_MAX] = '\0';
	server[SIGNED_SERVER_MAX] = '\0';
	login[SIGNED_LOGIN_MAX] = '\0';
	f.purpose = purpose;
	f.server_id = server;
	f.login = login;
	assert_ok(signed_octets(&f, octets, &len));
	assert_int_equal(len, 11 + 20 + 32 + 247 + 36 + 247 + 32);

	purpose[SIGNED_PURPOSE_MAX] = 'p';
	purpose[SIGNED_PURPOSE_MAX + 1] = '\0';
	server[SIGNED_SERVER_MAX] = 's';
	server[SIGNED_SERVER_MAX + 1] = '\0';
	login[SIGNED_LOGIN_MAX] = 'l';
	login[SIGNED_LOGIN_MAX + 1] = '\0';
	for (i = 0; i < 10; i++) {
		const char *const texts[] = {"", NULL};

		f = example;
		switch (i) {
		case 0:
			f.purpose = purpose;
			break;
		case 1:
			f.server_id = server;
			break;
		case 2:
			f.login = login;
			break;
		case 3:
			f.challenge = NULL;
			break;
		case 4:
		case 5:
			f.purpose = texts[i % 2];
			break;
		case 6:
		case 7:
			f.server_id = texts[i % 2];
			break;
		default:
			f.login = texts[i % 2];
		}
		len = 7;
		assert_error(signed_octets(&f, octets, &len), ERR_INPUT);
		assert_int_equal(len, 7);
	}
	for (i = 0; i < COUNT(bad_clients); i++) {
		f = example;
		f.client_id = bad_clients[i];
		assert_error(signed_octets(&f, octets, &len), ERR_INPUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_of_the_protocol),
	    cmocka_unit_test(the_example_of_a_door),
	    cmocka_unit_test(every_field_counts),
	    cmocka_unit_test(bounds),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
