/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and replies in octets; whom to believe is in tests/e2e too. */
#include "cardtools/terminal/packet.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/split.h"
#include "tests/unit/test.h"

enum { VENDOR_LOW = 32473 & 0xff, VENDOR_HIGH = 32473 >> 8 };

static struct secret *secret;
static struct packet *request;
static unsigned char reply[8192];
static size_t reply_len;

static struct radius_request
plain(void)
{
	return (struct radius_request){
	    .user = "sato", .nas_identifier = "ward-3", .calling_station = ""};
}

static int
set_up(void **state)
{
	const char *folder = getenv("SEKISHO_TERMINAL_DICTIONARY");
	struct radius_request r = plain();

	(void)state;
	if (folder == NULL || packet_init(folder) != ERR_OK ||
	    secret_copy("a-secret", 8, &secret) != ERR_OK)
		return -1;
	return packet_encode(&r, secret, 42, &request) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	packet_free(&request);
	secret_free(&secret);
	return 0;
}

static void
begin(unsigned char code)
{
	static const unsigned char ma[18] = {80, 18};

	memset(reply, 0, 20);
	reply[0] = code;
	reply[1] = 42;
	memcpy(reply + 20, ma, sizeof ma);
	reply_len = 38;
}

static void
put(unsigned char number, const void *value, size_t len)
{
	reply[reply_len] = number;
	reply[reply_len + 1] = (unsigned char)(len + 2);
	memcpy(reply + reply_len + 2, value, len);
	reply_len += len + 2;
}

static void
put_own(unsigned char number, const void *value, size_t len)
{
	unsigned char v[253] = {
	    0, 0, VENDOR_HIGH, VENDOR_LOW, number, (unsigned char)(len + 2)};

	memcpy(v + 6, value, len);
	put(26, v, len + 6);
}

/* Signs the reply as the server does (RFC 2869 5.14, RFC 2865 3). */
static void
seal(void)
{
	size_t n;
	const unsigned char *sent = packet_octets(request, &n);
	unsigned char md5_in[sizeof reply + 8];
	unsigned len = 16;

	reply[2] = (unsigned char)(reply_len >> 8);
	reply[3] = (unsigned char)reply_len;
	memcpy(reply + 4, sent + 4, 16);
	memset(reply + 22, 0, 16);
	assert_non_null(HMAC(EVP_md5(), secret->bytes, (int)secret->len, reply,
	    reply_len, reply + 22, &len));
	memcpy(md5_in, reply, reply_len);
	memcpy(md5_in + reply_len, secret->bytes, secret->len);
	assert_int_equal(EVP_Digest(md5_in, reply_len + secret->len, reply + 4,
			     NULL, EVP_md5(), NULL),
	    1);
}

static enum error
decode(struct radius_reply *ret)
{
	return packet_decode(request, secret, reply, reply_len, ret);
}

static void
a_request(void **state)
{
	size_t len, n_pieces = 0, at, joined = 0;
	struct radius_request r = plain();
	static struct signature s = {.scheme = "rsa-pkcs1-sha256", .len = 500};
	unsigned char value[PACKET_SIGNATURE];
	const unsigned char *octets;
	struct packet *p = NULL;
	struct split split;

	(void)state;
	memset(s.bytes, 0x5a, sizeof s.bytes);
	r.signature = &s;
	r.can_card = true;
	memcpy(r.state, "state", 5);
	r.state_len = 5;
	assert_ok(packet_encode(&r, secret, 7, &p));
	octets = packet_octets(p, &len);
	assert_int_equal(octets[0], 1);
	assert_int_equal(octets[1], 7);
	/* Message-Authenticator comes first and is not empty */
	assert_memory_equal(octets + 20, "\x50\x12", 2);
	assert_non_null(memmem(octets, len, "\x18\x07state", 7));
	assert_non_null(memmem(octets, len,
	    "\x02\x06"
	    "card",
	    6));
	assert_null(memmem(octets, len, "\x02\x12", 2));
	split_begin(&split, value, sizeof value);
	for (at = 20; at < len; at += octets[at + 1]) {
		if (octets[at] == 26 && octets[at + 6] == 9) {
			assert_ok(split_add(
			    &split, octets + at + 8, octets[at + 7] - 2u));
			n_pieces++;
		}
	}
	assert_int_equal(n_pieces, 3);
	assert_ok(split_end(&split, &joined));
	assert_int_equal(joined, 500);
	packet_free(&p);
	s.len = sizeof s.bytes + 1;
	assert_error(packet_encode(&r, secret, 7, &p), ERR_INPUT);
	s.len = 0;
	assert_error(packet_encode(&r, secret, 7, &p), ERR_INPUT);
}

