/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyring's answers: to whom, for what, and never more than asked. */
#include "authd/keyring.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/totp.h"
#include "common/crypto/pwhash.h"
#include "tests/unit/test.h"

#define FAULT SEKISHO__KEYRING_REPLY__RESULT__FAULT
#define NO SEKISHO__KEYRING_REPLY__RESULT__NO
#define YES SEKISHO__KEYRING_REPLY__RESULT__YES
#define SPENT SEKISHO__KEYRING_REPLY__RESULT__SPENT

static char person[] = "6f1c9a52-0000-4000-8000-000000000001";
static char other[] = "6f1c9a52-0000-4000-8000-000000000002";
static char token_id[] = "6f1c9a52-0000-4000-8000-00000000000a";
static char sha1[] = "SHA1";
static uint8_t good_tag[PWHASH_TAG], bad_tag[PWHASH_TAG];
static char seed[] = "12345678901234567890";
static uint8_t code5[] = "254676", code6[] = "287922", code_no[] = "111111";

static struct keys *keys;
static struct arena *arena;
static struct box boxes[8];
static size_t n_boxes;

static void
add_key(unsigned version)
{
	struct key *key = &keys->key[keys->n++];

	key->version = version;
	assert_ok(secret_new(32, &key->secret_key));
	(void)crypto_box_keypair(key->public_key, key->secret_key->bytes);
}

static int
set_up(void **state)
{
	(void)state;
	keys = calloc(1, sizeof *keys);
	assert_ok(secret_new(KEYS_MASK, &keys->mask));
	memset(keys->mask->bytes, 'm', KEYS_MASK);
	add_key(3);
	add_key(4);
	memset(good_tag, 1, sizeof good_tag);
	memset(bad_tag, 1, sizeof bad_tag);
	bad_tag[31] = 2;
	n_boxes = 0;
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	keys_free(&keys);
	return 0;
}

static Sekisho__SealedBox
sealed(unsigned version, const char *kind, const char *owner,
    const void *payload, size_t len)
{
	Sekisho__SealedBox box = SEKISHO__SEALED_BOX__INIT;
	const struct key *key = keys_find(keys, version);
	struct box *b = &boxes[n_boxes++ % COUNT(boxes)];

	assert_ok(seal_box(key->public_key, kind, owner, payload, len, b));
	box.key_version = version;
	box.box = (ProtobufCBinaryData){b->len, b->bytes};
	return box;
}

static Sekisho__KeyringReply
ask(enum keyring_peer peer, Sekisho__KeyringRequest__BodyCase body,
    const void *what)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__KeyringReply reply;
	union {
		const void *in;
		Sekisho__KeyringHello *out;
	} any = {.in = what};

	request.id = 0x1234567890abcdef;
	request.body_case = body;
	request.hello = any.out;
	keyring_answer(keys, peer, &request, arena, &reply);
	assert_true(reply.id == request.id);
	return reply;
}

