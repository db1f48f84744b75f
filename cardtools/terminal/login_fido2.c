/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/login_fido2.h"

#include "cardtools/terminal/rounds.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	PIN_MIN = 4, /* CTAP 2.1, 6.5.1: code points, and octets */
	PIN_MAX = 63,
	CHALLENGE_FRESH_MS = 60000, /* a State lives 120 s */
};

/* A login with a key, from what the server has asked of it. */
struct attempt {
	struct login *l;
	const char *name;
	struct radius_reply challenge;
	int64_t asked_at;
	bool first;  /* the login begins with it; else a password was before */
	bool verify; /* the key verifies its user */
	struct keys_seen seen;
};

static enum error
tell(struct login *l, bool is_error, enum speech what, unsigned number)
{
	return dialogue_tell(l->dialogue, is_error, what, number, "");
}

/*
 * The outcome of an assertion that there is not. Where the result stays open
 * something else than a key is asked for next.
 */
static enum error
explain(struct login *l, enum key_outcome outcome, unsigned tries)
{
	switch (outcome) {
	case KEY_OK:
		return ERR_OK;
	case KEY_PIN_WRONG:
		if (tries == 0)
			return tell(l, true, SPEECH_KEY_PIN_BLOCKED, 0);
		return tell(l, true, SPEECH_KEY_PIN_WRONG,
		    tries == KEY_TRIES_UNKNOWN ? 0 : tries);
	case KEY_PIN_PULL:
		l->result = RESULT_REFUSED;
		return tell(l, true, SPEECH_KEY_PIN_PULL, 0);
	case KEY_PIN_BLOCKED:
		return tell(l, true, SPEECH_KEY_PIN_BLOCKED, 0);
	case KEY_FINGER_WRONG:
		return tell(l, true, SPEECH_KEY_FINGER_WRONG,
		    tries == KEY_TRIES_UNKNOWN ? 0 : tries);
	case KEY_FINGER_BLOCKED:
		return tell(l, true, SPEECH_KEY_FINGER_BLOCKED, 0);
	case KEY_NONE:
	case KEY_GONE:
		l->result = RESULT_REFUSED;
		return tell(l, true, SPEECH_KEY_GONE, 0);
	case KEY_UNTOUCHED:
		return tell(l, true, SPEECH_KEY_UNTOUCHED, 0);
	case KEY_FOREIGN:
		return tell(l, true, SPEECH_KEY_FOREIGN, 0);
	case KEY_OTHER_CLIENT:
		l->result = RESULT_UNAVAILABLE;
		return tell(l, true, SPEECH_BROKEN, 0);
	case KEY_FAILED:
		return tell(l, true, SPEECH_KEY_FAILED, 0);
	}
	return ERR_INPUT;
}

/* Whoever looks for a PIN or a finger may need longer than a State lives. */
static enum error
refresh(struct attempt *a)
{
	if (!a->first || clock_ms() - a->asked_at <= CHALLENGE_FRESH_MS)
		return ERR_OK;
	a->asked_at = clock_ms();
	return rounds_challenge(a->l, a->name, &a->challenge);
}

/* One touch; what was signed goes to the server. */
static enum error
touch(struct attempt *a, const struct secret *pin, struct key_signed *ret)
{
	struct login *l = a->l;
	bool finger = false;
	enum error err;
	size_t i;

	for (i = 0; i < a->seen.n; i++)
		finger = finger || (a->verify && a->seen.key[i].verifies ==
						     KEY_BY_ITSELF);
	ret->outcome = KEY_FAILED;
	err = refresh(a);
	if (err != ERR_OK || l->result != RESULT_NONE ||
	    !a->challenge.for_fido2)
		return err;
	err = tell(l, false, finger ? SPEECH_KEY_FINGER : SPEECH_KEY_TOUCH, 0);
	if (err == ERR_OK)
		err = dialogue_alive(l->dialogue);
	if (err != ERR_OK)
		return err;
	fido2_assert(l->fido2, &a->seen, a->verify, pin, &a->challenge, ret);
	if (ret->outcome != KEY_OK)
		return explain(l, ret->outcome, ret->tries);
	return rounds_answer(l, a->name, &a->challenge, &ret->signature);
}

/* One PIN. An empty one means: not with the key. */
static enum error
ask_pin(struct login *l, unsigned tries, struct secret **ret_pin)
{
	char text[SPEECH_SIZE];
	enum error err = ERR_OK;

	if (tries == 1)
		err = tell(l, true, SPEECH_KEY_PIN_LAST, 0);
	if (err != ERR_OK)
		return err;
	speech_text(l->dialogue->language, SPEECH_KEY_PIN, 0, "", "", text);
	return dialogue_ask(l->dialogue, false, text, ret_pin);
}

/* Code points of it: what is no start of one does not count. */
static size_t
characters(const struct secret *pin)
{
	size_t i, n = 0;

	for (i = 0; i < pin->len; i++)
		n += (pin->bytes[i] & 0xc0) != 0x80;
	return n;
}

/* Not a word about the password to whom the key let down that often. */
static enum error
give_up(struct login *l)
{
	l->result = RESULT_REFUSED;
	return tell(l, true, SPEECH_REFUSED, 0);
}

