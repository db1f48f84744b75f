/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/gesture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/wire/signed.h"
#include "tests/bench/cards.h"

enum { /* dictionary.sekisho */
	CAPABILITY = 2,
	CHALLENGE = 3,
	SERVER_ID = 4,
	CLIENT_ID = 5,
	LOGIN = 7,
	KEY_ID = 8,
	SIGNATURE = 9,
	SCHEME = 10,
	RP_ID = 16,
	AUTH_DATA = 19,
};

static void
must(enum error err, const char *what)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "radload: %s: %s\n", what, error_text(err));
	exit(2);
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "radload: %s\n", what);
	exit(2);
}

/* What is to be signed, of a challenge that is one. */
static void
digest_of(const struct radius_reply *challenge,
    unsigned char ret_digest[SIGNED_DIGEST])
{
	char server_id[64] = "", client_id[64] = "", login[256] = "";
	struct signed_fields fields = {.purpose = "login",
	    .server_id = server_id,
	    .client_id = client_id,
	    .login = login};

	if (challenge->vendor[CHALLENGE].len != SIGNED_CHALLENGE ||
	    challenge->vendor[SERVER_ID].len >= sizeof server_id ||
	    challenge->vendor[CLIENT_ID].len >= sizeof client_id ||
	    challenge->vendor[LOGIN].len >= sizeof login)
		die("a challenge that a card cannot sign");
	fields.challenge = challenge->vendor[CHALLENGE].value;
	memcpy(server_id, challenge->vendor[SERVER_ID].value,
	    challenge->vendor[SERVER_ID].len);
	memcpy(client_id, challenge->vendor[CLIENT_ID].value,
	    challenge->vendor[CLIENT_ID].len);
	memcpy(login, challenge->vendor[LOGIN].value,
	    challenge->vendor[LOGIN].len);
	must(signed_digest(&fields, ret_digest), "digest");
}

/* What a terminal with this person's card in its reader adds. */
size_t
gesture_card(const struct someone *who, const struct radius_reply *challenge,
    uint8_t *out)
{
	uint8_t *const begin = out, signature[2 + CARDS_SIGNATURE] = {1, 1};
	unsigned char digest[SIGNED_DIGEST];
	struct card *card = who->card;
	size_t len;

	out = radius_put_vendor(out, CAPABILITY, "card", 4);
	if (challenge == NULL)
		return (size_t)(out - begin);
	digest_of(challenge, digest);
	must(card_sign(card, digest, signature + 2, &len), "signature");
	out = radius_put_vendor(out, KEY_ID, card_key_id(card), CARDS_KEY_ID);
	out = radius_put_vendor(out, SCHEME, "ecdsa-sha256", 12);
	out = radius_put_vendor(out, SIGNATURE, signature, len + 2);
	return (size_t)(out - begin);
}

/* The same with a FIDO2 key. Nobody logs in twice within a second. */
size_t
gesture_key(const struct someone *who, const struct radius_reply *challenge,
    uint8_t *out)
{
	uint8_t *const begin = out, signature[2 + CARDS_SIGNATURE] = {1, 1};
	uint8_t data[2 + CARDS_AUTH_DATA] = {1, 1}, id[32];
	unsigned char digest[SIGNED_DIGEST];
	struct card *key = who->card;
	char rp_id[256] = "";
	size_t len;

	out = radius_put_vendor(out, CAPABILITY, "fido2", 5);
	if (challenge == NULL)
		return (size_t)(out - begin);
	if (challenge->vendor[RP_ID].len == 0 ||
	    challenge->vendor[RP_ID].len >= sizeof rp_id)
		die("a challenge without a relying party");
	memcpy(rp_id, challenge->vendor[RP_ID].value,
	    challenge->vendor[RP_ID].len);
	digest_of(challenge, digest);
	must(card_assert(key, rp_id, (uint32_t)time(NULL), digest, data + 2,
		 signature + 2, &len),
	    "assertion");
	card_credential_id(key, id);
	out = radius_put_vendor(out, KEY_ID, id, sizeof id);
	out = radius_put_vendor(out, SCHEME, "fido2", 5);
	out = radius_put_vendor(out, SIGNATURE, signature, len + 2);
	out = radius_put_vendor(out, AUTH_DATA, data, sizeof data);
	return (size_t)(out - begin);
}