#define ASK(peer, name, what) \
	ask(KEYRING_PEER_##peer, SEKISHO__KEYRING_REQUEST__BODY_##name, what)

/* An answer that tells nothing beyond its result. */
static void
says_only(Sekisho__KeyringReply r, Sekisho__KeyringReply__Result result)
{
	assert_int_equal(r.result, result);
	assert_int_equal(r.mask_key.len, 0);
	assert_int_equal(r.opened.len, 0);
	assert_int_equal(r.public_key.len, 0);
	assert_null(r.box);
}

static Sekisho__KeyringReply__Result
password(const char *who, Sekisho__SealedBox *box, uint8_t *tag, size_t len)
{
	Sekisho__PasswordCheck check = SEKISHO__PASSWORD_CHECK__INIT;
	Sekisho__KeyringReply reply;
	char name[64];

	(void)stpcpy(name, who);
	check.person = name;
	check.tag = box;
	check.tag_computed = (ProtobufCBinaryData){len, tag};
	reply = ASK(WORKER, PASSWORD, &check);
	says_only(reply, reply.result);
	return reply.result;
}

static void
passwords(void **state)
{
	Sekisho__SealedBox box =
	    sealed(3, SEAL_PASSWORD, person, good_tag, sizeof good_tag);
	Sekisho__SealedBox as_totp =
	    sealed(3, SEAL_TOTP, person, good_tag, sizeof good_tag);
	Sekisho__SealedBox shorter =
	    sealed(3, SEAL_PASSWORD, person, good_tag, 16);

	(void)state;
	assert_int_equal(password(person, &box, good_tag, 32), YES);
	assert_int_equal(password(person, &box, bad_tag, 32), NO);
	/* what cannot be told is a fault, never a mismatch */
	assert_int_equal(password(other, &box, good_tag, 32), FAULT);
	assert_int_equal(password(person, &as_totp, good_tag, 32), FAULT);
	assert_int_equal(password(person, NULL, good_tag, 32), FAULT);
	assert_int_equal(password(person, &box, good_tag, 31), FAULT);
	assert_int_equal(password(person, &box, good_tag, 0), FAULT);
	assert_int_equal(password(person, &shorter, good_tag, 32), NO);
	box.key_version = 4;
	assert_int_equal(password(person, &box, good_tag, 32), FAULT);
	box.key_version = 9; /* retired */
	assert_int_equal(password(person, &box, good_tag, 32), FAULT);
	box.key_version = 3;
	box.box.len--;
	assert_int_equal(password(person, &box, good_tag, 32), FAULT);
}

static Sekisho__TotpToken
token(Sekisho__SealedBox *box, int64_t last_step)
{
	Sekisho__TotpToken t = SEKISHO__TOTP_TOKEN__INIT;

	t.token = token_id;
	t.seed = box;
	t.digits = 6;
	t.period = 30;
	t.algorithm = sha1;
	t.last_step = last_step;
	return t;
}

static Sekisho__SealedBox
sealed_seed(const char *whose)
{
	char owner[80];

	(void)stpcpy(stpcpy(stpcpy(owner, whose), "/"), token_id);
	return sealed(4, SEAL_TOTP, owner, seed, 20);
}

static Sekisho__KeyringReply
totp(Sekisho__TotpToken **tokens, size_t n_tokens, uint8_t *code1,
    uint8_t *code2, unsigned window)
{
	Sekisho__TotpCheck check = SEKISHO__TOTP_CHECK__INIT;
	ProtobufCBinaryData codes[2] = {{6, code1}, {6, code2}};
	Sekisho__KeyringReply reply;

	check.person = person;
	check.n_tokens = n_tokens;
	check.tokens = tokens;
	check.n_codes = code2 != NULL ? 2 : 1;
	check.codes = codes;
	check.now = 150; /* step 5 */
	check.window = window;
	reply = ASK(WORKER, TOTP, &check);
	says_only(reply, reply.result);
	return reply;
}

static void
codes(void **state)
{
	Sekisho__SealedBox box = sealed_seed(person);
	Sekisho__TotpToken t = token(&box, 4);
	Sekisho__TotpToken *tokens[] = {&t};
	Sekisho__KeyringReply r;

	(void)state;
	r = totp(tokens, 1, code5, NULL, 1);
	assert_int_equal(r.result, YES);
	assert_true(r.step == 5 && r.drift == 0);
	r = totp(tokens, 1, code_no, code6, 1);
	assert_int_equal(r.result, YES);
	assert_true(r.step == 6 && r.drift == 1 && r.code_index == 1);
	assert_int_equal(totp(tokens, 1, code_no, NULL, 1).result, NO);
	assert_int_equal(totp(tokens, 1, code6, NULL, 0).result, NO);
	t.last_step = 5;
	assert_int_equal(totp(tokens, 1, code5, NULL, 1).result, SPENT);
	assert_int_equal(totp(tokens, 1, code6, NULL, 1).result, YES);
	assert_int_equal(totp(tokens, 0, code5, NULL, 1).result, NO);
	assert_int_equal(
	    totp(tokens, 1, code5, NULL, TOTP_WINDOW_MAX + 1).result, FAULT);
}

static void
several_tokens(void **state)
{
	Sekisho__SealedBox box = sealed_seed(person);
	Sekisho__SealedBox swapped = sealed_seed(other);
	Sekisho__TotpToken mine = token(&box, 4), spent = token(&box, 5),
			   broken = token(&swapped, 4), odd = token(&box, 4);
	Sekisho__TotpToken *list[9] = {
	    &mine, &mine, &mine, &mine, &mine, &mine, &mine, &mine, &mine};
	Sekisho__TotpToken *two[2];
	Sekisho__KeyringReply r;

	(void)state;
	/* a seed of another person does not open */
	two[0] = &broken;
	assert_int_equal(totp(two, 1, code5, NULL, 1).result, FAULT);
	/* and does not lock out the other token */
	two[1] = &mine;
	r = totp(two, 2, code5, NULL, 1);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.token_index, 1);
	/* nor does it make guesses at the other one free of charge */
	assert_int_equal(totp(two, 2, code_no, NULL, 1).result, NO);
	/* an unspent match is preferred */
	two[0] = &spent;
	r = totp(two, 2, code5, NULL, 1);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.token_index, 1);
	odd.digits = 7;
	two[0] = &odd;
	assert_int_equal(totp(two, 1, code5, NULL, 1).result, FAULT);
	odd.digits = 6;
	odd.period = 0;
	assert_int_equal(totp(two, 1, code5, NULL, 1).result, FAULT);
	assert_int_equal(totp(list, 8, code5, NULL, 1).result, YES);
	assert_int_equal(totp(list, 9, code5, NULL, 1).result, FAULT);
}

