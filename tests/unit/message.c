/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test.h"

static struct arena *arena;
static uint8_t octets[MESSAGE_MAX];

static int
set_up(void **state)
{
	(void)state;
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* A request with every field at the given length. */
static uint8_t filler[MESSAGE_MAX];

static Sekisho__AuthRequest
request(char *client_id)
{
	Sekisho__AuthRequest r = SEKISHO__AUTH_REQUEST__INIT;

	memset(filler, 'x', sizeof filler);
	r.client_id = client_id;
	r.client_version = UINT64_MAX;
	r.user_name = (ProtobufCBinaryData){253, filler};
	r.scheme = SEKISHO__SCHEME__SCHEME_MSCHAP;
	r.password = (ProtobufCBinaryData){128, filler};
	r.state = (ProtobufCBinaryData){1024, filler};
	r.state_count = 3;
	r.message_authenticator = true;
	r.proxy_state_count = 2;
	r.calling_station_id = (ProtobufCBinaryData){253, filler};
	r.called_station_id = (ProtobufCBinaryData){253, filler};
	r.nas_identifier = (ProtobufCBinaryData){253, filler};
	r.nas_port = UINT32_MAX;
	r.acct_session_id = (ProtobufCBinaryData){253, filler};
	r.service_type = 8;
	r.src_addr = (ProtobufCBinaryData){64, filler};
	r.badge = (ProtobufCBinaryData){10, filler};
	r.authenticator = (ProtobufCBinaryData){16, filler};
	r.purpose = r.public_key = (ProtobufCBinaryData){32, filler};
	r.proof = (ProtobufCBinaryData){1152, filler};
	return r;
}

static size_t
encode(enum message_kind kind, const void *body)
{
	struct message m = {.kind = kind, .any = body};
	size_t len = 0;

	assert_ok(message_encode(&m, octets, &len));
	return len;
}

static enum error
decode(size_t len, struct message *ret_message)
{
	arena_reset(arena);
	return message_decode(octets, len, arena, ret_message);
}

static void
every_field_survives(void **state)
{
	char id[65];
	Sekisho__AuthRequest in = request(id);
	const Sekisho__AuthRequest *out;
	struct message m;

	(void)state;
	memset(id, 'i', 64);
	id[64] = '\0';
	assert_ok(decode(encode(MESSAGE_AUTH_REQUEST, &in), &m));
	assert_int_equal(m.kind, MESSAGE_AUTH_REQUEST);
	out = m.auth_request;
	assert_string_equal(out->client_id, id);
	assert_true(out->client_version == UINT64_MAX);
	assert_int_equal(out->user_name.len, 253);
	assert_memory_equal(out->user_name.data, filler, 253);
	assert_int_equal(out->scheme, SEKISHO__SCHEME__SCHEME_MSCHAP);
	assert_int_equal(out->password.len, 128);
	assert_int_equal(out->state.len, 1024);
	assert_int_equal(out->state_count, 3);
	assert_true(out->message_authenticator);
	assert_int_equal(out->proxy_state_count, 2);
	assert_int_equal(out->nas_port, UINT32_MAX);
	assert_int_equal(out->src_addr.len, 64);
}

/* Each field one octet over its limit refuses the whole. */
static void
a_field_over_its_limit_refuses_all(void **state)
{
	static const struct {
		size_t offset, limit;
	} fields[] = {
	    {offsetof(Sekisho__AuthRequest, user_name), 253},
	    {offsetof(Sekisho__AuthRequest, password), 128},
	    {offsetof(Sekisho__AuthRequest, state), 1024},
	    {offsetof(Sekisho__AuthRequest, calling_station_id), 253},
	    {offsetof(Sekisho__AuthRequest, called_station_id), 253},
	    {offsetof(Sekisho__AuthRequest, nas_identifier), 253},
	    {offsetof(Sekisho__AuthRequest, acct_session_id), 253},
	    {offsetof(Sekisho__AuthRequest, src_addr), 64},
	    {offsetof(Sekisho__AuthRequest, badge), 10},
	    {offsetof(Sekisho__AuthRequest, purpose), 32},
	    {offsetof(Sekisho__AuthRequest, authenticator), 16},
	    {offsetof(Sekisho__AuthRequest, public_key), 32},
	    {offsetof(Sekisho__AuthRequest, proof), 1152},
	};
	char id[66] = "c";
	struct message m;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(fields); i++) {
		Sekisho__AuthRequest r = request(id);
		ProtobufCBinaryData *field =
		    (void *)((char *)&r + fields[i].offset);

		field->len = fields[i].limit;
		assert_ok(decode(encode(MESSAGE_AUTH_REQUEST, &r), &m));
		field->len++;
		assert_error(
		    decode(encode(MESSAGE_AUTH_REQUEST, &r), &m), ERR_INPUT);
	}
	memset(id, 'i', 65);
	{
		Sekisho__AuthRequest r = request(id);

		assert_error(
		    decode(encode(MESSAGE_AUTH_REQUEST, &r), &m), ERR_INPUT);
	}
}

