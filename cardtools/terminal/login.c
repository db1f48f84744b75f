/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/login.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/terminal/renewal.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"

enum {
	ROUNDS_MAX = 8,
	PASSWORD_MAX = 128, /* docs/protocol.md */
	PIN_MIN = 4,
	PIN_MAX = 16,
	WAIT_SLICE_MS = 10000,
	CHALLENGE_FRESH_MS = 60000, /* a State lives 120 s */
	PROMPT_MARGIN = 8,
};

static enum error
tell(struct login *l, enum speech what, unsigned number)
{
	return dialogue_tell(l->dialogue, true, what, number, "");
}

static void
begin(const struct login *l, const char *user, struct radius_request *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->user = user;
	ret->nas_identifier = l->settings->nas_identifier;
	ret->calling_station = l->dialogue->rhost;
}

static enum error
show_refusal(struct login *l, const struct radius_reply *reply)
{
	char text[SPEECH_SIZE];

	l->result = RESULT_REFUSED;
	speech_clean(reply->text, reply->text_len, text);
	if (text[0] == '\0')
		return tell(l, SPEECH_REFUSED, 0);
	return dialogue_say(l->dialogue, true, text);
}

/*
 * Sends a request. Silence ends the login as unavailable: it is never a
 * reason to try something weaker.
 */
static enum error
exchange(struct login *l, const struct radius_request *request,
    struct radius_reply *ret_reply)
{
	enum error err, said;

	err = radius_exchange(l->radius, request, ret_reply);
	if (err == ERR_OK || err == ERR_CLOSED)
		return err;
	l->result = RESULT_UNAVAILABLE;
	if (err != ERR_TIMEOUT)
		log_error("a request could not be made", "why", error_text(err),
		    "detail", packet_fault());
	said = tell(l, err == ERR_TIMEOUT ? SPEECH_SILENCE : SPEECH_BROKEN, 0);
	return said != ERR_OK ? said : err;
}