static void
whose_number(void **state)
{
	struct radius_request r = plain();
	const unsigned char *octets;
	struct radius_reply got;
	struct packet *p = NULL;
	size_t len;

	(void)state;
	r.user = "";
	memcpy(r.badge, "\x04\xa1\xb2\xc3", 4);
	r.badge_len = 4;
	assert_ok(packet_encode(&r, secret, 7, &p));
	octets = packet_octets(p, &len);
	assert_non_null(memmem(octets, len, "\x0b\x06\x04\xa1\xb2\xc3", 6));
	assert_int_equal(octets[38], 6); /* no User-Name before Service-Type */
	packet_free(&p);
	begin(3);
	put_own(7, "sato", 4);
	seal();
	assert_ok(decode(&got));
	assert_int_equal(got.code, RADIUS_REJECT);
	assert_string_equal(got.login, "sato");
	assert_string_equal(got.user, "");
}

static void
put_challenge(void)
{
	put(24, "state", 5);
	put_own(3, "0123456789abcdef0123456789abcdef", 32);
	put_own(4, "sekisho.example", 15);
	put_own(5, "37b0332c-1bbe-4920-9b02-4d56b53aab42", 36);
	put_own(6, "login", 5);
}

static void
a_challenge(void **state)
{
	struct radius_reply got;

	(void)state;
	begin(11);
	put_challenge();
	put_own(7, "sato", 4);
	put(18, "one", 3);
	put(18, "two", 3);
	put(76, "\0\0\0\1", 4);
	put(77, "unknown", 7);
	put_own(99, "unknown", 7);
	seal();
	assert_ok(decode(&got));
	assert_int_equal(got.code, RADIUS_CHALLENGE);
	assert_true(got.for_card);
	assert_true(got.echo);
	assert_int_equal(got.text_len, 6);
	assert_memory_equal(got.text, "onetwo", 6);
	assert_string_equal(got.login, "sato");
	assert_memory_equal(got.challenge, "0123456789abcdef", 16);
	/* without one of its parts it is none for a card */
	begin(11);
	put_challenge();
	seal();
	assert_ok(decode(&got));
	assert_false(got.for_card);
}

/* In pieces of two, so that a short list has several. */
static void
put_credentials(const unsigned char *list, size_t len, unsigned char total)
{
	unsigned char piece[64];
	unsigned char i;
	size_t part = (len + 1) / 2;

	for (i = 0; i < 2; i++) {
		size_t n = i == 0 ? part : len - part;

		piece[0] = (unsigned char)(i + 1);
		piece[1] = total;
		memcpy(piece + 2, list + i * part, n);
		put_own(17, piece, n + 2);
	}
}

