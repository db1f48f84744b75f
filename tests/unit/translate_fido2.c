/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a challenge to FIDO2 keys and the answer to it are on the wire. */
#include <stdio.h>
#include <string.h>

#include "common/wire/message.h"
#include "common/wire/split.h"
#include "radius-plugin/translate.h"
#include "tests/unit/test.h"

enum { AUTH_DATA_MAX = 1024 };

static const struct origin origin = {
    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};
static struct arena *arena;
static struct attribute attrs[64];
static unsigned char pieces[64][SPLIT_PIECE];
static unsigned char value[SPLIT_VALUE];
static size_t n;

static int
set_up(void **state)
{
	size_t i;

	(void)state;
	n = 0;
	for (i = 0; i < sizeof value; i++)
		value[i] = (unsigned char)(i * 7);
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
add(uint32_t number, const void *octets, size_t len)
{
	attrs[n++] = (struct attribute){VENDOR_SEKISHO, number, octets, len};
}

static void
add_pieces(uint32_t number, size_t len)
{
	size_t i, piece;

	for (i = 0; i < split_count(len); i++) {
		assert_ok(split_piece(value, len, i, pieces[n], &piece));
		add(number, pieces[n], piece);
	}
}

static void
answer(size_t auth_data, size_t signature)
{
	n = 0;
	add(ATTR_SEKISHO_CAPABILITY, "card", 4);
	add(ATTR_SEKISHO_CAPABILITY, "fido2", 5);
	add(ATTR_SEKISHO_KEY_ID, value, 32);
	add_pieces(ATTR_SEKISHO_AUTH_DATA, auth_data);
	add_pieces(ATTR_SEKISHO_SIGNATURE, signature);
}

static void
refused(enum error want)
{
	Sekisho__AuthRequest r;

	assert_error(translate_request(attrs, n, &origin, arena, &r), want);
	arena_reset(arena);
}

static void
an_assertion(void **state)
{
	static const size_t sizes[] = {37, 245, 246, 490, 491, AUTH_DATA_MAX};
	struct message m = {.kind = MESSAGE_AUTH_REQUEST};
	static uint8_t octets[MESSAGE_MAX];
	Sekisho__AuthRequest r;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		answer(sizes[i], 72);
		assert_ok(translate_request(attrs, n, &origin, arena, &r));
		m.auth_request = &r;
		assert_ok(message_encode(&m, octets, &len));
		assert_ok(message_decode(octets, len, arena, &m));
		assert_true(m.auth_request->can_fido2);
		assert_true(m.auth_request->can_card);
		assert_int_equal(
		    m.auth_request->scheme, SEKISHO__SCHEME__SCHEME_SIGNATURE);
		assert_int_equal(m.auth_request->auth_data.len, sizes[i]);
		assert_memory_equal(
		    m.auth_request->auth_data.data, value, sizes[i]);
		assert_int_equal(m.auth_request->signature.len, 72);
		arena_reset(arena);
	}
	answer(AUTH_DATA_MAX + 1, 72);
	refused(ERR_INPUT);
	answer(37, 513);
	refused(ERR_INPUT);
}

/* A piece lost, said twice, moved, changed in its count, or of nothing. */
static void
pieces_that_do_not_fit(void **state)
{
	enum { FIRST = 3, PIECES = 5 };
	struct attribute keep;
	size_t i;

	(void)state;
	for (i = 0; i < PIECES; i++) {
		answer(AUTH_DATA_MAX, 72);
		memmove(attrs + FIRST + i, attrs + FIRST + i + 1,
		    (n - FIRST - i - 1) * sizeof *attrs);
		n--;
		refused(ERR_INPUT);

		answer(AUTH_DATA_MAX, 72);
		attrs[n++] = attrs[FIRST + i];
		refused(ERR_INPUT);

		answer(AUTH_DATA_MAX, 72);
		keep = attrs[FIRST + i];
		attrs[FIRST + i] = attrs[FIRST + (i + 1) % PIECES];
		attrs[FIRST + (i + 1) % PIECES] = keep;
		refused(ERR_INPUT);

		answer(AUTH_DATA_MAX, 72);
		pieces[FIRST + i][1]++;
		refused(ERR_INPUT);

		answer(AUTH_DATA_MAX, 72);
		attrs[FIRST + i].len = 2;
		refused(ERR_INPUT);
	}
	/* none of them lost: what is between them does not matter */
	answer(AUTH_DATA_MAX, 72);
	memmove(attrs + FIRST + 2, attrs + FIRST + 1,
	    (n - FIRST - 1) * sizeof *attrs);
	attrs[FIRST + 1] = (struct attribute){VENDOR_NONE, 33, value, 5};
	n++;
	refused(ERR_OK);
}

