/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/translate.h"

#include <stdio.h>
#include <string.h>

#include "common/wire/message.h"
#include "tests/unit/test.h"

static struct arena *arena;
static struct attribute attrs[32];
static size_t n;
static const struct origin origin = {
    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};

static int
set_up(void **state)
{
	(void)state;
	n = 0;
	return arena_new(16384, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
add_of(uint32_t vendor, uint32_t number, const void *value, size_t len)
{
	attrs[n++] = (struct attribute){vendor, number, value, len};
}

static void
add(uint32_t number, const char *value)
{
	add_of(VENDOR_NONE, number, value, strlen(value));
}

static Sekisho__AuthRequest
request(void)
{
	Sekisho__AuthRequest r;

	assert_ok(translate_request(attrs, n, &origin, arena, &r));
	return r;
}

static void
refused(enum error want)
{
	Sekisho__AuthRequest r;

	assert_error(translate_request(attrs, n, &origin, arena, &r), want);
}

static void
is(ProtobufCBinaryData got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.data, want, got.len);
}

static void
a_whole_request(void **state)
{
	Sekisho__AuthRequest r;
	struct message m = {.kind = MESSAGE_AUTH_REQUEST};
	uint8_t octets[MESSAGE_MAX];
	size_t len;

	(void)state;
	add(ATTR_USER_NAME, "sato");
	add(ATTR_USER_PASSWORD, "secret");
	add(ATTR_CALLING_STATION_ID, "00-11-22-33-44-55");
	add(ATTR_CALLED_STATION_ID, "AP:ward");
	add(ATTR_NAS_IDENTIFIER, "W3-07");
	add(ATTR_ACCT_SESSION_ID, "abc");
	add_of(VENDOR_NONE, ATTR_NAS_PORT, "\x80\0\1\2", 4);
	add_of(VENDOR_NONE, ATTR_SERVICE_TYPE, "\0\0\0\x08", 4);
	add(ATTR_PROXY_STATE, "x");
	add(ATTR_PROXY_STATE, "y");
	add(ATTR_MESSAGE_AUTHENTICATOR, "0123456789abcdef");
	r = request();
	assert_string_equal(r.client_id, origin.client_id);
	assert_int_equal(r.client_version, 7);
	is(r.user_name, "sato");
	is(r.password, "secret");
	is(r.calling_station_id, "00-11-22-33-44-55");
	is(r.called_station_id, "AP:ward");
	is(r.nas_identifier, "W3-07");
	is(r.acct_session_id, "abc");
	is(r.src_addr, "192.0.2.1");
	assert_int_equal(r.scheme, SEKISHO__SCHEME__SCHEME_PAP);
	assert_int_equal(r.nas_port, 0x80000102);
	assert_int_equal(r.service_type, 8);
	assert_int_equal(r.proxy_state_count, 2);
	assert_true(r.message_authenticator);
	assert_int_equal(r.state_count, 0);
	m.auth_request = &r;
	assert_ok(message_encode(&m, octets, &len));
	assert_ok(message_decode(octets, len, arena, &m));
}

/* What a client writes about itself is never who it is. */
static void
no_attribute_says_whose_request_it_is(void **state)
{
	Sekisho__AuthRequest r;
	uint32_t number;
	char value[UUID_TEXT] = "00000000-0000-4000-8000-00000000000f";

	(void)state;
	for (number = 0; number < 256; number++) {
		n = 0;
		add(number, value);
		add_of(VENDOR_SEKISHO, number, value, 36);
		if (translate_request(attrs, n, &origin, arena, &r) != ERR_OK)
			continue;
		assert_string_equal(r.client_id, origin.client_id);
		assert_int_equal(r.client_version, 7);
		is(r.src_addr, "192.0.2.1");
		arena_reset(arena);
	}
}

static void
an_empty_request(void **state)
{
	Sekisho__AuthRequest r = request();

	(void)state;
	assert_int_equal(r.scheme, SEKISHO__SCHEME__SCHEME_NONE);
	assert_int_equal(r.user_name.len, 0);
	assert_false(r.message_authenticator);
}

/* C.14 (1): what needs a recoverable password is told apart. */
static void
c14_1_schemes(void **state)
{
	(void)state;
	add(ATTR_CHAP_PASSWORD, "0123456789abcdefg");
	assert_int_equal(request().scheme, SEKISHO__SCHEME__SCHEME_CHAP);
	n = 0;
	add_of(VENDOR_MICROSOFT, ATTR_MS_CHAP_RESPONSE, "x", 1);
	assert_int_equal(request().scheme, SEKISHO__SCHEME__SCHEME_MSCHAP);
	n = 0;
	add_of(VENDOR_MICROSOFT, ATTR_MS_CHAP2_RESPONSE, "x", 1);
	assert_int_equal(request().scheme, SEKISHO__SCHEME__SCHEME_MSCHAP);
	assert_int_equal(request().password.len, 0);
	n = 0;
	add_of(311, ATTR_USER_PASSWORD, "x", 1); /* another vendor's 2 */
	assert_int_equal(request().scheme, SEKISHO__SCHEME__SCHEME_NONE);
}

/* RFC 2865 4.1: at most one name and one credential. */
static void
one_credential_only(void **state)
{
	(void)state;
	add(ATTR_USER_PASSWORD, "a");
	add(ATTR_USER_PASSWORD, "b");
	refused(ERR_INPUT);
	n = 1;
	add(ATTR_CHAP_PASSWORD, "b");
	refused(ERR_INPUT);
	n = 1;
	add_of(VENDOR_MICROSOFT, ATTR_MS_CHAP2_RESPONSE, "x", 1);
	refused(ERR_INPUT);
	n = 0;
	add(ATTR_CHAP_PASSWORD, "a");
	add(ATTR_CHAP_PASSWORD, "b");
	refused(ERR_INPUT);
	n = 0;
	add(ATTR_USER_NAME, "a");
	add(ATTR_USER_NAME, "a");
	refused(ERR_INPUT);
}

static void
lengths(void **state)
{
	static const uint32_t texts[] = {ATTR_USER_NAME,
	    ATTR_CALLING_STATION_ID, ATTR_CALLED_STATION_ID,
	    ATTR_NAS_IDENTIFIER, ATTR_ACCT_SESSION_ID};
	static const char big[1100];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		n = 0;
		add_of(VENDOR_NONE, texts[i], big, 253);
		(void)request();
		attrs[0].len = 254;
		refused(ERR_INPUT);
	}
	n = 0;
	add_of(VENDOR_NONE, ATTR_USER_PASSWORD, big, 128);
	(void)request();
	attrs[0].len = 129;
	refused(ERR_INPUT);
	n = 0;
	add_of(VENDOR_NONE, ATTR_NAS_PORT, "\1\2\3", 3);
	assert_int_equal(request().nas_port, 0);
}