static enum error
by_pin(struct attempt *a)
{
	struct login *l = a->l;
	struct key_signed made = {
	    .outcome = KEY_PIN_WRONG, .tries = a->seen.key[0].tries};
	struct secret *pin = NULL;
	enum error err = ERR_OK;
	int i;

	if (made.tries == 0)
		return explain(l, KEY_PIN_BLOCKED, 0);
	for (i = 0; i < l->settings->pin_tries && err == ERR_OK; i++) {
		err = ask_pin(l, made.tries, &pin);
		if (err == ERR_OK && pin->len == 0) {
			secret_free(&pin);
			return ERR_OK;
		}
		if (err == ERR_INPUT ||
		    (err == ERR_OK &&
			(characters(pin) < PIN_MIN || pin->len > PIN_MAX))) {
			secret_free(&pin);
			err = tell(l, true, SPEECH_KEY_PIN_SHAPE, 0);
			continue;
		}
		if (err == ERR_OK)
			err = touch(a, pin, &made);
		secret_free(&pin);
		if (made.outcome != KEY_PIN_WRONG || made.tries == 0)
			return err;
	}
	return err == ERR_OK && l->result == RESULT_NONE ? give_up(l) : err;
}

/* Touches and fingers. A finger may be laid on wrongly, and then again. */
static enum error
by_touch(struct attempt *a)
{
	struct login *l = a->l;
	struct key_signed made = {.outcome = KEY_FINGER_WRONG};
	enum error err = ERR_OK;
	int i;

	for (i = 0; i < l->settings->pin_tries && err == ERR_OK &&
		    made.outcome == KEY_FINGER_WRONG;
	     i++)
		err = touch(a, NULL, &made);
	if (err != ERR_OK || l->result != RESULT_NONE)
		return err;
	if (made.outcome == KEY_FINGER_WRONG)
		return give_up(l);
	if (made.outcome != KEY_FINGER_BLOCKED)
		return ERR_OK;
	/* It asks for its PIN then, which it says itself. */
	fido2_look(l->fido2, &a->challenge, &a->seen);
	if (a->seen.outcome == KEY_OK && a->seen.n == 1 &&
	    a->seen.key[0].verifies == KEY_BY_PIN)
		return by_pin(a);
	return ERR_OK;
}

static bool
wants_pin(const struct attempt *a)
{
	size_t i;

	for (i = 0; i < a->seen.n; i++) {
		if (a->verify && a->seen.key[i].verifies == KEY_BY_PIN)
			return true;
	}
	return false;
}

/* A key that cannot do what the server demands is of no use. */
static void
drop_useless(struct attempt *a)
{
	size_t i, n = 0;

	for (i = 0; i < a->seen.n; i++) {
		if (a->challenge.verify_user &&
		    a->seen.key[i].verifies == KEY_NOBODY)
			continue;
		if (n != i)
			a->seen.key[n] = a->seen.key[i];
		n++;
	}
	a->seen.n = n;
}

/* With the keys that were seen, one at least. */
static enum error
by_key(struct attempt *a)
{
	struct login *l = a->l;
	enum key_outcome outcome;
	enum error err;

	l->by_fido2 = true;
	drop_useless(a);
	if (a->seen.n == 0)
		return tell(l, true, SPEECH_KEY_PINLESS, 0);
	if (!wants_pin(a))
		return by_touch(a);
	/* Whose PIN, if there are several? That of the one that is touched. */
	if (a->seen.n > 1) {
		err = tell(l, false, SPEECH_KEY_CHOOSE, 0);
		if (err == ERR_OK)
			err = dialogue_alive(l->dialogue);
		if (err != ERR_OK)
			return err;
		outcome = fido2_choose(l->fido2, &a->seen);
		if (outcome != KEY_OK)
			return explain(l, outcome, 0);
	}
	return wants_pin(a) ? by_pin(a) : by_touch(a);
}

enum error
login_fido2(struct login *login, const char *name)
{
	struct attempt a = {.l = login,
	    .name = name,
	    .first = true,
	    .verify = true,
	    .asked_at = clock_ms()};
	enum error err;

	login->result = RESULT_NONE;
	/* Nobody is made to wait for a server on account of no key at all. */
	if (fido2_plugged(login->fido2) == 0)
		return ERR_OK;
	err = rounds_challenge(login, name, &a.challenge);
	if (err != ERR_OK || login->result != RESULT_NONE ||
	    !a.challenge.for_fido2)
		return err;
	fido2_look(login->fido2, &a.challenge, &a.seen);
	switch (a.seen.outcome) {
	case KEY_OK:
		return by_key(&a);
	case KEY_NONE:
	case KEY_GONE: /* pulled out before it was wanted: no key, then */
		return ERR_OK;
	case KEY_FOREIGN:
	case KEY_PIN_WRONG:
	case KEY_PIN_PULL:
	case KEY_PIN_BLOCKED:
	case KEY_FINGER_WRONG:
	case KEY_FINGER_BLOCKED:
	case KEY_UNTOUCHED:
	case KEY_OTHER_CLIENT:
	case KEY_FAILED:
		return explain(login, a.seen.outcome, 0);
	}
	return ERR_INPUT;
}

enum error
login_fido2_instead(
    struct login *login, const char *name, const struct radius_reply *challenge)
{
	struct attempt a = {.l = login, .name = name, .challenge = *challenge};

	/* A password and a touch are two factors: a PIN only on demand. */
	a.verify = challenge->verify_user;
	if (login->fido2 == NULL || login->by_fido2 ||
	    !rounds_is_ours(login, challenge) ||
	    fido2_plugged(login->fido2) == 0)
		return ERR_OK;
	fido2_look(login->fido2, &a.challenge, &a.seen);
	/* Not a word about keys that are not this person's. */
	return a.seen.outcome == KEY_OK ? by_key(&a) : ERR_OK;
}