/* A reply whose one text is len octets long. */
static enum error
reply_with(size_t offset, size_t len)
{
	static char text[MESSAGE_MAX];
	Sekisho__AuthReply r = SEKISHO__AUTH_REPLY__INIT;
	struct message m;

	memset(text, 't', len);
	text[len] = '\0';
	*(char **)(void *)((char *)&r + offset) = text;
	return decode(encode(MESSAGE_AUTH_REPLY, &r), &m);
}

static enum error
client_reply_with(size_t offset, size_t len, size_t secret)
{
	static char text[MESSAGE_MAX];
	Sekisho__ClientReply r = SEKISHO__CLIENT_REPLY__INIT;
	struct message m;

	memset(text, 't', len);
	text[len] = '\0';
	*(char **)(void *)((char *)&r + offset) = text;
	r.secret = (ProtobufCBinaryData){secret, filler};
	return decode(encode(MESSAGE_CLIENT_REPLY, &r), &m);
}

static void
the_other_limits(void **state)
{
	const size_t name = offsetof(Sekisho__ClientReply, name);
	const size_t id = offsetof(Sekisho__ClientReply, client_id);
	size_t len;

	(void)state;
	assert_ok(reply_with(offsetof(Sekisho__AuthReply, text), 2048));
	assert_error(
	    reply_with(offsetof(Sekisho__AuthReply, text), 2049), ERR_INPUT);
	assert_ok(reply_with(offsetof(Sekisho__AuthReply, state), 253));
	assert_error(
	    reply_with(offsetof(Sekisho__AuthReply, state), 254), ERR_INPUT);
	assert_ok(reply_with(offsetof(Sekisho__AuthReply, user_name), 253));
	assert_error(reply_with(offsetof(Sekisho__AuthReply, user_name), 254),
	    ERR_INPUT);
	assert_ok(client_reply_with(name, 64, 253));
	assert_error(client_reply_with(name, 65, 0), ERR_INPUT);
	assert_ok(client_reply_with(id, 64, 0));
	assert_error(client_reply_with(id, 65, 0), ERR_INPUT);
	assert_error(client_reply_with(id, 0, 254), ERR_INPUT);
	for (len = 0; len < 20; len++) {
		Sekisho__ClientRequest r = SEKISHO__CLIENT_REQUEST__INIT;
		struct message m;

		r.address = (ProtobufCBinaryData){len, filler};
		assert_error(decode(encode(MESSAGE_CLIENT_REQUEST, &r), &m),
		    len == 4 || len == 16 ? ERR_OK : ERR_INPUT);
	}
}

static enum error
ca_reply_with(size_t spki, size_t signature)
{
	Sekisho__CaReply r = SEKISHO__CA_REPLY__INIT;
	struct message m;

	r.spki = (ProtobufCBinaryData){spki, filler};
	r.signature = (ProtobufCBinaryData){signature, filler};
	return decode(encode(MESSAGE_CA_REPLY, &r), &m);
}

static enum error
ca_request_with(const char *kind, size_t digest)
{
	Sekisho__CaRequest r = SEKISHO__CA_REQUEST__INIT;
	Sekisho__CaMake make = SEKISHO__CA_MAKE__INIT;
	Sekisho__CaSign sign = SEKISHO__CA_SIGN__INIT;
	struct message m;
	char text[16];

	if (kind != NULL) {
		(void)snprintf(text, sizeof text, "%s", kind);
		make.kind = text;
		r.body_case = SEKISHO__CA_REQUEST__BODY_MAKE;
		r.make = &make;
	} else if (digest > 0) {
		sign.digest = (ProtobufCBinaryData){digest, filler};
		r.body_case = SEKISHO__CA_REQUEST__BODY_SIGN;
		r.sign = &sign;
	}
	return decode(encode(MESSAGE_CA_REQUEST, &r), &m);
}

static void
limits_of_the_ca(void **state)
{
	(void)state;
	assert_ok(ca_reply_with(1024, 512));
	assert_error(ca_reply_with(1025, 0), ERR_INPUT);
	assert_error(ca_reply_with(0, 513), ERR_INPUT);
	assert_ok(ca_request_with("12345678", 0));
	assert_error(ca_request_with("123456789", 0), ERR_INPUT);
	assert_ok(ca_request_with(NULL, 64));
	assert_error(ca_request_with(NULL, 65), ERR_INPUT);
	assert_error(ca_request_with(NULL, 0), ERR_INPUT); /* asks nothing */
}

