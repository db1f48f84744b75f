/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/card.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/spawn.h"
#include "common/base/log.h"

enum {
	SEND_MS = 2000,
	DAYS_MAX = 999999,
	EVENTS_MAX = 65535,
	/*
	 * The helper ends a module itself, and then takes at most twice its
	 * CLEAN_MS to have the card let go, before this.
	 */
	GRACE_MS = 8000,
	SLOW_MS = 3000, /* longer than this nobody should look at nothing */
};

enum error
card_open(const struct settings *settings, const char *conf, const char *user,
    struct card *ret_card)
{
	static char path_env[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
	static char name[] = "sekisho-card-helper", option[] = "-c";
	char path[300], opensc[300], pcsc[160], file[300];
	char *argv[] = {name, option, file, NULL};
	char *env[] = {path_env, lang, opensc, pcsc, NULL};
	struct helper helper = {.path = path, .argv = argv, .env = env};
	enum error err;

	(void)snprintf(
	    path, sizeof path, "%s/sekisho-card-helper", settings->helpers);
	(void)snprintf(
	    file, sizeof file, "%s", conf != NULL ? conf : SETTINGS_FILE);
	(void)snprintf(
	    opensc, sizeof opensc, "OPENSC_CONF=%s", settings->opensc_conf);
	(void)snprintf(
	    pcsc, sizeof pcsc, "PCSCLITE_CSOCK_NAME=%s", settings->pcsc_socket);
	if (settings->pcsc_socket[0] == '\0')
		env[3] = NULL;
	if (settings->opensc_conf[0] == '\0') {
		env[2] = env[3];
		env[3] = NULL;
	}
	*ret_card = (struct card){.settings = settings, .fd = -1};
	if (user != NULL) {
		helper.change = true;
		err = settings_user(user, &helper.uid, &helper.gid);
		if (err != ERR_OK)
			return err;
	}
	return spawn_child(&helper, &ret_card->pid, &ret_card->fd);
}

/* The answer is awaited wait_ms, and then as long as a card may take. */
static enum error
ask(struct card *card, struct frame *frame, enum frame_kind expected,
    int wait_ms)
{
	int more = card->settings->card_timeout_ms + GRACE_MS - SLOW_MS;
	enum error err;

	err = frame_send(card->fd, frame, SEND_MS);
	if (err == ERR_OK)
		err = frame_receive(card->fd, wait_ms + SLOW_MS, frame);
	if (err == ERR_TIMEOUT) {
		if (card->slow != NULL)
			card->slow(card->whom);
		err = frame_receive(card->fd, more, frame);
	}
	if (err == ERR_OK && frame->kind != expected)
		err = ERR_INPUT;
	if (err != ERR_OK)
		log_error("the card helper does not answer as it should", "why",
		    error_text(err));
	return err;
}

/* What the helper found out, for the log. */
static void
log_why(const struct frame *frame, unsigned outcome, const char *reader)
{
	char why[256];

	if (frame_text(frame, 5, why, sizeof why) != ERR_OK || why[0] == '\0')
		return;
	if (outcome == CARD_PIN_WRONG || outcome == CARD_PIN_BLOCKED)
		log_info(
		    "the card refused a PIN", "reader", reader, "why", why);
	else
		log_warn("the card did not do its part", "reader", reader,
		    "why", why);
}

void
card_look(
    struct card *card, int wait_ms, bool whole, struct card_seen *ret_seen)
{
	struct card_seen seen = {.outcome = CARD_FAILED};
	struct frame frame;
	unsigned outcome;

	*ret_seen = seen;
	frame_begin(&frame, FRAME_LOOK);
	frame_put_text(&frame, log_num(wait_ms));
	frame_put_text(&frame, whole ? "1" : "0");
	if (ask(card, &frame, FRAME_CARD, wait_ms) != ERR_OK)
		return;
	if (frame_number(&frame, 0, CARD_OUTCOME_MAX, &outcome) != ERR_OK ||
	    frame_text(&frame, 1, seen.reader, sizeof seen.reader) != ERR_OK ||
	    frame_text(&frame, 2, seen.login, sizeof seen.login) != ERR_OK ||
	    frame_number(&frame, 3, TRIES_UNKNOWN, &seen.tries) != ERR_OK ||
	    frame_text(&frame, 4, seen.key_id, sizeof seen.key_id) != ERR_OK ||
	    frame_text(&frame, 6, seen.badge, sizeof seen.badge) != ERR_OK ||
	    frame_number(&frame, 7, EVENTS_MAX, &seen.events) != ERR_OK) {
		log_error("the card helper's answer cannot be read");
		return;
	}
	seen.outcome = (enum card_outcome)outcome;
	*ret_seen = seen;
	log_why(&frame, outcome, seen.reader);
}

void
card_sign(struct card *card, const struct card_seen *seen,
    const struct secret *pin, const struct radius_reply *challenge,
    struct card_signed *ret_signed)
{
	struct signature *s = &ret_signed->signature;
	struct frame frame;
	unsigned outcome;

