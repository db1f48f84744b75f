/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/change.h"

#include <sodium.h>
#include <string.h>

#include "authd/answer.h"
#include "authd/evaluate.h"
#include "authd/factor_password.h"
#include "authd/recording.h"
#include "authd/store_change.h"
#include "authd/text.h"
#include "common/base/log.h"

bool
change_wanted(const Sekisho__AuthRequest *r)
{
	return r->purpose.len == strlen(CHANGE_PURPOSE) &&
	       sodium_memcmp(r->purpose.data, CHANGE_PURPOSE, r->purpose.len) ==
		   0;
}

enum error
change_take(struct attempt *a)
{
	const struct store_box *box = &a->view.carried;

	a->changing = false;
	memset(&a->carried, 0, sizeof a->carried);
	if (box->len == 0)
		return ERR_OK;
	/* Sealed by a key of before, or brought here from elsewhere. */
	if (carried_open(&a->w->mask, a->request->state.data,
		a->request->state.len, box->bytes, box->len,
		&a->carried) != ERR_OK) {
		a->view.state_found = false;
		return ERR_OK;
	}
	a->changing = a->carried.stage != CARRIED_WAITS;
	return ERR_OK;
}

/* Why the password can only be changed; CHANGE_NONE: it can be used. */
static int
reason_to_change(const struct attempt *a)
{
	size_t i;

	for (i = 0; i < a->n_evidence; i++) {
		if (a->evidence[i].method == METHOD_PASSWORD &&
		    a->evidence[i].change < 0)
			return a->evidence[i].change;
	}
	return change_wanted(a->request) && !a->certificate ? CHANGE_WANTED
							    : CHANGE_NONE;
}

static void
keep_old(struct attempt *a)
{
	if (!a->typed)
		return;
	memcpy(a->carried.old, a->credential, a->password_len);
	a->carried.old_len = (uint8_t)a->password_len;
}

void
change_look(struct attempt *a)
{
	const int change = reason_to_change(a);

	a->carries = false;
	if (change == CHANGE_NONE || a->hidden_failure ||
	    a->decision.verdict == VERDICT_REFUSE)
		return;
	keep_old(a);
	a->carries = true;
	a->carried.change = (int8_t)change;
	a->carried.stage = CARRIED_WAITS;
	if (a->decision.verdict == VERDICT_ASK)
		return;
	/* Where nothing can be asked, nothing can be changed. */
	if (a->view.codes == CODES_APPEND) {
		a->carries = false;
		a->reason = REASON_MUST_CHANGE;
		a->decision.verdict = VERDICT_REFUSE;
		return;
	}
	a->carried.stage = CARRIED_NEW;
	a->reason = REASON_CHANGE_ASKED;
	a->decision.verdict = VERDICT_ASK;
}

bool
change_asks(const struct attempt *a)
{
	return a->carries && a->carried.stage != CARRIED_WAITS;
}