static void
long_names_do_not_overflow(void **state)
{
	static char longer[] = "6f1c9a52-0000-4000-8000-0000000000010";
	Sekisho__SealedBox box = sealed_seed(person);
	Sekisho__TotpToken t = token(&box, 4);
	Sekisho__TotpToken *tokens[] = {&t};

	(void)state;
	t.token = longer;
	assert_int_equal(totp(tokens, 1, code5, NULL, 1).result, FAULT);
}

static Sekisho__KeyringReply
resync(enum keyring_peer peer, Sekisho__TotpToken *t, uint8_t *a, uint8_t *b,
    unsigned window)
{
	Sekisho__TotpResync r = SEKISHO__TOTP_RESYNC__INIT;
	Sekisho__KeyringReply reply;

	r.person = person;
	r.token = t;
	r.code1 = (ProtobufCBinaryData){6, a};
	r.code2 = (ProtobufCBinaryData){6, b};
	r.now = 1500;
	r.window = window;
	reply = ask(peer, SEKISHO__KEYRING_REQUEST__BODY_RESYNC, &r);
	says_only(reply, reply.result);
	return reply;
}

static void
resynchronisation(void **state)
{
	Sekisho__SealedBox box = sealed_seed(person);
	Sekisho__TotpToken t = token(&box, 0);
	Sekisho__KeyringReply r =
	    resync(KEYRING_PEER_CLERK, &t, code5, code6, 100);

	(void)state;
	assert_int_equal(r.result, YES);
	assert_true(r.step == 6 && r.drift == -44);
	r = resync(KEYRING_PEER_CLERK, &t, code6, code5, 100);
	assert_int_equal(r.result, NO);
	r = resync(KEYRING_PEER_CLERK, &t, code5, code6, TOTP_RESYNC_MAX + 1);
	assert_int_equal(r.result, FAULT);
	r = resync(KEYRING_PEER_CLERK, NULL, code5, code6, 100);
	assert_int_equal(r.result, FAULT);
}