	memset(ret_signed, 0, sizeof *ret_signed);
	ret_signed->outcome = CARD_FAILED;
	ret_signed->tries = TRIES_UNKNOWN;
	frame_begin(&frame, FRAME_SIGN);
	frame_put_text(&frame, seen->reader);
	if (pin != NULL)
		frame_put(&frame, pin->bytes, pin->len);
	else
		frame_put_text(&frame, "");
	frame_put_text(&frame, challenge->server_id);
	frame_put_text(&frame, challenge->client_id);
	frame_put_text(&frame, challenge->purpose);
	frame_put_text(&frame, challenge->login);
	frame_put(&frame, challenge->challenge, sizeof challenge->challenge);
	frame_put_text(&frame, seen->key_id);
	frame_put_text(&frame, log_num(seen->events));
	if (ask(card, &frame, FRAME_SIGNED, 0) != ERR_OK)
		return;
	if (frame_number(&frame, 0, CARD_OUTCOME_MAX, &outcome) != ERR_OK ||
	    frame_number(&frame, 1, TRIES_UNKNOWN, &ret_signed->tries) !=
		ERR_OK)
		return;
	if (frame_number(&frame, 6, DAYS_MAX, &ret_signed->last_day) != ERR_OK)
		ret_signed->last_day = 0;
	log_why(&frame, outcome, seen->reader);
	if (outcome == CARD_OK) {
		if (frame.n < 5 || frame.field[2].len != sizeof s->key_id ||
		    frame_text(&frame, 3, s->scheme, sizeof s->scheme) !=
			ERR_OK ||
		    frame.field[4].len == 0 ||
		    frame.field[4].len > sizeof s->bytes)
			return;
		memcpy(s->key_id, frame.field[2].bytes, sizeof s->key_id);
		memcpy(s->bytes, frame.field[4].bytes, frame.field[4].len);
		s->len = frame.field[4].len;
	}
	ret_signed->outcome = (enum card_outcome)outcome;
}

/* Of PROVEN and WRITTEN. */
static enum error
ask_renewal(struct card *card, struct frame *frame, enum frame_kind expected,
    size_t why_at)
{
	unsigned outcome = CARD_FAILED;
	char why[256];

	if (ask(card, frame, expected, 0) != ERR_OK ||
	    frame_number(frame, 0, CARD_OUTCOME_MAX, &outcome) != ERR_OK ||
	    frame_text(frame, why_at, why, sizeof why) != ERR_OK)
		return ERR_DENIED;
	if (outcome == CARD_OK)
		return ERR_OK;
	log_warn("the card was not renewed", "why", why);
	return ERR_DENIED;
}

enum error
card_prove(struct card *card, const char *reader, const struct secret *pin,
    const struct radius_reply *challenge, struct renewal_request *renewal)
{
	struct frame frame;
	enum error err;

	frame_begin(&frame, FRAME_PROVE);
	frame_put_text(&frame, reader);
	frame_put(&frame, pin->bytes, pin->len);
	frame_put_text(&frame, challenge->server_id);
	frame_put_text(&frame, challenge->client_id);
	frame_put_text(&frame, challenge->login);
	frame_put(&frame, challenge->challenge, sizeof challenge->challenge);
	frame_put(&frame, renewal->public_key, sizeof renewal->public_key);
	frame_put(&frame, renewal->key_id, sizeof renewal->key_id);
	err = ask_renewal(card, &frame, FRAME_PROVEN, 2);
	if (err != ERR_OK)
		return err;
	if (frame.n < 2 || frame.field[1].len == 0 ||
	    frame.field[1].len > sizeof renewal->proof)
		return ERR_DENIED;
	memcpy(renewal->proof, frame.field[1].bytes, frame.field[1].len);
	renewal->proof_len = frame.field[1].len;
	return ERR_OK;
}

enum error
card_write(struct card *card, const char *reader,
    const struct secret *management, const struct renewal *renewal)
{
	struct frame frame;
	size_t i;

	frame_begin(&frame, FRAME_WRITE);
	frame_put_text(&frame, reader);
	frame_put(&frame, management->bytes, management->len);
	for (i = 0; i < renewal->n; i++) {
		frame_put(&frame, &renewal->certificate[i].slot, 1);
		frame_put(&frame, renewal->certificate[i].der,
		    renewal->certificate[i].len);
	}
	return ask_renewal(card, &frame, FRAME_WRITTEN, 1);
}

void
card_close(struct card *card)
{
	spawn_end(&card->pid, &card->fd);
}
