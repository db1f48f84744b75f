/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/login.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/terminal/login_fido2.h"
#include "cardtools/terminal/renewal.h"
#include "cardtools/terminal/rounds.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"

enum {
	PIN_MIN = 4,
	PIN_MAX = 16,
	WAIT_SLICE_MS = 10000,
	CHALLENGE_FRESH_MS = 60000, /* a State lives 120 s */
};

static enum error
tell(struct login *l, enum speech what, unsigned number)
{
	return dialogue_tell(l->dialogue, true, what, number, "");
}

static enum error
by_password(struct login *l)
{
	struct radius_request request;
	char text[SPEECH_SIZE];

	rounds_begin(l, l->dialogue->user, &request);
	request.can_fido2 = l->fido2 != NULL;
	speech_text(l->dialogue->language,
	    l->by_badge ? SPEECH_PASSWORD_FOR : SPEECH_PASSWORD, 0, "",
	    l->dialogue->user, text);
	return rounds_type(l, &request, text, false);
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

	rounds_begin(l, "", &request);
	if (hex_decode(l->seen.badge, strlen(l->seen.badge), request.badge,
		sizeof request.badge, &request.badge_len) != ERR_OK ||
	    !badge_valid(request.badge, request.badge_len))
		return ERR_OK;
	err = rounds_exchange(l, &request, &reply);
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
	err = rounds_answer(l, name, challenge, &made->signature);
	l->with_card = l->result == RESULT_ACCEPT;
	hex_encode(made->signature.key_id, sizeof made->signature.key_id,
	    l->seen.key_id);
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
	err = rounds_challenge(l, name, &challenge);
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
	err = rounds_challenge(l, name, &challenge);
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
			err = rounds_challenge(l, name, &challenge);
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
	if (err == ERR_OK && login->fido2 != NULL)
		err = login_fido2(login, login->dialogue->user);
	if (err == ERR_OK && login->result == RESULT_NONE)
		err = by_password(login);
	return err;
}
