/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seeds - writes the first inputs of those fuzzers whose inputs nobody can
 * type: messages, questions whose boxes open, and what comes from cards. Same
 * octets each time but for the boxes, which libsodium seals anew, and for
 * cards' keys and signatures.
 *
 * usage: fuzz_seeds CORPUS-FOLDER
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/message.h"
#include "radius-plugin/translate.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/seeds.h"

static const char *corpus;
static char person[] = "6f1c9a52-0000-4000-8000-000000000001";
static char token[] = "6f1c9a52-0000-4000-8000-00000000000a";
static char sha1[] = "SHA1", kind[] = SEAL_CLIENT;
static uint8_t some[] = "0123456789abcdef0123456789abcdef";
static uint8_t code5[] = "254676", code6[] = "287922";
static struct keys *keys;

void
seed_write(const char *fuzzer, const char *name, const void *lead,
    size_t lead_len, const void *octets, size_t len)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s/%s", corpus, fuzzer, name);
	f = fopen(path, "w");
	if (f == NULL || fwrite(lead, 1, lead_len, f) != lead_len ||
	    fwrite(octets, 1, len, f) != len || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void
write_seed(const char *fuzzer, const char *name, const void *lead,
    size_t lead_len, enum message_kind message_kind, const void *body)
{
	struct message m = {.kind = message_kind, .any = body};
	uint8_t octets[MESSAGE_MAX];
	size_t len;

	if (message_encode(&m, octets, &len) != ERR_OK)
		abort();
	seed_write(fuzzer, name, lead, lead_len, octets, len);
}

static ProtobufCBinaryData
sealed(const char *what, const char *owner, const void *payload, size_t len)
{
	static struct box boxes[8];
	static size_t n;
	struct box *box = &boxes[n++];

	if (seal_box(keys->key[0].public_key, what, owner, payload, len, box) !=
	    ERR_OK)
		abort();
	return (ProtobufCBinaryData){box->len, box->bytes};
}

static void
messages(void)
{
	Sekisho__AuthRequest request = SEKISHO__AUTH_REQUEST__INIT;
	Sekisho__AuthReply reply = SEKISHO__AUTH_REPLY__INIT;
	Sekisho__ClientRequest look_up = SEKISHO__CLIENT_REQUEST__INIT;
	static char text[] = "認証アプリに出ている6桁の数字";
	static char ref[] = "K7-4821", state[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";

	request.client_id = person;
	request.user_name = request.password = request.state =
	    (ProtobufCBinaryData){16, some};
	request.state_count = 1;
	write_seed(
	    "message", "auth_request", "", 0, MESSAGE_AUTH_REQUEST, &request);
	look_up.address = (ProtobufCBinaryData){4, some};
	write_seed("message", "client_request", "", 0, MESSAGE_CLIENT_REQUEST,
	    &look_up);
	reply.text = text;
	reply.ref = ref;
	reply.state = state;
	reply.user_name = sha1;
	reply.session_timeout = 900;
	reply.outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
	write_seed(
	    "translate_reply", "accept", "", 0, MESSAGE_AUTH_REPLY, &reply);
	reply.outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	write_seed(
	    "translate_reply", "challenge", "", 0, MESSAGE_AUTH_REPLY, &reply);
	reply.rp_id = reply.user_verification = sha1;
	reply.challenge = reply.credentials =
	    (ProtobufCBinaryData){sizeof some, some};
	write_seed(
	    "translate_reply", "fido2", "", 0, MESSAGE_AUTH_REPLY, &reply);
	reply.outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	write_seed(
	    "translate_reply", "reject", "", 0, MESSAGE_AUTH_REPLY, &reply);
}

/* One attribute of ours, as tests/fuzz/translate_request.c reads it. */
static size_t
attribute(uint8_t *at, unsigned number, const void *value, size_t len)
{
	at[0] = (uint8_t)(0xc0 | number);
	at[1] = (uint8_t)len;
	memcpy(at + 2, value, len);
	return 2 + len;
}

/* What a terminal says with an assertion, at a renewal, with a badge. */
static void
terminals(void)
{
	static const uint8_t named[] = {ATTR_USER_NAME, 4, 's', 'a', 't', 'o',
	    0x7e, 4, '4', '1', '7', 'f', 0x7f, 5, '/', 'C', 'N', '=', 'x'};
	uint8_t octets[1024], piece[64] = {1, 2};
	size_t n = 0;

	n += attribute(octets + n, ATTR_SEKISHO_CAPABILITY, "fido2", 5);
	n += attribute(octets + n, ATTR_SEKISHO_KEY_ID, some, 32);
	n += attribute(octets + n, ATTR_SEKISHO_AUTH_DATA, piece, 39);
	piece[0] = 2;
	n += attribute(octets + n, ATTR_SEKISHO_AUTH_DATA, piece, 39);
	piece[0] = piece[1] = 1;
	n += attribute(octets + n, ATTR_SEKISHO_SIGNATURE, piece, 64);
	seed_write("translate_request", "assertion", "", 0, octets, n);
	n = attribute(octets, ATTR_SEKISHO_CAPABILITY, "card", 4);
	n += attribute(octets + n, ATTR_SEKISHO_SCHEME, "ES256", 5);
	n += attribute(octets + n, ATTR_SEKISHO_SIGNATURE, piece, 64);
	seed_write("translate_request", "card", "", 0, octets, n);
	n = attribute(octets, ATTR_SEKISHO_PURPOSE, "renewal", 7);
	n += attribute(octets + n, ATTR_SEKISHO_KEY_ID, some, 32);
	n += attribute(octets + n, ATTR_SEKISHO_PUBLIC_KEY, some, 32);
	n += attribute(octets + n, ATTR_SEKISHO_PROOF, piece, 64);
	seed_write("translate_request", "renewal", "", 0, octets, n);
	n = attribute(octets, ATTR_SEKISHO_BADGE, some, 8);
	seed_write("translate_request", "badge", "", 0, octets, n);
	n = attribute(octets, ATTR_SEKISHO_PURPOSE, "entry", 5);
	n += attribute(octets + n, ATTR_SEKISHO_SIGNATURE, piece, 64);
	seed_write("translate_request", "entry", "", 0, octets, n);
	seed_write(
	    "translate_request", "certificate", "", 0, named, sizeof named);
}

#define QUESTION(name, field, case_, value)                                 \
	do {                                                                \
		Sekisho__KeyringRequest r = SEKISHO__KEYRING_REQUEST__INIT; \
                                                                            \
		r.id = 7;                                                   \
		r.body_case = SEKISHO__KEYRING_REQUEST__BODY_##case_;       \
		r.field = value;                                            \
		write_seed("keyring", "worker_" name, "\0", 1,              \
		    MESSAGE_KEYRING_REQUEST, &r);                           \
		write_seed("keyring", "clerk_" name, "\1", 1,               \
		    MESSAGE_KEYRING_REQUEST, &r);                           \
	} while (0)

static void
questions(void)
{
	Sekisho__SealedBox tag = SEKISHO__SEALED_BOX__INIT;
	Sekisho__SealedBox seed = SEKISHO__SEALED_BOX__INIT;
	Sekisho__SealedBox secret = SEKISHO__SEALED_BOX__INIT;
	Sekisho__SealedBox args = SEKISHO__SEALED_BOX__INIT;
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__PasswordCheck password = SEKISHO__PASSWORD_CHECK__INIT;
	Sekisho__TotpCheck totp = SEKISHO__TOTP_CHECK__INIT;
	Sekisho__TotpResync resync = SEKISHO__TOTP_RESYNC__INIT;
	Sekisho__TotpToken one = SEKISHO__TOTP_TOKEN__INIT, *list = &one;
	Sekisho__SecretOpen opening = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__OrderOpen order = SEKISHO__ORDER_OPEN__INIT;
	Sekisho__Reseal reseal = SEKISHO__RESEAL__INIT;
	ProtobufCBinaryData codes[] = {{6, code5}, {6, code6}};
	char owner[80];

	(void)stpcpy(stpcpy(stpcpy(owner, person), "/"), token);
	tag.key_version = seed.key_version = secret.key_version =
	    args.key_version = 1;
	tag.box = sealed(SEAL_PASSWORD, person, some, 32);
	seed.box = sealed(SEAL_TOTP, owner, "12345678901234567890", 20);
	secret.box = sealed(SEAL_CLIENT, person, some, 16);
	args.box = sealed(SEAL_ORDER, person, code5, 6);
	password.person = totp.person = resync.person = opening.client =
	    order.order = reseal.owner = person;
	password.tag = &tag;
	password.tag_computed = (ProtobufCBinaryData){32, some};
	one.token = token;
	one.seed = &seed;
	one.digits = 6;
	one.period = 30;
	one.algorithm = sha1;
	totp.n_tokens = 1;
	totp.tokens = &list;
	totp.n_codes = 2;
	totp.codes = codes;
	totp.now = resync.now = 150;
	totp.window = 1;
	resync.token = &one;
	resync.code1 = codes[0];
	resync.code2 = codes[1];
	resync.window = 100;
	opening.secret = reseal.box = &secret;
	order.args = &args;
	reseal.kind = kind;
	QUESTION("hello", hello, HELLO, &hello);
	QUESTION("password", password, PASSWORD, &password);
	QUESTION("totp", totp, TOTP, &totp);
	QUESTION("resync", resync, RESYNC, &resync);
	QUESTION("secret", secret, SECRET, &opening);
	QUESTION("order", order, ORDER, &order);
	QUESTION("reseal", reseal, RESEAL, &reseal);
	/* numbers at their ends, which chance does not find in a minute */
	totp.now = resync.now = INT64_MAX;
	one.drift = 100;
	one.last_step = INT64_MIN;
	QUESTION("totp_late", totp, TOTP, &totp);
	QUESTION("resync_late", resync, RESYNC, &resync);
	totp.now = resync.now = INT64_MIN;
	QUESTION("totp_early", totp, TOTP, &totp);
	QUESTION("resync_early", resync, RESYNC, &resync);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || sodium_init() < 0 || fuzz_keys(&keys) != ERR_OK)
		return 2;
	corpus = argv[1];
	messages();
	terminals();
	questions();
	seeds_cards();
	seeds_fido2();
	keys_free(&keys);
	return 0;
}