static void
states_are_joined(void **state)
{
	static const char big[1025];
	Sekisho__AuthRequest r;

	(void)state;
	add(ATTR_STATE, "abc");
	add(ATTR_USER_NAME, "x");
	add_of(VENDOR_NONE, ATTR_STATE, NULL, 0);
	add(ATTR_STATE, "de");
	r = request();
	assert_int_equal(r.state_count, 3);
	is(r.state, "abcde");
	n = 0;
	add_of(VENDOR_NONE, ATTR_STATE, big, 1024);
	assert_int_equal(request().state.len, 1024);
	add(ATTR_STATE, "x");
	refused(ERR_INPUT);
	attrs[0].len = SIZE_MAX;
	refused(ERR_INPUT);
}

static void
every_size_of_arena(void **state)
{
	size_t size;

	(void)state;
	add(ATTR_USER_NAME, "sato");
	add(ATTR_STATE, "0123456789abcdef0123456789abcdef");
	for (size = 0; size < 200; size++) {
		Sekisho__AuthRequest r;
		enum error err;

		arena_free(&arena);
		assert_ok(arena_new(size, &arena));
		err = translate_request(attrs, n, &origin, arena, &r);
		assert_true(err == ERR_NOMEM || err == ERR_OK);
		assert_true(err == ERR_OK ? size >= 70 : size < 100);
	}
}