static void
what_is_handed_out(void **state)
{
	Sekisho__SecretOpen s = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__OrderOpen o = SEKISHO__ORDER_OPEN__INIT;
	Sekisho__SealedBox box = sealed(3, SEAL_CLIENT, other, "s3cret", 6);
	Sekisho__SealedBox args = sealed(4, SEAL_ORDER, other, "123456", 6);
	Sekisho__SealedBox tag =
	    sealed(3, SEAL_PASSWORD, other, good_tag, sizeof good_tag);
	Sekisho__KeyringReply r;

	(void)state;
	s.client = other;
	s.secret = &box;
	r = ASK(WORKER, SECRET, &s);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.opened.len, 6);
	assert_memory_equal(r.opened.data, "s3cret", 6);
	/* and for Disconnects */
	r = ASK(CLERK, SECRET, &s);
	assert_int_equal(r.result, YES);
	assert_memory_equal(r.opened.data, "s3cret", 6);
	o.order = other;
	o.args = &args;
	r = ASK(CLERK, ORDER, &o);
	assert_int_equal(r.result, YES);
	assert_memory_equal(r.opened.data, "123456", 6);
	/* no other kind leaves through these doors */
	s.secret = &tag;
	says_only(ASK(WORKER, SECRET, &s), FAULT);
	s.secret = &args;
	says_only(ASK(WORKER, SECRET, &s), FAULT);
	o.args = &tag;
	says_only(ASK(CLERK, ORDER, &o), FAULT);
	o.args = &box;
	says_only(ASK(CLERK, ORDER, &o), FAULT);
	o.args = NULL;
	says_only(ASK(CLERK, ORDER, &o), FAULT);
	s.secret = &box;
	s.client = person;
	says_only(ASK(WORKER, SECRET, &s), FAULT);
}

static void
hello_and_reseal(void **state)
{
	static char kind[] = SEAL_PASSWORD;
	Sekisho__KeyringHello h = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__Reseal re = SEKISHO__RESEAL__INIT;
	Sekisho__SealedBox old =
	    sealed(3, SEAL_PASSWORD, person, good_tag, sizeof good_tag);
	Sekisho__KeyringReply r = ASK(WORKER, HELLO, &h);

	(void)state;
	assert_int_equal(r.result, YES);
	assert_int_equal(r.key_version, 4);
	assert_int_equal(r.mask_key.len, KEYS_MASK);
	assert_memory_equal(r.public_key.data, keys->key[1].public_key, 32);
	assert_int_equal(r.opened.len, 0);
	re.kind = kind;
	re.owner = person;
	re.box = &old;
	r = ASK(CLERK, RESEAL, &re);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.opened.len, 0);
	assert_int_equal(r.box->key_version, 4);
	assert_int_equal(password(person, r.box, good_tag, 32), YES);
	re.owner = other;
	says_only(ASK(CLERK, RESEAL, &re), FAULT);
}

/* Statements about the audit are signed, for the clerk, and nothing else is. */
static void
statements_are_signed(void **state)
{
	unsigned char public_key[STATEMENT_PUBLIC_KEY];
	struct statement s = {.batch = 1,
	    .first = 1,
	    .last = 9,
	    .leaves = 9,
	    .at = "2027-04-01T08:00:00.000000Z"};
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__Attest attest = SEKISHO__ATTEST__INIT;
	static uint8_t anything[] = "SEKISHO-v1";
	char text[STATEMENT_TEXT];
	Sekisho__KeyringReply r;

	(void)state;
	/* without a key there is none to tell, and nothing to sign with */
	assert_int_equal(ASK(CLERK, HELLO, &hello).audit_key.len, 0);
	assert_ok(secret_new(STATEMENT_SECRET_KEY, &keys->audit));
	memset(keys->audit->bytes, 'a', STATEMENT_SECRET_KEY);
	statement_public_key(keys->audit->bytes, public_key);
	statement_key_id(public_key, s.key);
	attest.statement.len = statement_text(&s, text);
	attest.statement.data = (uint8_t *)text;
	r = ASK(CLERK, HELLO, &hello);
	assert_int_equal(r.audit_key.len, STATEMENT_PUBLIC_KEY);
	assert_memory_equal(r.audit_key.data, public_key, sizeof public_key);
	r = ASK(CLERK, ATTEST, &attest);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.opened.len, STATEMENT_SIGNATURE);
	assert_ok(statement_verify(
	    public_key, text, attest.statement.len, r.opened.data));
	says_only(ASK(WORKER, ATTEST, &attest), FAULT);
	attest.statement.len--;
	says_only(ASK(CLERK, ATTEST, &attest), FAULT);
	attest.statement.data = anything;
	attest.statement.len = sizeof anything - 1;
	says_only(ASK(CLERK, ATTEST, &attest), FAULT);
	attest.statement = (ProtobufCBinaryData){0, NULL};
	says_only(ASK(CLERK, ATTEST, &attest), FAULT);
}

