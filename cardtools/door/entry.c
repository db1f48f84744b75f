/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/entry.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "cardtools/door/command.h"
#include "cardtools/door/doorcard.h"
#include "cardtools/door/offline.h"
#include "cardtools/door/slot.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/wire/entry.h"

enum { AGAIN_MS = 1000 };

enum verdict { OPENS, REFUSED, NOBODY };

struct times {
	int64_t card, server;
};

static struct radius_request
request_of(const struct reader *r)
{
	return (struct radius_request){.user = r->names->to,
	    .called_station = r->names->to,
	    .call_check = true,
	    .nas_identifier = r->conf->radius.nas_identifier,
	    .calling_station = "",
	    .purpose = ENTRY_PURPOSE};
}

/*
 * ERR_OK: a challenge for this reader, by a server that knows us as we do. A
 * server that means another client, reader or purpose gets no signature.
 */
static enum error
ask_challenge(struct reader *r, struct radius_reply *ret_challenge)
{
	const struct settings *s = &r->conf->radius;
	struct radius_request request = request_of(r);
	const char *why = NULL;
	enum error err;

	request.can_card = true;
	err = radius_exchange(&r->radius, &request, ret_challenge);
	if (err != ERR_OK)
		return err;
	if (ret_challenge->code == RADIUS_REJECT) {
		log_error("the server does not know this reader", "reader",
		    r->names->to, "says",
		    ret_challenge->text_len > 0 ? ret_challenge->text : NULL);
		offline_forget(r);
		return ERR_DENIED;
	}
	if (ret_challenge->code != RADIUS_CHALLENGE || !ret_challenge->for_card)
		why = "it is no challenge for a card";
	else if (strcmp(ret_challenge->purpose, ENTRY_PURPOSE) != 0)
		why = "its purpose is not an entry";
	else if (strcmp(ret_challenge->client_id, s->client_id) != 0)
		why = "it is for another client";
	else if (s->server_id[0] != '\0' &&
		 strcmp(ret_challenge->server_id, s->server_id) != 0)
		why = "it is of another server";
	else if (strcmp(ret_challenge->login, r->names->to) != 0)
		why = "it is for another reader";
	if (why == NULL)
		return ERR_OK;
	log_error("a challenge is not signed", "reader", r->names->to, "why",
	    why, "client", ret_challenge->client_id, "server",
	    ret_challenge->server_id);
	return ERR_DENIED;
}

static enum error
ask_entry(struct reader *r, const struct radius_reply *challenge,
    const struct signature *signature, struct radius_reply *ret_answer)
{
	struct radius_request request = request_of(r);

	request.signature = signature;
	request.state_len = challenge->state_len;
	memcpy(request.state, challenge->state, challenge->state_len);
	return radius_exchange(&r->radius, &request, ret_answer);
}

/* The challenge goes back: the server hears of us, and nobody opened. */
static void
beat(struct reader *r)
{
	static struct radius_reply challenge, answer;

	/* readers of one door need not beat at once */
	r->beat_at = clock_ms() + (int64_t)r->conf->heartbeat_s * 1000;
	if (ask_challenge(r, &challenge) == ERR_OK &&
	    ask_entry(r, &challenge, NULL, &answer) == ERR_OK) {
		log_debug("heartbeat", "reader", r->names->to);
	} else {
		log_warn("the server does not hear this reader", "reader",
		    r->names->to);
		return;
	}
	history_tell(&r->history, &r->radius, r->conf->radius.nas_identifier,
	    r->names->to);
	offline_refresh(r);
}

static enum verdict
card_is_no_good(const struct reader *r, enum error err, const char *why)
{
	if (err == ERR_CLOSED)
		log_info("the card was taken away", "reader", r->names->to);
	else
		log_warn("a card cannot be used", "reader", r->names->to, "why",
		    why);
	return err == ERR_CLOSED ? NOBODY : REFUSED;
}

/* No server answers: as configured. */
static enum verdict
judge_alone(struct reader *r, struct doorcard *card, struct times *spent,
    enum error why)
{
	int64_t from = clock_ms();
	enum error err = offline_judge(r, card);

	spent->card += clock_ms() - from;
	if (err == ERR_OK) {
		char key[2 * ENTRY_KEY + 1];

		/* The history is in memory: this line may be all there is. */
		hex_encode(card->key_id, sizeof card->key_id, key);
		log_warn("no server: let in by the list", "reader",
		    r->names->to, "key", key);
		return OPENS;
	}
	if (err != ERR_DENIED)
		return card_is_no_good(r, err, card->why);
	log_error("no server: the door stays shut", "reader", r->names->to,
	    "why", error_text(why), "card", card->why);
	return REFUSED;
}