static void
clients(void **state)
{
	static const char *const bad[] = {"", "x", "localhost",
	    "6f1c9a52-0000-4000-8000-000000000001",
	    "6f1c9a52-0000-4000-8000-000000000001/",
	    "6f1c9a52-0000-4000-8000-000000000001/1a",
	    "6f1c9a52-0000-4000-8000-000000000001/-1",
	    "6f1c9a52-0000-4000-8000-000000000001/ 1",
	    "6f1c9a52-0000-4000-8000-000000000001 1",
	    "6F1C9A52-0000-4000-8000-000000000001/1",
	    "6f1c9a52-0000-4000-8000-00000000000g/1",
	    "6f1c9a52-0000-4000-8000-000000000001/99999999999999999999",
	    "6f1c9a52-0000-4000-8000-000000000001/111111111111111111111"};
	struct origin o = {.client_version = 99};
	size_t i;

	(void)state;
	assert_error(translate_client(NULL, &o), ERR_INPUT);
	for (i = 0; i < COUNT(bad); i++) {
		if (translate_client(bad[i], &o) != ERR_INPUT)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(o.client_version, 99);
	}
	assert_ok(translate_client(
	    "6f1c9a52-0000-4000-8000-000000000001/1234567890", &o));
	assert_string_equal(
	    o.client_id, "6f1c9a52-0000-4000-8000-000000000001");
	assert_int_equal(o.client_version, 1234567890);
}

static struct reply reply;

static enum error
answer(Sekisho__AuthReply *a)
{
	memset(&reply, 0, sizeof reply);
	return translate_reply(a, arena, &reply);
}

static const struct attribute *
attr(uint32_t vendor, uint32_t number)
{
	size_t i;

	for (i = 0; i < reply.n_attrs; i++) {
		if (reply.attrs[i].vendor == vendor &&
		    reply.attrs[i].number == number)
			return &reply.attrs[i];
	}
	return NULL;
}

static char sato[] = "sato", ref[] = "K7-4821", why[] = "wrong_password";
static char state32[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", hello[] = "やあ";

static void
silence_says_nothing(void **state)
{
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;

	(void)state;
	a.text = hello;
	a.user_name = sato;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 0);
	assert_int_equal(reply.outcome, SEKISHO__OUTCOME__OUTCOME_SILENCE);
	a.outcome = (Sekisho__Outcome)9;
	assert_error(answer(&a), ERR_INPUT);
}

static void
an_accept(void **state)
{
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
	a.user_name = sato;
	a.session_timeout = 43200;
	a.state = state32; /* makes no sense here and is not sent */
	a.ref = ref;
	a.reason = why;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 2);
	assert_memory_equal(
	    attr(VENDOR_NONE, ATTR_USER_NAME)->value, "sato", 4);
	assert_memory_equal(
	    attr(VENDOR_NONE, ATTR_SESSION_TIMEOUT)->value, "\0\0\xa8\xc0", 4);
	assert_null(attr(VENDOR_NONE, ATTR_IDLE_TIMEOUT));
	a.class_octets.data = (uint8_t *)state32;
	a.class_octets.len = 16;
	assert_ok(answer(&a));
	assert_memory_equal(attr(VENDOR_NONE, ATTR_CLASS)->value, state32, 16);
}