/* Escrow leaves sealed to who asked for it, and nothing else leaves so. */
static void
escrow_is_released(void **state)
{
	static char puk[] = SEAL_PUK, totp_kind[] = SEAL_TOTP;
	unsigned char public_key[32], secret_key[32], opened[8];
	Sekisho__SealedBox box = sealed(3, SEAL_PUK, person, "87654321", 8);
	Sekisho__SealedBox totp_box = sealed(3, SEAL_TOTP, person, "seed", 4);
	Sekisho__Release release = SEKISHO__RELEASE__INIT;
	Sekisho__KeyringReply r;

	(void)state;
	(void)crypto_box_keypair(public_key, secret_key);
	release.kind = puk;
	release.owner = person;
	release.box = &box;
	release.recipient = (ProtobufCBinaryData){32, public_key};
	r = ASK(CLERK, RELEASE, &release);
	assert_int_equal(r.result, YES);
	assert_int_equal(r.opened.len, 8 + SEAL_RELEASE_OVERHEAD);
	assert_int_equal(crypto_box_seal_open(opened, r.opened.data,
			     r.opened.len, public_key, secret_key),
	    0);
	assert_memory_equal(opened, "87654321", 8);
	says_only(ASK(WORKER, RELEASE, &release), FAULT);
	release.recipient.len = 31;
	says_only(ASK(CLERK, RELEASE, &release), FAULT);
	release.recipient.len = 32;
	release.owner = other;
	says_only(ASK(CLERK, RELEASE, &release), FAULT);
	release.owner = person;
	release.kind = totp_kind;
	release.box = &totp_box;
	says_only(ASK(CLERK, RELEASE, &release), FAULT);
	release.kind = puk;
	release.box = NULL;
	says_only(ASK(CLERK, RELEASE, &release), FAULT);
}