static enum verdict
judge(struct reader *r, struct doorcard *card, struct times *spent)
{
	static struct radius_reply challenge,
	    answer; /* too large for a stack */
	const struct signed_fields fields = {.purpose = ENTRY_PURPOSE,
	    .server_id = challenge.server_id,
	    .client_id = r->conf->radius.client_id,
	    .login = r->names->to,
	    .challenge = challenge.challenge};
	struct signature signature = {.len = 0};
	int64_t from = clock_ms();
	enum error err;

	err = ask_challenge(r, &challenge);
	spent->server += clock_ms() - from;
	if (err != ERR_OK)
		return err == ERR_DENIED ? REFUSED
					 : judge_alone(r, card, spent, err);
	from = clock_ms();
	err = doorcard_sign(card, &fields, &signature);
	spent->card += clock_ms() - from;
	if (err != ERR_OK)
		return card_is_no_good(r, err, card->why);
	from = clock_ms();
	err = ask_entry(r, &challenge, &signature, &answer);
	spent->server += clock_ms() - from;
	if (err != ERR_OK)
		return judge_alone(r, card, spent, err);
	/* The list may have a card that the server refuses by now. */
	if (answer.code == RADIUS_REJECT)
		r->list_at = 0;
	return answer.code == RADIUS_ACCEPT ? OPENS : REFUSED;
}

static void
run(const struct reader *r, const struct conf_list *command, const char *what)
{
	enum error err;
	int status;

	if (command->n == 0)
		return;
	err = command_run(
	    command, r->names->to, r->conf->open_timeout_ms, &status);
	if (err == ERR_OK)
		return;
	/* What the server has recorded stands: the person was let in. */
	log_error("a command failed", "command", what, "reader", r->names->to,
	    "why",
	    err == ERR_TIMEOUT	  ? "it took too long and was killed"
	    : status == -1	  ? "it could not be started"
	    : WIFSIGNALED(status) ? "it was killed by a signal"
				  : "it ended with an exit code",
	    "code",
	    status != -1 && WIFEXITED(status) ? log_num(WEXITSTATUS(status))
					      : NULL);
}

static void
serve_card(struct reader *r, const char *pcsc_reader)
{
	int64_t from = clock_ms();
	struct times spent = {0, 0};
	enum verdict verdict;
	struct doorcard card;
	enum error err;

	err = doorcard_open(pcsc_reader, &card);
	spent.card = clock_ms() - from;
	verdict = err == ERR_OK ? judge(r, &card, &spent)
				: card_is_no_good(r, err, card.why);
	if (verdict != NOBODY)
		log_info(verdict == OPENS ? "opens" : "stays shut", "reader",
		    r->names->to, "card_ms", log_num(spent.card), "server_ms",
		    log_num(spent.server), "all_ms",
		    log_num(clock_ms() - from));
	/* the door does not wait for the card's reset */
	if (verdict == OPENS)
		run(r, &r->conf->open, "open");
	else if (verdict == REFUSED)
		run(r, &r->conf->refused, "refused");
	doorcard_close(&card);
	/* Due only after a refusal, or where a heartbeat is late. */
	if (verdict == REFUSED)
		offline_refresh(r);
}

/* What is wrong with the reader, once. */
static void
complain(const struct reader *r, enum error now, enum error *before)
{
	if (now != *before && now == ERR_CLOSED)
		log_error("pcscd cannot be reached", "reader", r->names->to);
	else if (now != *before && now == ERR_NOTFOUND)
		log_error("there is no such reader, or several", "reader",
		    r->names->to, "called", r->names->from);
	else if (*before != ERR_OK && now == ERR_OK)
		log_info("the reader is there", "reader", r->names->to);
	*before = now;
}

void
reader_serve(struct reader *r)
{
	enum error before = ERR_TIMEOUT, err; /* nothing is known */
	char name[SLOT_NAME];
	bool served = false; /* the card that is there */

	for (;;) {
		/* who sees no card has nothing to be heard for */
		if (clock_ms() >= r->beat_at && before == ERR_OK)
			beat(r);
		err = slot_wait(r->names->from, !served, r->beat_at, name);
		complain(r, err == ERR_TIMEOUT ? ERR_OK : err, &before);
		if (err == ERR_OK && served) {
			served = false;
		} else if (err == ERR_OK) {
			serve_card(r, name);
			served = true;
		} else if (err != ERR_TIMEOUT) {
			(void)poll(NULL, 0, AGAIN_MS);
		}
	}
}