static void
a_message_too_long_is_not_written(void **state)
{
	Sekisho__KeyringReply r = SEKISHO__KEYRING_REPLY__INIT;
	struct message m = {.kind = MESSAGE_KEYRING_REPLY, .keyring_reply = &r};
	size_t len = 77;

	(void)state;
	/* header 4, tag 1, length 2 */
	r.opened = (ProtobufCBinaryData){MESSAGE_MAX - 7, filler};
	assert_ok(message_encode(&m, octets, &len));
	assert_int_equal(len, MESSAGE_MAX);
	assert_ok(decode(len, &m));
	m.keyring_reply = &r;
	r.opened.len++;
	len = 77;
	assert_error(message_encode(&m, octets, &len), ERR_INPUT);
	assert_int_equal(len, 77);
}

static void
headers_are_exact(void **state)
{
	char id[] = "c";
	Sekisho__AuthRequest r = request(id);
	size_t len = encode(MESSAGE_AUTH_REQUEST, &r);
	struct message m;
	unsigned value;
	size_t at;

	(void)state;
	assert_ok(decode(len, &m));
	for (at = 0; at < 3; at++) {
		uint8_t good = octets[at];

		for (value = 0; value < 256; value++) {
			octets[at] = (uint8_t)value;
			assert_error(decode(len, &m),
			    value == good ? ERR_OK : ERR_INPUT);
		}
		octets[at] = good;
	}
	for (value = 0; value < 256; value++) {
		octets[3] = (uint8_t)value;
		if (value == 0 ||
		    (value > MESSAGE_KEYRING_REPLY &&
			value < MESSAGE_ACCOUNT_REQUEST) ||
		    value > MESSAGE_ACCOUNT_REPLY)
			assert_error(decode(len, &m), ERR_INPUT);
	}
}

/* Every prefix of a good message: only whole fields can be understood. */
static void
short_messages(void **state)
{
	char id[] = "c";
	Sekisho__AuthRequest r = request(id);
	size_t len = encode(MESSAGE_AUTH_REQUEST, &r), cut;
	struct message m;

	(void)state;
	for (cut = 0; cut < 4; cut++)
		assert_error(decode(cut, &m), ERR_INPUT);
	for (cut = 4; cut < len; cut++) {
		/* from memory of just that size, for the sanitizer */
		uint8_t *exact = malloc(cut);
		enum error err;

		assert_non_null(exact);
		memcpy(exact, octets, cut);
		arena_reset(arena);
		err = message_decode(exact, cut, arena, &m);
		free(exact);
		assert_true(err == ERR_OK || err == ERR_INPUT);
		if (err == ERR_OK)
			assert_true(m.auth_request->user_name.len <= 253);
	}
	assert_error(decode(MESSAGE_MAX + 1, &m), ERR_INPUT);
}

/* An arena of every size up to enough: refused, never a crash. */
static void
every_size_of_arena(void **state)
{
	char id[] = "0d0e0f00-0000-4000-8000-000000000001";
	Sekisho__TotpToken token = SEKISHO__TOTP_TOKEN__INIT;
	Sekisho__TotpToken *tokens[8];
	Sekisho__SealedBox box = SEKISHO__SEALED_BOX__INIT;
	Sekisho__TotpCheck check = SEKISHO__TOTP_CHECK__INIT;
	Sekisho__KeyringRequest r = SEKISHO__KEYRING_REQUEST__INIT;
	ProtobufCBinaryData codes[2] = {{6, filler}, {8, filler}};
	size_t len, size, i, enough = 0;
	struct message m;

	(void)state;
	box.box = (ProtobufCBinaryData){200, filler};
	token.token = id;
	token.seed = &box;
	token.algorithm = id;
	for (i = 0; i < COUNT(tokens); i++)
		tokens[i] = &token;
	check.person = id;
	check.n_tokens = COUNT(tokens);
	check.tokens = tokens;
	check.n_codes = 2;
	check.codes = codes;
	r.body_case = SEKISHO__KEYRING_REQUEST__BODY_TOTP;
	r.totp = &check;
	len = encode(MESSAGE_KEYRING_REQUEST, &r);
	for (size = 0; size < 8192; size++) {
		struct arena *small = NULL;
		enum error err;

		assert_ok(arena_new(size, &small));
		err = message_decode(octets, len, small, &m);
		if (err == ERR_OK && enough == 0)
			enough = size;
		/* once it fits, it fits in every larger one */
		assert_error(err, enough > 0 ? ERR_OK : ERR_INPUT);
		if (err == ERR_OK)
			assert_int_equal(
			    m.keyring_request->totp->tokens[7]->seed->box.len,
			    200);
		arena_free(&small);
	}
	assert_in_range(enough, 8 * 200, 8000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_survives),
	    cmocka_unit_test(a_field_over_its_limit_refuses_all),
	    cmocka_unit_test(the_other_limits),
	    cmocka_unit_test(limits_of_the_ca),
	    cmocka_unit_test(a_message_too_long_is_not_written),
	    cmocka_unit_test(headers_are_exact),
	    cmocka_unit_test(short_messages),
	    cmocka_unit_test(every_size_of_arena),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