/* An accept counts only for the name it carries. */
static enum error
take_accept(struct login *l, const struct radius_reply *reply)
{
	if (reply->user[0] == '\0') {
		log_error("the server accepted without saying whom");
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	memcpy(l->user, reply->user, sizeof l->user);
	hex_encode(reply->class_octets, reply->class_len, l->class_hex);
	l->result = RESULT_ACCEPT;
	return ERR_OK;
}

/* The server's question, as a prompt; if it has no words, as what it must be.
 */
static void
prompt_of(const struct login *l, const struct radius_reply *reply,
    enum speech wordless, char ret_text[SPEECH_SIZE])
{
	size_t len;

	speech_clean(reply->text, reply->text_len, ret_text);
	len = strlen(ret_text);
	if (len == 0)
		speech_text(
		    l->dialogue->language, wordless, 0, "", "", ret_text);
	else if (ret_text[len - 1] != ' ' && len < SPEECH_SIZE - PROMPT_MARGIN)
		(void)stpcpy(
		    ret_text + len, ret_text[len - 1] == ':' ? " " : ": ");
}

/* An empty password beside a name that a card filled in: somebody else. */
static enum error
ask_another(struct login *l, char ret_text[SPEECH_SIZE])
{
	enum error err;

	l->by_badge = false;
	l->dialogue->user[0] = '\0';
	speech_text(
	    l->dialogue->language, SPEECH_PASSWORD, 0, "", "", ret_text);
	err = dialogue_ask_user(l->dialogue);
	return err == ERR_OK && l->dialogue->user[0] == '\0' ? ERR_DENIED : err;
}

/* Takes what is typed to the server, until that has decided. */
static enum error
by_typing(struct login *l, struct radius_request *request,
    char text[SPEECH_SIZE], bool echo)
{
	struct secret *answer = NULL;
	struct radius_reply reply;
	enum error err = ERR_OK;
	int round;

	for (round = 0; round < ROUNDS_MAX && err == ERR_OK; round++) {
		err = dialogue_ask(l->dialogue, echo, text, &answer);
		if (err == ERR_INPUT ||
		    (err == ERR_OK && answer->len > PASSWORD_MAX)) {
			l->result = RESULT_REFUSED;
			err = tell(l, SPEECH_TOO_LONG, 0);
			break;
		}
		if (err == ERR_OK && round == 0 && l->by_badge &&
		    answer->len == 0) {
			secret_free(&answer);
			err = ask_another(l, text);
			request->user = l->dialogue->user;
			continue;
		}
		if (err != ERR_OK)
			break;
		request->password = answer;
		err = exchange(l, request, &reply);
		request->password = NULL;
		secret_free(&answer);
		if (err != ERR_OK)
			break;
		if (reply.code == RADIUS_ACCEPT) {
			err = take_accept(l, &reply);
			break;
		}
		if (reply.code == RADIUS_REJECT || reply.state_len == 0 ||
		    round == ROUNDS_MAX - 1) {
			err = show_refusal(l, &reply);
			break;
		}
		memcpy(request->state, reply.state, reply.state_len);
		request->state_len = reply.state_len;
		prompt_of(l, &reply, SPEECH_CODE, text);
		echo = reply.echo;
	}
	secret_free(&answer);
	return err;
}

static enum error
by_password(struct login *l)
{
	struct radius_request request;
	char text[SPEECH_SIZE];

	begin(l, l->dialogue->user, &request);
	speech_text(l->dialogue->language,
	    l->by_badge ? SPEECH_PASSWORD_FOR : SPEECH_PASSWORD, 0, "",
	    l->dialogue->user, text);
	return by_typing(l, &request, text, false);
}

/*
 * Whose is the number on this card? It fills in the name and is worth nothing:
 * what follows is what follows a name that was typed.
 */
static enum error
ask_badge(struct login *l)
{
	struct radius_request request;
	struct radius_reply reply;
	enum error err;

	begin(l, "", &request);
	if (hex_decode(l->seen.badge, strlen(l->seen.badge), request.badge,
		sizeof request.badge, &request.badge_len) != ERR_OK ||
	    !badge_valid(request.badge, request.badge_len))
		return ERR_OK;
	err = exchange(l, &request, &reply);
	if (err != ERR_OK)
		return err;
	if (reply.code != RADIUS_REJECT) {
		log_error("the server answered a number of a card with "
			  "something else than a refusal");
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	l->by_badge = reply.login[0] != '\0';
	_Static_assert(sizeof reply.login == sizeof l->dialogue->user,
	    "one name in the other");
	if (l->by_badge)
		memcpy(l->dialogue->user, reply.login, sizeof reply.login);
	return ERR_OK;
}

/* The challenge to sign. l->result stays RESULT_NONE if all is well. */
static enum error
ask_challenge(struct login *l, const char *name, struct radius_reply *ret_reply)
{
	const struct settings *s = l->settings;
	struct radius_request request;
	enum error err;

	begin(l, name, &request);
	request.can_card = true;
	err = exchange(l, &request, ret_reply);
	if (err != ERR_OK)
		return err;
	if (ret_reply->code == RADIUS_ACCEPT) {
		/* Nothing was proven yet. */
		log_error("the server accepted a request without a proof");
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	if (ret_reply->code == RADIUS_REJECT)
		return show_refusal(l, ret_reply);
	if (!ret_reply->for_card) {
		log_warn("the server takes no cards from this terminal");
		return ERR_OK;
	}
	if (strcmp(ret_reply->client_id, s->client_id) != 0 ||
	    strcmp(ret_reply->purpose, "login") != 0 ||
	    (s->server_id[0] != '\0' &&
		strcmp(ret_reply->server_id, s->server_id) != 0)) {
		log_error("nothing was signed: the challenge is not for this "
			  "terminal",
		    "client", ret_reply->client_id, "own", s->client_id,
		    "purpose", ret_reply->purpose, "server",
		    ret_reply->server_id);
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	}
	return ERR_OK;
}

/*
 * A signature is not always enough: of a key that its card does not guard
 * with a PIN the server takes possession alone, and asks for the password.
 */
static enum error
answer_challenge(struct login *l, const char *name,
    const struct radius_reply *challenge, const struct signature *signature)
{
	struct radius_request request;
	struct radius_reply reply;
	char text[SPEECH_SIZE];
	enum error err;

	begin(l, name, &request);
	request.signature = signature;
	memcpy(request.state, challenge->state, challenge->state_len);
	request.state_len = challenge->state_len;
	err = exchange(l, &request, &reply);
	if (err != ERR_OK)
		return err;
	if (reply.code == RADIUS_ACCEPT) {
		err = take_accept(l, &reply);
	} else if (reply.code == RADIUS_CHALLENGE && reply.state_len > 0) {
		begin(l, name, &request);
		memcpy(request.state, reply.state, reply.state_len);
		request.state_len = reply.state_len;
		prompt_of(l, &reply, SPEECH_PASSWORD, text);
		err = by_typing(l, &request, text, reply.echo);
	} else {
		err = show_refusal(l, &reply);
	}
	l->with_card = l->result == RESULT_ACCEPT;
	hex_encode(signature->key_id, sizeof signature->key_id, l->seen.key_id);
	return err;
}

/* The outcome of a signature that there is not. */
static enum error
explain(struct login *l, const struct card_signed *made)
{
	switch (made->outcome) {
	case CARD_OK:
		return ERR_OK;
	case CARD_PIN_WRONG:
		if (made->tries == 0)
			return tell(l, SPEECH_PIN_BLOCKED, 0);
		return tell(l, SPEECH_PIN_WRONG,
		    made->tries >= TRIES_LOW ? 0 : made->tries);
	case CARD_PIN_BLOCKED:
		return tell(l, SPEECH_PIN_BLOCKED, 0);
	case CARD_NONE:
	case CARD_GONE:
		l->result = RESULT_REFUSED;
		return tell(l, SPEECH_CARD_GONE, 0);
	case CARD_KEYLESS:
		return tell(l, SPEECH_CARD_KEYLESS, 0);
	case CARD_FOREIGN:
		l->result = RESULT_UNAVAILABLE;
		return tell(l, SPEECH_BROKEN, 0);
	case CARD_FAILED:
		return tell(l, SPEECH_CARD_FAILED, 0);
	}
	return ERR_INPUT;
}

/* Tells what the card said, and takes a signature to the server. */
static enum error
take_signed(struct login *l, const char *name,
    const struct radius_reply *challenge, const struct secret *pin,
    const struct card_signed *made)
{
	enum error err;

	if (made->outcome != CARD_OK)
		return explain(l, made);
	err = answer_challenge(l, name, challenge, &made->signature);
	if (err == ERR_OK && l->result == RESULT_ACCEPT && pin != NULL)
		err = renewal_offer(
		    l, l->user, made->signature.key_id, made->last_day, pin);
	return err;
}

/* A key that asks for no PIN: nothing is typed before the server asks. */
static enum error
by_card_alone(struct login *l, const char *name)
{
	struct radius_reply challenge;
	struct card_signed made;
	enum error err;

	l->result = RESULT_NONE;
	err = ask_challenge(l, name, &challenge);
	if (err != ERR_OK || l->result != RESULT_NONE || !challenge.for_card)
		return err;
	card_sign(l->card, &l->seen, NULL, &challenge, &made);
	return take_signed(l, name, &challenge, NULL, &made);
}

/* One PIN. An empty one means: not with the card. */
static enum error
ask_pin(
    struct login *l, const char *name, unsigned tries, struct secret **ret_pin)
{
	bool named = l->dialogue->user[0] != '\0';
	char text[SPEECH_SIZE];
	enum error err = ERR_OK;

	if (tries == 1)
		err = tell(l, SPEECH_PIN_LAST, 0);
	if (err != ERR_OK)
		return err;
	speech_text(l->dialogue->language, named ? SPEECH_PIN : SPEECH_PIN_FOR,
	    0, "", name, text);
	return dialogue_ask(l->dialogue, false, text, ret_pin);
}

static enum error
by_card(struct login *l, const char *name)
{
	struct radius_reply challenge;
	struct card_signed made = {
	    .outcome = CARD_PIN_WRONG, .tries = l->seen.tries};
	struct secret *pin = NULL;
	int64_t asked_at = clock_ms();
	enum error err;
	int i;

	l->result = RESULT_NONE;
	if (l->seen.tries == 0)
		return tell(l, SPEECH_PIN_BLOCKED, 0);
	err = ask_challenge(l, name, &challenge);
	for (i = 0; i < l->settings->pin_tries && err == ERR_OK &&
		    l->result == RESULT_NONE && challenge.for_card;
	     i++) {
		err = ask_pin(l, name, made.tries, &pin);
		if (err == ERR_OK && pin->len == 0)
			break;
		if (err == ERR_INPUT ||
		    (err == ERR_OK &&
			(pin->len < PIN_MIN || pin->len > PIN_MAX))) {
			secret_free(&pin);
			err = tell(l, SPEECH_PIN_SHAPE, 0);
			continue;
		}
		if (err == ERR_OK &&
		    clock_ms() - asked_at > CHALLENGE_FRESH_MS) {
			asked_at = clock_ms();
			err = ask_challenge(l, name, &challenge);
		}
		if (err != ERR_OK || l->result != RESULT_NONE ||
		    !challenge.for_card)
			break;
		card_sign(l->card, &l->seen, pin, &challenge, &made);
		err = take_signed(l, name, &challenge, pin, &made);
		secret_free(&pin);
		if (made.outcome != CARD_PIN_WRONG || made.tries == 0)
			break;
	}
	secret_free(&pin);
	/* Not a word about the password to whom the card let down thrice. */
	if (err == ERR_OK && l->result == RESULT_NONE &&
	    i == l->settings->pin_tries) {
		l->result = RESULT_REFUSED;
		err = tell(l, SPEECH_REFUSED, 0);
	}
	return err;
}

/* Looks for a card; at a shared terminal it waits for one. */
static enum error
look(struct login *l)
{
	int64_t until = clock_ms() + (int64_t)l->settings->wait_card_s * 1000;
	bool whole = l->dialogue->user[0] == '\0';
	enum error err = ERR_OK;

	card_look(l->card, 0, whole, &l->seen);
	if (!whole || l->settings->wait_card_s == 0 ||
	    l->seen.outcome != CARD_NONE)
		return ERR_OK;
	err = dialogue_tell(l->dialogue, false, SPEECH_INSERT, 0, "");
	while (err == ERR_OK && l->seen.outcome == CARD_NONE &&
	       clock_ms() < until) {
		int64_t left = until - clock_ms();

		card_look(l->card,
		    left < WAIT_SLICE_MS ? (int)left : WAIT_SLICE_MS, true,
		    &l->seen);
		err = dialogue_alive(l->dialogue);
	}
	return err;
}

enum error
login_run(struct login *login)
{
	const char *name;
	enum error err = ERR_OK;

	login->result = RESULT_NONE;
	login->seen.outcome = CARD_NONE;
	if (login->card != NULL)
		err = look(login);
	if (err != ERR_OK)
		return err;
	if (login->seen.outcome == CARD_KEYLESS &&
	    login->seen.badge[0] != '\0' && login->dialogue->user[0] == '\0')
		err = ask_badge(login);
	if (err != ERR_OK || login->result != RESULT_NONE)
		return err;
	/* An error and no information: some display managers show the next
	 * question in that one's place. */
	if (login->seen.outcome == CARD_KEYLESS && !login->by_badge)
		err = tell(login, SPEECH_CARD_KEYLESS, 0);
	else if (login->seen.outcome == CARD_FAILED)
		err = tell(login, SPEECH_CARD_FAILED, 0);
	if (err != ERR_OK)
		return err;
	/* A card that no name can be read from needs one to be typed. */
	if (login->dialogue->user[0] == '\0' &&
	    (login->seen.outcome != CARD_OK || login->seen.login[0] == '\0'))
		err = dialogue_ask_user(login->dialogue);
	if (err != ERR_OK)
		return err;
	name = login->dialogue->user[0] != '\0' ? login->dialogue->user
						: login->seen.login;
	if (login->seen.outcome == CARD_OK)
		err = login->settings->card_pin ? by_card(login, name)
						: by_card_alone(login, name);
	if (err != ERR_OK || login->result != RESULT_NONE)
		return err;
	if (login->dialogue->user[0] == '\0')
		err = dialogue_ask_user(login->dialogue);
	if (err == ERR_OK && login->dialogue->user[0] == '\0')
		err = ERR_DENIED;
	if (err == ERR_OK)
		err = by_password(login);
	return err;
}