/* Who reads packets from others may not even ask for the rest. */
static void
each_peer_may_ask_its_own(void **state)
{
	static const struct {
		Sekisho__KeyringRequest__BodyCase body;
		bool worker, clerk;
	} table[] = {
	    {SEKISHO__KEYRING_REQUEST__BODY__NOT_SET, false, false},
	    {SEKISHO__KEYRING_REQUEST__BODY_HELLO, true, true},
	    {SEKISHO__KEYRING_REQUEST__BODY_PASSWORD, true, false},
	    {SEKISHO__KEYRING_REQUEST__BODY_TOTP, true, true},
	    {SEKISHO__KEYRING_REQUEST__BODY_RESYNC, false, true},
	    {SEKISHO__KEYRING_REQUEST__BODY_SECRET, true, true},
	    {SEKISHO__KEYRING_REQUEST__BODY_ORDER, false, true},
	    {SEKISHO__KEYRING_REQUEST__BODY_RESEAL, false, true},
	};
	static char client[] = SEAL_CLIENT;
	Sekisho__SealedBox box = sealed_seed(person);
	Sekisho__SealedBox tag = sealed(3, SEAL_PASSWORD, person, good_tag, 32);
	Sekisho__SealedBox secret = sealed(3, SEAL_CLIENT, person, "s", 1);
	Sekisho__SealedBox args = sealed(3, SEAL_ORDER, person, "s", 1);
	Sekisho__TotpToken t = token(&box, 0), *tokens[] = {&t};
	ProtobufCBinaryData code = {6, code5};
	Sekisho__KeyringHello h = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__PasswordCheck p = SEKISHO__PASSWORD_CHECK__INIT;
	Sekisho__TotpCheck c = SEKISHO__TOTP_CHECK__INIT;
	Sekisho__TotpResync y = SEKISHO__TOTP_RESYNC__INIT;
	Sekisho__SecretOpen s = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__OrderOpen o = SEKISHO__ORDER_OPEN__INIT;
	Sekisho__Reseal r = SEKISHO__RESEAL__INIT;
	const void *bodies[] = {NULL, &h, &p, &c, &y, &s, &o, &r};
	size_t i;

	(void)state;
	p.person = c.person = y.person = s.client = o.order = r.owner = person;
	p.tag = &tag;
	p.tag_computed = (ProtobufCBinaryData){32, good_tag};
	c.n_tokens = c.n_codes = 1;
	c.tokens = tokens;
	c.codes = &code;
	c.now = y.now = 150;
	y.token = &t;
	y.code1 = (ProtobufCBinaryData){6, code5};
	y.code2 = (ProtobufCBinaryData){6, code6};
	y.window = 10;
	s.secret = &secret;
	o.args = &args;
	r.kind = client;
	r.box = &secret;
	for (i = 0; i < COUNT(table); i++) {
		Sekisho__KeyringReply a =
		    ask(KEYRING_PEER_WORKER, table[i].body, bodies[i]);
		Sekisho__KeyringReply b =
		    ask(KEYRING_PEER_CLERK, table[i].body, bodies[i]);

		if (table[i].worker)
			assert_int_equal(a.result, YES);
		else
			says_only(a, FAULT);
		if (table[i].clerk)
			assert_int_equal(b.result, YES);
		else
			says_only(b, FAULT);
	}
	says_only(ask(KEYRING_PEER_CLERK, 99, &h), FAULT);
}

/* A full arena is a fault, whatever its size. */
static void
memory_that_runs_out(void **state)
{
	static char kind[] = SEAL_CLIENT;
	Sekisho__SealedBox box = sealed(3, SEAL_CLIENT, person, "s3cret", 6);
	Sekisho__SecretOpen s = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__Reseal r = SEKISHO__RESEAL__INIT;
	size_t size;

	(void)state;
	s.client = r.owner = person;
	s.secret = r.box = &box;
	r.kind = kind;
	for (size = 0; size < 2400; size += size < 32 ? 1 : 16) {
		arena_free(&arena);
		assert_ok(arena_new(size, &arena));
		assert_int_equal(
		    ASK(WORKER, SECRET, &s).result, size < 7 ? FAULT : YES);
		arena_reset(arena);
		if (ASK(CLERK, RESEAL, &r).result == FAULT)
			assert_true(size < sizeof(struct box) + 128);
		else
			assert_true(size > sizeof(struct box));
	}
}

int
main(void)
{
#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_KEYS(passwords),
	    WITH_KEYS(codes),
	    WITH_KEYS(several_tokens),
	    WITH_KEYS(long_names_do_not_overflow),
	    WITH_KEYS(resynchronisation),
	    WITH_KEYS(what_is_handed_out),
	    WITH_KEYS(hello_and_reseal),
	    WITH_KEYS(escrow_is_released),
	    WITH_KEYS(statements_are_signed),
	    WITH_KEYS(each_peer_may_ask_its_own),
	    WITH_KEYS(memory_that_runs_out),
	};

	if (sodium_init() < 0 || totp_open() != ERR_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