static void
one_credential_only(void **state)
{
	(void)state;
	answer(37, 72);
	attrs[n++] =
	    (struct attribute){VENDOR_NONE, ATTR_USER_PASSWORD, value, 6};
	refused(ERR_INPUT);
	/* data without a signature are no credential */
	n = 0;
	add_pieces(ATTR_SEKISHO_AUTH_DATA, 37);
	attrs[n++] =
	    (struct attribute){VENDOR_NONE, ATTR_USER_PASSWORD, value, 6};
	refused(ERR_OK);
}

static void
capabilities(void **state)
{
	static const char *const no[] = {
	    "", "fido", "fido22", "FIDO2", "card,fido2", "fido2\0"};
	Sekisho__AuthRequest r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(no); i++) {
		n = 0;
		add(ATTR_SEKISHO_CAPABILITY, no[i],
		    i == COUNT(no) - 1 ? 6 : strlen(no[i]));
		assert_ok(translate_request(attrs, n, &origin, arena, &r));
		assert_false(r.can_fido2);
		assert_false(r.can_card);
		arena_reset(arena);
	}
}

static const struct attribute *
stands(const struct reply *reply, uint32_t number, size_t nth)
{
	size_t i;

	for (i = 0; i < reply->n_attrs; i++) {
		if (reply->attrs[i].vendor == VENDOR_SEKISHO &&
		    reply->attrs[i].number == number && nth-- == 0)
			return &reply->attrs[i];
	}
	return NULL;
}

static void
a_challenge(void **state)
{
	static char text[] = "Touch it.", ref[] = "K7-4821";
	static char rp[] = "sekisho.example", uv[] = "required";
	static char id[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA", purpose[] = "login";
	static const size_t sizes[] = {18, 245, 246, 8 * (2 + 384)};
	static unsigned char back[SPLIT_VALUE];
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;
	struct split split;
	struct reply reply;
	size_t i, j, len;

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	a.text = text;
	a.ref = ref;
	a.state = id;
	a.server_id = rp;
	a.client_id = uv;
	a.purpose = purpose;
	a.login = purpose;
	a.challenge = (ProtobufCBinaryData){32, value};
	a.rp_id = rp;
	a.user_verification = uv;
	for (i = 0; i < COUNT(sizes); i++) {
		a.credentials = (ProtobufCBinaryData){sizes[i], value};
		assert_ok(translate_reply(&a, arena, &reply));
		assert_int_equal(
		    stands(&reply, ATTR_SEKISHO_RP_ID, 0)->len, strlen(rp));
		assert_int_equal(
		    stands(&reply, ATTR_SEKISHO_USER_VERIFICATION, 0)->len,
		    strlen(uv));
		split_begin(&split, back, sizeof back);
		for (j = 0; stands(&reply, ATTR_SEKISHO_CREDENTIALS, j) != NULL;
		     j++) {
			const struct attribute *piece =
			    stands(&reply, ATTR_SEKISHO_CREDENTIALS, j);

			assert_ok(split_add(&split, piece->value, piece->len));
		}
		assert_int_equal(j, split_count(sizes[i]));
		assert_ok(split_end(&split, &len));
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(back, value, len);
		arena_reset(arena);
	}
	/* without keys none of the three stands there */
	a.credentials.len = 0;
	assert_ok(translate_reply(&a, arena, &reply));
	assert_null(stands(&reply, ATTR_SEKISHO_RP_ID, 0));
	assert_null(stands(&reply, ATTR_SEKISHO_CREDENTIALS, 0));
	assert_null(stands(&reply, ATTR_SEKISHO_USER_VERIFICATION, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_assertion, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		pieces_that_do_not_fit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		one_credential_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(capabilities, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_challenge, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