static void
a_challenge(void **state)
{
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	assert_error(answer(&a), ERR_INPUT); /* without State */
	a.state = state32;
	a.text = hello;
	a.prompt_echo = true;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 3);
	assert_int_equal(attr(VENDOR_NONE, ATTR_STATE)->len, 32);
	assert_memory_equal(
	    attr(VENDOR_NONE, ATTR_PROMPT)->value, "\0\0\0\1", 4);
	assert_memory_equal(
	    attr(VENDOR_NONE, ATTR_REPLY_MESSAGE)->value, "やあ", 6);
	a.prompt_echo = false;
	assert_ok(answer(&a));
	assert_memory_equal(
	    attr(VENDOR_NONE, ATTR_PROMPT)->value, "\0\0\0\0", 4);
}

/* The reference goes out, the reason never does. */
static void
a_reject(void **state)
{
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;
	char longer[66];

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	a.ref = ref;
	a.reason = why;
	a.user_name = sato;
	a.state = state32;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 1);
	assert_memory_equal(
	    attr(VENDOR_SEKISHO, ATTR_SEKISHO_REF)->value, "K7-4821", 7);
	memset(longer, 'r', 65);
	longer[65] = '\0';
	a.ref = longer;
	assert_error(answer(&a), ERR_INPUT);
}

/* A badge's answer is a refusal that names somebody, or nobody. */
static void
a_reject_with_a_name(void **state)
{
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;
	char longer[249];

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 0);
	a.login = sato;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 1);
	assert_memory_equal(
	    attr(VENDOR_SEKISHO, ATTR_SEKISHO_LOGIN)->value, "sato", 4);
	memset(longer, 'l', 248);
	longer[248] = '\0';
	a.login = longer;
	assert_error(answer(&a), ERR_INPUT);
}

/* What is asked is no login: the key, then the proof in pieces. */
static void
a_renewal(void **state)
{
	static const uint8_t id[33] = "0123456789abcdef0123456789abcdef";

	(void)state;
	add(ATTR_USER_NAME, "sato");
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PURPOSE, "renewal", 7);
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_KEY_ID, id, 32);
	is(request().purpose, "renewal");
	assert_int_equal(request().key_id.len, 32);
	assert_int_equal(request().proof.len, 0);
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PUBLIC_KEY, id, 32);
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PROOF, "\1\1proof", 7);
	is(request().proof, "proof");
	assert_int_equal(request().public_key.len, 32);
	n--;
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PROOF, "\1\2proof", 7);
	refused(ERR_INPUT);
	n--;
	add(ATTR_USER_PASSWORD, "secret");
	refused(ERR_INPUT);
	/* another purpose is no business of a request's */
	n = 0;
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PURPOSE, "login", 5);
	add(ATTR_USER_PASSWORD, "secret");
	assert_int_equal(request().purpose.len, 0);
}

/* An entry at a door: a signature or nothing, at a reader. */
static void
an_entry(void **state)
{
	static const uint8_t call_check[4] = {0, 0, 0, 10};

	(void)state;
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_PURPOSE, "entry", 5);
	add_of(VENDOR_NONE, ATTR_SERVICE_TYPE, call_check, 4);
	add(ATTR_CALLED_STATION_ID, "W3-in");
	is(request().purpose, "entry");
	is(request().called_station_id, "W3-in");
	/* the packet's own name comes from the server, never from attributes */
	assert_memory_equal(request().authenticator.data, "\1\2\3", 3);
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_SIGNATURE, "\1\1signed", 8);
	is(request().signature, "signed");
	n--;
	add(ATTR_USER_PASSWORD, "secret");
	refused(ERR_INPUT);
}

static void
what_is_due(void **state)
{
	static uint8_t due[500];
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;

	(void)state;
	memset(due, 'd', sizeof due);
	a.outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	a.state = state32;
	a.renewal = (ProtobufCBinaryData){sizeof due, due};
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 2 + 3);
	assert_int_equal(attr(VENDOR_SEKISHO, ATTR_SEKISHO_RENEWAL)->len, 247);
	a.renewal.len = 0;
	assert_ok(answer(&a));
	assert_int_equal(reply.n_attrs, 2);
}