enum error
change_ask(struct attempt *a, enum change_fault fault, const char *state,
    Sekisho__AuthReply *reply)
{
	struct store_ground ground;
	char text[TEXT_SIZE];
	enum error err;

	err = store_ground(a->w->db, a->view.person_id,
	    a->w->config->database_timeout_ms, a->w->arena, &ground);
	if (err != ERR_OK)
		return err;
	change_text(answer_language(a), a->carried.stage, a->carried.change,
	    fault, ground.min_chars, text, sizeof text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->state = arena_strndup(a->w->arena, state, strlen(state));
	reply->prompt_echo = false;
	log_info("a new password is asked for", "login", a->login, "client",
	    a->view.client_name);
	return reply->text == NULL || reply->state == NULL ? ERR_NOMEM : ERR_OK;
}

static enum change_fault
fault_of(enum guess_fault fault)
{
	static const enum change_fault faults[GUESS_FAULTS] = {
	    [GUESS_GOOD] = CHANGE_FAULT_NONE,
	    [GUESS_LOGIN] = CHANGE_FAULT_LOGIN,
	    [GUESS_NAME] = CHANGE_FAULT_NAME,
	    [GUESS_BIRTH] = CHANGE_FAULT_BIRTH,
	    [GUESS_NUMBER] = CHANGE_FAULT_NUMBER,
	    [GUESS_WORDS] = CHANGE_FAULT_WORDS,
	    [GUESS_SIMILAR] = CHANGE_FAULT_SIMILAR,
	    [GUESS_USED] = CHANGE_FAULT_USED,
	};

	return faults[fault];
}

/* What the rule of the group asks for (rules/password.h). */
static enum change_fault
judge_form(const struct attempt *a, unsigned min_chars)
{
	switch (password_check(
	    a->credential, a->credential_len, a->login, min_chars)) {
	case PASSWORD_GOOD:
		return CHANGE_FAULT_NONE;
	case PASSWORD_SHORT:
		return CHANGE_FAULT_SHORT;
	case PASSWORD_NOT_MIXED:
		return CHANGE_FAULT_NOT_MIXED;
	case PASSWORD_HAS_NAME:
		return CHANGE_FAULT_LOGIN;
	}
	return CHANGE_FAULT_SHORT;
}

/* Cheapest first: hashes, of which there are as many as passwords before. */
static enum error
judge(struct attempt *a, struct store_ground *g, enum change_fault *ret_fault)
{
	enum guess_fault guess = GUESS_GOOD;
	enum error err;
	bool same;
	size_t i;

	*ret_fault = judge_form(a, g->min_chars);
	if (*ret_fault != CHANGE_FAULT_NONE)
		return ERR_OK;
	err = guess_judge(a->w->config->dictionary, &g->about, a->credential,
	    a->credential_len, g->guess_bits, &guess);
	if (err == ERR_OK && guess == GUESS_GOOD && a->carried.old_len > 0)
		err = guess_similar(a->carried.old, a->carried.old_len,
		    a->credential, a->credential_len, &guess);
	for (i = 0; err == ERR_OK && guess == GUESS_GOOD && i < g->n_history;
	     i++) {
		err = factor_password_is(a->w, a->view.person_id,
		    &g->history[i], a->login, a->credential, a->credential_len,
		    a->source, &same);
		if (err == ERR_OK && same)
			guess = GUESS_USED;
	}
	*ret_fault = fault_of(guess);
	return err;
}

/* Asks again, with a fresh State, or gives up. */
static enum error
go_on(struct attempt *a, enum change_fault fault, Sekisho__AuthReply *reply)
{
	const bool over = a->carried.tries >= CHANGE_TRIES;
	struct store_answer answer;
	char state[STATE_TEXT] = "";
	uint8_t random[STATE_RANDOM];
	enum error err;

	a->reason = over ? REASON_CHANGE_GIVEN_UP : REASON_CHANGE_ASKED;
	a->carries = !over;
	if (!over) {
		randombytes_buf(random, sizeof random);
		state_format(random, state);
	}
	err = recording_make(
	    a, over ? STORE_REJECT : STORE_CHALLENGE, state, &answer);
	if (err != ERR_OK)
		return err;
	return answer.outcome == STORE_CHALLENGE
		   ? change_ask(a, fault, state, reply)
		   : answer_reject(
			 a, answer.wait, answer.reason, answer.ref, reply);
}

/* Typed once: does it do? */
static enum error
take_new(struct attempt *a, Sekisho__AuthReply *reply)
{
	enum change_fault fault;
	struct store_ground *g;
	enum error err;

	g = arena_alloc(a->w->arena, sizeof *g);
	if (g == NULL)
		return ERR_NOMEM;
	err = store_ground(a->w->db, a->view.person_id,
	    a->w->config->database_timeout_ms, a->w->arena, g);
	if (err == ERR_OK)
		err = judge(a, g, &fault);
	if (err != ERR_OK)
		return err;
	if (fault != CHANGE_FAULT_NONE) {
		a->carried.tries++;
	} else {
		a->carried.stage = CARRIED_AGAIN;
		memcpy(a->carried.new, a->credential, a->credential_len);
		a->carried.new_len = (uint8_t)a->credential_len;
	}
	return go_on(a, fault, reply);
}

static enum error
store(struct attempt *a, struct store_answer *ret_answer)
{
	struct store_record rec = {
	    .view = &a->view,
	    .login = a->login,
	    .node = a->w->config->node,
	    .purpose = PURPOSE_LOGIN,
	    .outcome = STORE_ACCEPT,
	    .reason = reason_text(REASON_PASSWORD_CHANGED),
	    .evidence = a->evidence,
	    .n_evidence = a->n_evidence,
	    .old_state = a->state,
	};
	struct store_password new = {.key_version = a->w->key_version};
	struct store_ground *g = arena_alloc(a->w->arena, sizeof *g);
	enum error err;

	if (g == NULL)
		return ERR_NOMEM;
	err = store_ground(a->w->db, a->view.person_id,
	    a->w->config->database_timeout_ms, a->w->arena, g);
	if (err != ERR_OK)
		return err;
	/* the longest rule that it meets, and not how long it is */
	new.min_chars = g->min_chars;
	if (g->door_chars > g->min_chars &&
	    judge_form(a, g->door_chars) == CHANGE_FAULT_NONE)
		new.min_chars = g->door_chars;
	new.cost = g->cost_today;
	uuid_random(new.id);
	err = factor_password_make(a->w, &new.cost, a->view.person_id,
	    a->source, 0, a->credential, a->credential_len, new.salt, &new.box);
	if (err != ERR_OK)
		return err;
	text_reference(rec.ref);
	return store_change(a->w->db, &rec, &new,
	    a->w->config->database_timeout_ms, ret_answer);
}

/* Typed twice: if it is the same, it is the password from this commit on. */
static enum error
take_again(struct attempt *a, Sekisho__AuthReply *reply)
{
	struct store_answer answer;
	char text[TEXT_SIZE];
	size_t i;
	enum error err;

	if (a->credential_len != a->carried.new_len ||
	    sodium_memcmp(a->credential, a->carried.new, a->credential_len) !=
		0) {
		a->carried.stage = CARRIED_NEW;
		a->carried.new_len = 0;
		a->carried.tries++;
		return go_on(a, CHANGE_FAULT_DIFFERENT, reply);
	}
	/* the evidence stands; that its password was to be changed does not */
	for (i = 0; i < a->n_evidence; i++)
		a->evidence[i].change = CHANGE_NONE;
	err = store(a, &answer);
	if (err != ERR_OK)
		return err;
	if (answer.outcome != STORE_ACCEPT)
		return answer_reject(
		    a, answer.wait, answer.reason, answer.ref, reply);
	log_info("password changed", "login", a->login, "client",
	    a->view.client_name);
	change_text_done(answer_language(a), text, sizeof text);
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	return reply->text == NULL ? ERR_NOMEM
				   : answer_accept(a, &answer, reply);
}

enum error
change_continue(struct attempt *a, Sekisho__AuthReply *reply)
{
	struct store_answer answer;
	enum error err;

	a->evaluated = CATEGORY_NONE; /* nothing of it can be guessed */
	if (!evaluate_proven(a)) {
		err = recording_make(a, STORE_REJECT, "", &answer);
		return err != ERR_OK ? err
				     : answer_reject(a, answer.wait,
					   answer.reason, answer.ref, reply);
	}
	return a->carried.stage == CARRIED_NEW ? take_new(a, reply)
					       : take_again(a, reply);
}

bool
change_warns(
    const struct attempt *a, enum lang lang, char *ret_text, size_t size)
{
	size_t i;

	for (i = 0; i < a->n_evidence; i++) {
		if (a->evidence[i].change > 0) {
			change_text_warning(
			    lang, a->evidence[i].change, ret_text, size);
			return true;
		}
	}
	return false;
}