static void
keys_that_are_offered(void **state)
{
	static unsigned char list[18 + 22] = {0, 16, 1};
	struct radius_reply got;
	int without;

	(void)state;
	list[19] = 20;
	for (without = 0; without < 5; without++) {
		begin(11);
		put_challenge();
		put_own(7, "sato", 4);
		if (without != 1)
			put_own(16, "sekisho.example", 15);
		if (without != 2)
			put_credentials(list, sizeof list, 2);
		if (without != 3)
			put_own(18, without == 4 ? "preferred" : "required",
			    without == 4 ? 9 : 8);
		seal();
		assert_ok(decode(&got));
		assert_true(got.for_card);
		assert_int_equal(got.for_fido2, without == 0 || without == 4);
		assert_int_equal(got.verify_user, without < 3);
		if (!got.for_fido2)
			continue;
		assert_string_equal(got.rp_id, "sekisho.example");
		assert_int_equal(got.credentials_len, sizeof list);
		assert_memory_equal(got.credentials, list, sizeof list);
	}
	/* a piece that is missing, a list that is none, a word of another day
	 */
	begin(11);
	put_challenge();
	put_credentials(list, sizeof list, 3);
	seal();
	assert_error(decode(&got), ERR_INPUT);
	begin(11);
	put_challenge();
	put_credentials(list, sizeof list - 1, 2);
	seal();
	assert_error(decode(&got), ERR_INPUT);
	assert_int_equal(got.credentials_len, 0);
	begin(11);
	put_challenge();
	put_own(18, "sometimes", 9);
	seal();
	assert_error(decode(&got), ERR_INPUT);
}

static void
a_key_s_answer(void **state)
{
	static struct signature s = {.scheme = "fido2", .len = 70};
	struct radius_request r = plain();
	const unsigned char *octets;
	struct packet *p = NULL;
	size_t len;

	(void)state;
	r.can_card = r.can_fido2 = true;
	assert_ok(packet_encode(&r, secret, 7, &p));
	octets = packet_octets(p, &len);
	assert_non_null(memmem(octets, len,
	    "\x02\x06"
	    "card",
	    6));
	assert_non_null(memmem(octets, len,
	    "\x02\x07"
	    "fido2",
	    7));
	packet_free(&p);
	r = plain();
	r.signature = &s;
	s.auth_len = 37;
	memset(s.auth_data, 0x5a, s.auth_len);
	assert_ok(packet_encode(&r, secret, 7, &p));
	octets = packet_octets(p, &len);
	assert_non_null(memmem(octets, len,
	    "\x0a\x07"
	    "fido2",
	    7));
	assert_non_null(memmem(octets, len, "\x13\x29\x01\x01\x5a\x5a", 6));
	packet_free(&p);
	s.auth_len = sizeof s.auth_data + 1;
	assert_error(packet_encode(&r, secret, 7, &p), ERR_INPUT);
}

static void
what_is_doubled_or_misshapen_is_refused(void **state)
{
	static const struct {
		unsigned char number, own;
		const char *value;
		size_t len;
	} bad[] = {
	    {24, 0, "another", 7},
	    {26, 3, "0123456789abcdef0123456789abcdef", 32},
	    {26, 4, "another", 7},
	    {26, 5, "another", 7},
	    {26, 7, "sa\0to", 5},
	    {26, 16, "sa\0to", 5},
	    {26, 17, "not in pieces", 13},
	    {1, 0, "sa\0to", 5},
	};
	struct radius_reply got;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		begin(11);
		put_challenge();
		if (bad[i].own != 0)
			put_own(bad[i].own, bad[i].value, bad[i].len);
		else
			put(bad[i].number, bad[i].value, bad[i].len);
		seal();
		assert_error(decode(&got), ERR_INPUT);
		assert_int_equal(got.state_len, 0);
	}
	begin(11);
	put_own(3, "too short", 9);
	seal();
	assert_error(decode(&got), ERR_INPUT);
}

