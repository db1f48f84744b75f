/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/e2e/accounting.py makes and checks the same octets on its own. */
#include "common/crypto/dynauth.h"

#include <string.h>

#include "tests/unit/test.h"

static struct secret *secret, *other;
static uint8_t octets[DYNAUTH_MAX], answer[DYNAUTH_MAX];
static size_t len, answer_len;

/* Made with Python's hashlib and hmac: a request with the secret "xyzzy5461".
 */
static const uint8_t known[] = {0x28, 0x07, 0x00, 0x3e, 0x27, 0x0f, 0x4a, 0xdb,
    0xd8, 0xb6, 0x14, 0xd7, 0xce, 0xc9, 0x7b, 0x6d, 0x7b, 0xd0, 0xfa, 0x0a,
    0x50, 0x12, 0x28, 0x34, 0x36, 0x55, 0x24, 0x64, 0x00, 0x7c, 0xd5, 0x9d,
    0x3e, 0xa6, 0xc8, 0x8a, 0x2c, 0x06, 0x01, 0x06, 0x73, 0x61, 0x74, 0x6f,
    0x05, 0x06, 0x00, 0x00, 0x00, 0x07, 0x2c, 0x06, 0x30, 0x30, 0x30, 0x31,
    0x37, 0x06, 0x6b, 0x02, 0xc4, 0x80};

static int
set_up(void **state)
{
	struct dynauth_request r = {.user = "sato",
	    .user_len = 4,
	    .session = "0001",
	    .session_len = 4,
	    .has_nas_port = true,
	    .nas_port = 7,
	    .event_time = 1795343488};

	(void)state;
	return dynauth_init() == ERR_OK &&
		       secret_copy("xyzzy5461", 9, &secret) == ERR_OK &&
		       secret_copy("xyzzy5462", 9, &other) == ERR_OK &&
		       dynauth_encode(&r, secret, 7, octets, &len) == ERR_OK
		   ? 0
		   : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	secret_free(&secret);
	secret_free(&other);
	return 0;
}

static void
a_request_comes_back(void **state)
{
	struct dynauth_request r;

	(void)state;
	assert_int_equal(len, sizeof known);
	assert_memory_equal(octets, known, sizeof known);
	assert_int_equal(octets[20], 80); /* Message-Authenticator first */
	assert_ok(dynauth_decode(octets, len, secret, &r));
	assert_int_equal(r.user_len, 4);
	assert_memory_equal(r.user, "sato", 4);
	assert_int_equal(r.session_len, 4);
	assert_memory_equal(r.session, "0001", 4);
	assert_true(r.has_nas_port);
	assert_int_equal(r.nas_port, 7);
	assert_int_equal(r.event_time, 1795343488);
	/* what follows the packet is padding */
	octets[len] = 1;
	assert_ok(dynauth_decode(octets, len + 1, secret, &r));
}

static void
every_altered_bit_is_noticed(void **state)
{
	struct dynauth_request r;
	size_t i;

	(void)state;
	assert_error(dynauth_decode(octets, len, other, &r), ERR_CRYPTO);
	for (i = 0; i < 8 * len; i++) {
		octets[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(
		    dynauth_decode(octets, len, secret, &r), ERR_OK);
		octets[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < len; i++)
		assert_int_not_equal(
		    dynauth_decode(octets, i, secret, &r), ERR_OK);
}

static void
answers_belong_to_their_request(void **state)
{
	const struct dynauth_answer nak = {false, DYNAUTH_NO_SESSION};
	const struct dynauth_answer ack = {true, 0};
	struct dynauth_answer a;
	uint8_t later[DYNAUTH_MAX];
	size_t i;

	(void)state;
	assert_ok(
	    dynauth_encode_answer(&nak, octets, secret, answer, &answer_len));
	assert_ok(
	    dynauth_decode_answer(answer, answer_len, octets, secret, &a));
	assert_false(a.ack);
	assert_int_equal(a.cause, 503);
	for (i = 0; i < 8 * answer_len; i++) {
		answer[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(dynauth_decode_answer(answer, answer_len,
					 octets, secret, &a),
		    ERR_OK);
		answer[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	memcpy(later, octets, len);
	later[4] ^= 1; /* another Request Authenticator */
	assert_error(
	    dynauth_decode_answer(answer, answer_len, later, secret, &a),
	    ERR_CRYPTO);
	assert_error(
	    dynauth_decode_answer(answer, answer_len, octets, other, &a),
	    ERR_CRYPTO);
	assert_ok(
	    dynauth_encode_answer(&ack, octets, secret, answer, &answer_len));
	assert_ok(
	    dynauth_decode_answer(answer, answer_len, octets, secret, &a));
	assert_true(a.ack);
	assert_int_equal(a.cause, 0);
	/* a request is no answer, an answer no request */
	assert_error(
	    dynauth_decode_answer(octets, len, octets, secret, &a), ERR_INPUT);
}

/* RFC 5176 2.2: another code, what is changed at the end, other answers. */
static void
a_change_ends_a_session(void **state)
{
	static const uint8_t change[] = {
	    26, 12, 0, 0, 0, 9, 1, 6, 'a', '=', 'b', 'c'};
	struct dynauth_request r = {.session_len = 2, .session = "s1"};
	uint8_t said[DYNAUTH_MAX];
	struct dynauth_answer a;
	size_t said_len;

	(void)state;
	r.changes = change;
	r.changes_len = sizeof change;
	assert_ok(dynauth_encode(&r, secret, 7, octets, &len));
	assert_int_equal(octets[0], 43);
	assert_memory_equal(
	    octets + len - sizeof change, change, sizeof change);
	/* for who takes Disconnects only it is none */
	assert_error(dynauth_decode(octets, len, secret, &r), ERR_INPUT);
	assert_ok(dynauth_encode_answer(&(struct dynauth_answer){.ack = true},
	    octets, secret, said, &said_len));
	/* our own ends answer Disconnects, and so with those codes */
	assert_error(dynauth_decode_answer(said, said_len, octets, secret, &a),
	    ERR_INPUT);
	r.changes_len = DYNAUTH_CHANGES + 1;
	assert_error(dynauth_encode(&r, secret, 7, octets, &len), ERR_INPUT);
}

static void
too_long_is_not_cut(void **state)
{
	struct dynauth_request r = {
	    .session_len = DYNAUTH_VALUE, .user_len = DYNAUTH_VALUE};

	(void)state;
	memset(r.session, 'x', sizeof r.session);
	memset(r.user, 'x', sizeof r.user);
	assert_ok(dynauth_encode(&r, secret, 1, octets, &len));
	assert_ok(dynauth_decode(octets, len, secret, &r));
	assert_int_equal(r.user_len, DYNAUTH_VALUE);
	r.user_len++;
	assert_error(dynauth_encode(&r, secret, 1, octets, &len), ERR_INPUT);
	r.user_len = 0;
	r.session_len = 0;
	assert_error(dynauth_encode(&r, secret, 1, octets, &len), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_change_ends_a_session, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_request_comes_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		every_altered_bit_is_noticed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		answers_belong_to_their_request, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		too_long_is_not_cut, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