/* Alone, once, and no longer than any card's. */
static void
a_badge_is_no_credential(void **state)
{
	static const uint8_t number[12] = {4, 0xa1, 0xb2, 0xc3};
	const struct attribute badge = {
	    VENDOR_SEKISHO, ATTR_SEKISHO_BADGE, number, 4};
	static const char piece[] = "\1\1s";

	(void)state;
	attrs[n++] = badge;
	assert_int_equal(request().badge.len, 4);
	assert_memory_equal(request().badge.data, number, 4);
	attrs[n++] = badge;
	refused(ERR_INPUT);
	n = 1;
	attrs[0].len = 11;
	refused(ERR_INPUT);
	attrs[0] = badge;
	add(ATTR_USER_PASSWORD, "secret");
	refused(ERR_INPUT);
	n = 1;
	add(ATTR_STATE, state32);
	refused(ERR_INPUT);
	n = 1;
	add_of(VENDOR_SEKISHO, ATTR_SEKISHO_SIGNATURE, piece, 3);
	refused(ERR_INPUT);
	n = 0;
	attrs[n++] = badge;
	attrs[0].vendor = VENDOR_NONE;
	assert_int_equal(request().badge.len, 0);
}

/* However long: whole characters, in order, nothing lost. */
static void
long_texts_are_split_between_characters(void **state)
{
	static char text[2100], joined[2100];
	static const char *const pieces[] = {"a", "é", "認", "👩"};
	Sekisho__AuthReply a = SEKISHO__AUTH_REPLY__INIT;
	size_t lead, which, i, len;

	(void)state;
	a.outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	a.text = text;
	for (which = 0; which < 4; which++) {
		for (lead = 0; lead < 8; lead++) {
			memset(text, 'x', lead);
			for (len = lead; len < 2040; len += strlen(text + len))
				(void)stpcpy(text + len, pieces[which]);
			arena_reset(arena);
			assert_ok(answer(&a));
			joined[0] = '\0';
			for (i = 0, len = 0; i < reply.n_attrs; i++) {
				const struct attribute *p = &reply.attrs[i];

				assert_in_range(p->len, 1, ATTR_MAX);
				assert_int_not_equal(p->value[0] & 0xc0, 0x80);
				memcpy(joined + len, p->value, p->len);
				len += p->len;
			}
			joined[len] = '\0';
			assert_string_equal(joined, text);
		}
	}
}

static void
parts_of_invalid_text_still_end(void **state)
{
	uint8_t text[300];
	size_t len;

	(void)state;
	memset(text, 0x80, sizeof text);
	for (len = 1; len < sizeof text; len++)
		assert_in_range(translate_text_part(text, len), 1, ATTR_MAX);
	assert_int_equal(translate_text_part(text, 300), ATTR_MAX);
	assert_int_equal(translate_text_part(text, 253), 253);
}

int
main(void)
{
#define WITH_ARENA(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_ARENA(a_whole_request),
	    WITH_ARENA(no_attribute_says_whose_request_it_is),
	    WITH_ARENA(an_empty_request),
	    WITH_ARENA(c14_1_schemes),
	    WITH_ARENA(one_credential_only),
	    WITH_ARENA(lengths),
	    WITH_ARENA(states_are_joined),
	    WITH_ARENA(every_size_of_arena),
	    WITH_ARENA(clients),
	    WITH_ARENA(silence_says_nothing),
	    WITH_ARENA(an_accept),
	    WITH_ARENA(a_challenge),
	    WITH_ARENA(a_reject),
	    WITH_ARENA(a_reject_with_a_name),
	    WITH_ARENA(a_badge_is_no_credential),
	    WITH_ARENA(a_renewal),
	    WITH_ARENA(an_entry),
	    WITH_ARENA(what_is_due),
	    WITH_ARENA(long_texts_are_split_between_characters),
	    WITH_ARENA(parts_of_invalid_text_still_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
