/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/renewal.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	DAY_S = 86400,
	POLL_MS = 500,
	WAIT_MS = 40000, /* the clerk takes an order within a second or two */
	MANAGEMENT = 24, /* octets */
	DATE_SIZE = 16,
};

struct offer {
	struct login *l;
	const char *name;
	const struct secret *pin;
	struct renewal_request proof;
	unsigned char secret_key[crypto_box_SECRETKEYBYTES];
};

static void
begin(const struct offer *o, struct radius_request *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->user = o->name;
	ret->nas_identifier = o->l->settings->nas_identifier;
	ret->calling_station = o->l->dialogue->rhost;
	ret->purpose = RENEWAL_PURPOSE;
	ret->renewal = &o->proof;
}

static void
date_of(unsigned day, char ret_date[DATE_SIZE])
{
	time_t at = (time_t)day * DAY_S;
	struct tm tm;

	ret_date[0] = '\0';
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(ret_date, DATE_SIZE, "%Y-%m-%d", &tm);
}

static bool
is_due(const struct settings *s, unsigned last_day)
{
	int64_t today = (int64_t)time(NULL) / DAY_S;

	return s->renew_days > 0 && last_day > 0 &&
	       (int64_t)last_day - today <= s->renew_days;
}

/* The server's challenge, if it says that the card is to be renewed. */
static enum error
ask_server(struct offer *o, struct radius_reply *ret_challenge)
{
	const struct settings *s = o->l->settings;
	struct radius_request request;
	enum error err;

	begin(o, &request);
	err = radius_exchange(o->l->radius, &request, ret_challenge);
	if (err != ERR_OK)
		return err;
	if (ret_challenge->code != RADIUS_CHALLENGE ||
	    !ret_challenge->for_card ||
	    strcmp(ret_challenge->client_id, s->client_id) != 0 ||
	    strcmp(ret_challenge->purpose, RENEWAL_PURPOSE) != 0 ||
	    (s->server_id[0] != '\0' &&
		strcmp(ret_challenge->server_id, s->server_id) != 0))
		return ERR_DENIED;
	return ERR_OK;
}

/* One question; whoever only presses Enter says yes. */
static enum error
ask_holder(struct offer *o, unsigned last_day, bool *ret_yes)
{
	struct secret *answer = NULL;
	char text[SPEECH_SIZE], date[DATE_SIZE];
	enum error err;

	date_of(last_day, date);
	speech_text(o->l->dialogue->language, SPEECH_RENEW, 0, "", date, text);
	err = dialogue_ask(o->l->dialogue, true, text, &answer);
	*ret_yes =
	    err == ERR_OK && (answer->len == 0 || answer->bytes[0] == 'y' ||
				 answer->bytes[0] == 'Y');
	secret_free(&answer);
	/* an application that asks nobody, or nonsense: not now */
	return err == ERR_DENIED || err == ERR_INPUT ? ERR_OK : err;
}

/* Until the order is executed: the certificates, and the key to write them. */
static enum error
fetch(struct offer *o, struct radius_request *request,
    struct radius_reply *ret_reply)
{
	int64_t until = clock_ms() + WAIT_MS;
	enum error err;

	for (;;) {
		err = radius_exchange(o->l->radius, request, ret_reply);
		if (err != ERR_OK)
			return err;
		if (ret_reply->code != RADIUS_CHALLENGE ||
		    ret_reply->state_len == 0)
			return ERR_DENIED;
		if (ret_reply->renewal_len > 0)
			return ERR_OK;
		if (clock_ms() > until)
			return ERR_TIMEOUT;
		request->renewal = NULL; /* it is placed: how does it stand? */
		memcpy(request->state, ret_reply->state, ret_reply->state_len);
		request->state_len = ret_reply->state_len;
		(void)poll(NULL, 0, POLL_MS);
		err = dialogue_alive(o->l->dialogue);
		if (err != ERR_OK)
			return ERR_CLOSED;
	}
}

static enum error
open_management(const struct offer *o, const struct renewal *renewal,
    struct secret **ret_key)
{
	struct secret *key = NULL;
	enum error err;

	if (renewal->sealed_len != MANAGEMENT + crypto_box_SEALBYTES)
		return ERR_INPUT;
	err = secret_new(MANAGEMENT, &key);
	if (err != ERR_OK)
		return err;
	if (crypto_box_seal_open(key->bytes, renewal->sealed,
		renewal->sealed_len, o->proof.public_key, o->secret_key) != 0) {
		secret_free(&key);
		return ERR_CRYPTO;
	}
	*ret_key = key;
	return ERR_OK;
}

static enum error
renew(struct offer *o, const struct radius_reply *challenge)
{
	struct secret *management = NULL;
	struct radius_request request;
	struct radius_reply reply;
	struct renewal renewal;
	enum error err;

	if (crypto_box_keypair(o->proof.public_key, o->secret_key) != 0)
		return ERR_CRYPTO;
	err = card_prove(
	    o->l->card, o->l->seen.reader, o->pin, challenge, &o->proof);
	if (err != ERR_OK)
		return err;
	begin(o, &request);
	memcpy(request.state, challenge->state, challenge->state_len);
	request.state_len = challenge->state_len;
	err = fetch(o, &request, &reply);
	if (err == ERR_OK)
		err = renewal_read(reply.renewal, reply.renewal_len, &renewal);
	if (err == ERR_OK)
		err = open_management(o, &renewal, &management);
	if (err == ERR_OK)
		err = card_write(
		    o->l->card, o->l->seen.reader, management, &renewal);
	secret_free(&management);
	return err;
}

enum error
renewal_offer(struct login *l, const char *name,
    const unsigned char key_id[PACKET_KEY_ID], unsigned last_day,
    const struct secret *pin)
{
	struct offer o = {.l = l, .name = name, .pin = pin};
	struct radius_reply challenge;
	bool yes = false;
	enum error err;

	if (!is_due(l->settings, last_day))
		return ERR_OK;
	memcpy(o.proof.key_id, key_id, sizeof o.proof.key_id);
	err = ask_server(&o, &challenge);
	if (err != ERR_OK) /* not for this card, or nobody to ask: later */
		return err == ERR_CLOSED ? err : ERR_OK;
	err = ask_holder(&o, last_day, &yes);
	if (err != ERR_OK || !yes)
		return err;
	err = dialogue_tell(l->dialogue, false, SPEECH_RENEWING, 0, "");
	if (err != ERR_OK)
		return err;
	err = renew(&o, &challenge);
	sodium_memzero(o.secret_key, sizeof o.secret_key);
	if (err == ERR_CLOSED)
		return err;
	if (err != ERR_OK)
		log_warn("a card was not renewed", "login", name, "why",
		    error_text(err));
	else
		log_info("a card was renewed", "login", name);
	return dialogue_tell(l->dialogue, err != ERR_OK,
	    err == ERR_OK ? SPEECH_RENEWED : SPEECH_NOT_RENEWED, 0, "");
}