static void
one_bit_that_was_changed(void **state)
{
	struct radius_reply got;
	size_t i;

	(void)state;
	begin(2);
	put(1, "sato", 4);
	seal();
	assert_ok(decode(&got));
	assert_string_equal(got.user, "sato");
	for (i = 0; i < reply_len * 8; i++) {
		reply[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_int_not_equal(decode(&got), ERR_OK);
		assert_string_equal(got.user, "");
		reply[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (i = 0; i < reply_len; i++) {
		size_t whole = reply_len;

		reply_len = i;
		assert_int_not_equal(decode(&got), ERR_OK);
		reply_len = whole;
	}
}

/* RFC 2866 3: proven by its Request Authenticator, and so is the answer. */
static void
accounting(void **state)
{
	const struct account account = {.status = ACCOUNT_STOP,
	    .session = "0123456789abcdef0123456789abcdef",
	    .class_octets = (const unsigned char *)"0123456789abcdef",
	    .class_len = 16,
	    .at = 1795343488,
	    .delay = 3,
	    .seconds = 60,
	    .cause = 1};
	struct radius_request r = plain();
	unsigned char sum[16], in[512];
	struct packet *login = request;
	const unsigned char *octets;
	struct radius_reply got;
	size_t len, i;

	(void)state;
	r.account = &account;
	request = NULL;
	assert_ok(packet_encode(&r, secret, 42, &request));
	assert_true(packet_is_account(request));
	assert_false(packet_is_account(login));
	octets = packet_octets(request, &len);
	assert_int_equal(octets[0], 4);
	memcpy(in, octets, len);
	memset(in + 4, 0, 16);
	memcpy(in + len, secret->bytes, secret->len);
	assert_int_equal(
	    EVP_Digest(in, len + secret->len, sum, NULL, EVP_md5(), NULL), 1);
	assert_memory_equal(octets + 4, sum, 16);
	/* its answer has nothing but a Response Authenticator */
	begin(5);
	reply_len = 20;
	reply[2] = 0;
	reply[3] = 20;
	memcpy(reply + 4, octets + 4, 16);
	memcpy(in, reply, 20);
	memcpy(in + 20, secret->bytes, secret->len);
	assert_int_equal(
	    EVP_Digest(in, 20 + secret->len, reply + 4, NULL, EVP_md5(), NULL),
	    1);
	assert_ok(decode(&got));
	assert_int_equal(got.code, RADIUS_ACCOUNTED);
	for (i = 0; i < reply_len * 8; i++) {
		reply[i / 8] ^= (unsigned char)(1 << i % 8);
		assert_int_not_equal(decode(&got), ERR_OK);
		reply[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	/* an accept is no answer to it, nor is its answer one to a login */
	begin(2);
	seal();
	assert_error(decode(&got), ERR_INPUT);
	packet_free(&request);
	request = login;
	begin(5);
	seal();
	assert_error(decode(&got), ERR_INPUT);
	/* Class of an accept */
	begin(2);
	put(25, "0123456789abcdef", 16);
	put(25, "of a proxy", 10);
	seal();
	assert_ok(decode(&got));
	assert_int_equal(got.class_len, 16);
	assert_memory_equal(got.class_octets, "0123456789abcdef", 16);
}

/* A door has no clock that one would ask: how long ago it was. */
static void
a_door_s_opening(void **state)
{
	const struct account account = {
	    .status = ACCOUNT_STOP, .session = "0011", .delay = 3};
	const struct radius_request r = {.user = "",
	    .nas_identifier = "door",
	    .called_station = "W3-in",
	    .calling_station = "",
	    .account = &account};
	static const unsigned char want[] = {40, 6, 0, 0, 0, 2, 44, 6, '0', '0',
	    '1', '1', 32, 6, 'd', 'o', 'o', 'r', 30, 7, 'W', '3', '-', 'i', 'n',
	    41, 6, 0, 0, 0, 3};
	const unsigned char *octets;
	struct packet *p = NULL;
	size_t len;

	(void)state;
	assert_ok(packet_encode(&r, secret, 7, &p));
	octets = packet_octets(p, &len);
	assert_int_equal(len, 20 + sizeof want);
	assert_memory_equal(octets + 20, want, sizeof want);
	packet_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request),
	    cmocka_unit_test(accounting),
	    cmocka_unit_test(whose_number),
	    cmocka_unit_test(a_challenge),
	    cmocka_unit_test(keys_that_are_offered),
	    cmocka_unit_test(a_key_s_answer),
	    cmocka_unit_test(what_is_doubled_or_misshapen_is_refused),
	    cmocka_unit_test(one_bit_that_was_changed),
	    cmocka_unit_test(a_door_s_opening),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
