/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/attempt.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "authd/answer.h"
#include "authd/badge.h"
#include "authd/certificate.h"
#include "authd/challenge.h"
#include "authd/change.h"
#include "authd/entry.h"
#include "authd/evaluate.h"
#include "authd/factor_fido2.h"
#include "authd/factor_password.h"
#include "authd/gate.h"
#include "authd/recording.h"
#include "authd/refusals.h"
#include "authd/renewal.h"
#include "authd/repeated.h"
#include "authd/request.h"
#include "authd/resume.h"
#include "authd/station.h"
#include "authd/text.h"
#include "authd/unfit.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* What a repetition of this request needs to be refused without a read. */
static void
fill_refusal(const struct attempt *a, int wait, struct refusal *r)
{
	const int64_t now = clock_ms();

	memset(r, 0, sizeof *r);
	r->key = a->refusal_key;
	r->client_version = a->request->client_version;
	r->noted_ms = now;
	r->wait_until_ms = now + (int64_t)wait * 1000;
	/* wait is rounded up to a second: never refuse after its end */
	r->fresh_until_ms = now + (wait > 1 ? REFUSALS_FRESH_MS : 0);
	r->english = a->view.client_lang == LANG_EN;
	memcpy(r->subject, a->view.subject, sizeof r->subject);
	memcpy(r->client, a->view.client_id, sizeof r->client);
	memcpy(r->scope, a->view.scope, sizeof r->scope);
	memcpy(r->login, a->login, sizeof r->login);
	if (a->view.person_found)
		memcpy(r->person, a->view.person_id, sizeof r->person);
}

/* A refusal that was not evaluated: charges nobody. */
static enum error
refuse_uncharged(
    struct attempt *a, enum reason reason, int wait, Sekisho__AuthReply *reply)
{
	char mine[STORE_REF], ref[STORE_REF];
	struct store_tally tally = {
	    .subject = a->view.subject,
	    .scope = a->view.scope,
	    .client = a->view.client_id,
	    .reason = reason_text(reason),
	    .login = a->login[0] != '\0' ? a->login : "(malformed)",
	    .person = a->view.person_found ? a->view.person_id : NULL,
	    .ref = mine,
	    .node = a->w->config->node,
	    .count = 1,
	};
	struct refusal running;
	enum error err;

	text_reference(mine);
	/* Only what any first round would be told, whatever it holds. */
	if (reason == REASON_DELAY_RUNNING && !a->second &&
	    a->view.show_first && a->view.knowledge_wait > 0) {
		fill_refusal(a, wait, &running);
		memcpy(running.ref, mine, sizeof running.ref);
		tally.count += refusals_note(a->w->shared, &running);
	}
	err = store_tally(
	    a->w->db, &tally, a->w->config->database_timeout_ms, ref);
	if (err != ERR_OK)
		return err;
	refusals_name(a->w->shared, a->refusal_key, ref);
	if (reason == REASON_SCHEME_CHAP || reason == REASON_SCHEME_MSCHAP)
		log_warn("CHAP and MS-CHAP need a recoverable password and are "
			 "not offered; set the client to PAP (TTLS/PAP or "
			 "PEAP-GTC for 802.1X)",
		    "client", a->view.client_name);
	return answer_reject(a, wait, reason_text(reason), ref, reply);
}

/* Silence, with a line that says what to do about it. */
static enum error
stay_silent(const struct attempt *a, const char *why)
{
	log_warn("no answer", "why", why, "client", a->request->client_id,
	    "from", answer_shown(a, a->request->src_addr));
	return ERR_DENIED;
}

/* Reads view and checks that the request may be looked at, in this client. */
static enum error
read_view(struct attempt *a)
{
	const Sekisho__AuthRequest *r = a->request;
	ProtobufCBinaryData key = {0, NULL};
	enum error err;

	if (a->signature) {
		key = r->key_id;
	} else if (a->certificate) {
		key = (ProtobufCBinaryData){
		    sizeof a->which.key_id, a->which.key_id};
	}
	err = store_read(a->w->db, r->client_id, a->login, a->bucket,
	    a->second ? a->state : NULL, key.data, key.len,
	    a->recorded ? a->which.id : NULL, a->fido2,
	    a->station[0] != '\0' ? a->station : NULL,
	    a->w->config->database_timeout_ms, a->w->arena, &a->view);
	if (err == ERR_NOTFOUND)
		return stay_silent(
		    a, "client is not, or no longer, registered");
	if (err != ERR_OK)
		return err;
	err = change_take(a);
	if (err != ERR_OK)
		return err;
	/* Begun at the client as it was: to be begun again. */
	if (a->second && (uint64_t)a->view.client_version < r->client_version)
		a->view.state_found = false;
	else if ((uint64_t)a->view.client_version != r->client_version)
		return stay_silent(a, "client was changed; FreeRADIUS will "
				      "look it up again");
	if (!r->message_authenticator && !a->view.no_ma)
		return stay_silent(a,
		    "Message-Authenticator is missing; have the "
		    "client send it, or record an exception");
	/* BlastRADIUS: the attack needs a Proxy-State it can shape. */
	if (!r->message_authenticator && r->proxy_state_count > 0)
		return stay_silent(
		    a, "Proxy-State without Message-Authenticator");
	return ERR_OK;
}

/* A State that is not there: spent, by this very request a moment ago? */
static enum error
answer_again(struct attempt *a, Sekisho__AuthReply *reply)
{
	unsigned char digest[STORE_DIGEST];
	struct store_answer before;
	enum error err;

	if (!repeated_digest(a, digest) || !a->second)
		return refuse_uncharged(a, REASON_STATE_UNKNOWN, 0, reply);
	err = store_repeated(a->w->db, &a->view, digest,
	    a->w->config->database_timeout_ms, &before);
	if (err != ERR_OK)
		return err;
	if (before.class_len == 0)
		return refuse_uncharged(a, REASON_STATE_UNKNOWN, 0, reply);
	(void)snprintf(before.reason, sizeof before.reason, "repeated");
	return answer_accept(a, &before, reply);
}

/* Whether a refusal inside a running time must look like any first round. */
static bool
must_be_blind(const struct attempt *a)
{
	return !a->second && !a->view.show_first;
}

/* The person's turn is ours: evaluate, decide, record, answer. */
static enum error
evaluate_and_record(struct attempt *a, bool blind, Sekisho__AuthReply *reply)
{
	struct store_answer answer;
	char state[STATE_TEXT] = "";
	uint8_t random[STATE_RANDOM];
	enum outcome outcome;
	enum error err;

	if (a->changing)
		return change_continue(a, reply);
	if (blind)
		err = evaluate_blindly(a);
	else
		err = a->fido2	       ? evaluate_assertion(a)
		      : a->signature   ? evaluate_signature(a)
		      : a->certificate ? evaluate_certificate(a)
		      : a->second      ? evaluate_second(a)
				       : evaluate_first(a);
	if (err == ERR_DENIED && must_be_blind(a))
		err = evaluate_blindly(a); /* a refusal time began meanwhile */
	if (err == ERR_DENIED)
		return refuse_uncharged(a, REASON_DELAY_RUNNING, 0, reply);
	if (err != ERR_OK)
		return err;
	change_look(a);
	if (a->decision.verdict == VERDICT_ACCEPT) {
		outcome = STORE_ACCEPT;
	} else if (a->decision.verdict == VERDICT_ASK) {
		outcome = STORE_CHALLENGE;
		randombytes_buf(random, sizeof random);
		state_format(random, state);
	} else {
		outcome = STORE_REJECT;
	}
	err = recording_make(a, outcome, state, &answer);
	if (err != ERR_OK)
		return err;
	switch (answer.outcome) {
	case STORE_ACCEPT:
		return answer_accept(a, &answer, reply);
	case STORE_CHALLENGE:
		return change_asks(a)
			   ? change_ask(a, CHANGE_FAULT_NONE, state, reply)
			   : answer_challenge(a, state, reply);
	case STORE_REJECT:
		return answer_reject(
		    a, answer.wait, answer.reason, answer.ref, reply);
	}
	return ERR_DB;
}

/*
 * Refused again and again: answered from what this node knows. The reference
 * of the last one that was written stands for all.
 */
static bool
refuse_at_once(
    struct attempt *a, Sekisho__AuthReply *reply, enum error *ret_err)
{
	const Sekisho__AuthRequest *r = a->request;
	struct refusal running;
	char text[TEXT_SIZE];
	int64_t now = clock_ms();

	a->refusal_key = mask_number(&a->w->mask, MASK_REFUSAL, r->client_id,
	    strlen(r->client_id), a->login, strlen(a->login));
	if (r->state_count > 0 || !r->message_authenticator ||
	    a->login[0] == '\0' || a->credential_len == 0 ||
	    r->scheme != SEKISHO__SCHEME__SCHEME_PAP ||
	    !refusals_hit(
		a->w->shared, a->refusal_key, r->client_version, now, &running))
		return false;
	text_refusal(running.english ? LANG_EN : LANG_JA,
	    (int)((running.wait_until_ms - now + 999) / 1000),
	    a->w->config->contact, running.ref, text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->ref =
	    arena_strndup(a->w->arena, running.ref, strlen(running.ref));
	*ret_err =
	    reply->text == NULL || reply->ref == NULL ? ERR_NOMEM : ERR_OK;
	return true;
}

/* A client that will sign asks for a challenge first, with nothing else. */
static bool
opens(const struct attempt *a)
{
	const Sekisho__AuthRequest *r = a->request;

	return (r->can_card || r->can_fido2) && r->state_count == 0 &&
	       a->login[0] != '\0' && r->scheme == SEKISHO__SCHEME__SCHEME_NONE;
}

/* Nothing is evaluated, so known and unknown names are alike. */
static enum error
open_login(struct attempt *a, Sekisho__AuthReply *reply)
{
	const Sekisho__AuthRequest *r = a->request;
	uint8_t random[STATE_RANDOM], hash[STATE_HASH];
	char state[STATE_TEXT], text[TEXT_SIZE];
	struct store_offer offer;
	bool opened;
	enum error err;

	/* Whoever can sign sends it: no exception, or anyone could fill the
	 * table of logins in progress in that client's name. */
	if (!r->message_authenticator)
		return stay_silent(
		    a, "a terminal for cards sends Message-Authenticator");
	randombytes_buf(random, sizeof random);
	state_format(random, state);
	err = state_hash(state, strlen(state), hash);
	if (err != ERR_OK)
		return err;
	err = store_open(a->w->db, r->client_id, r->client_version,
	    r->message_authenticator, a->login, a->bucket, hash, r->can_fido2,
	    a->w->config->database_timeout_ms, a->w->arena, &a->view, &offer,
	    &opened);
	if (err == ERR_NOTFOUND)
		return stay_silent(
		    a, "client is not, or no longer, registered");
	if (err != ERR_OK)
		return err;
	if (!opened)
		return stay_silent(a, "client was changed, or is a door, or "
				      "Message-Authenticator is missing");
	text_ask_pin(a->view.client_lang, text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->state = arena_strndup(a->w->arena, state, strlen(state));
	if (reply->text == NULL || reply->state == NULL)
		return ERR_NOMEM;
	log_debug("challenge for a card or a key", "login", a->login, "client",
	    a->view.client_name);
	err = challenge_add(a, state, reply);
	return err == ERR_OK ? challenge_offer(a, &offer, reply) : err;
}

void
attempt_write_sums(struct worker *w)
{
	struct refusal r;
	char ref[STORE_REF];

	while (refusals_take(w->shared, clock_ms(), &r)) {
		struct store_tally tally = {
		    .subject = r.subject,
		    .scope = r.scope,
		    .client = r.client,
		    .reason = reason_text(REASON_DELAY_RUNNING),
		    .login = r.login,
		    .person = r.person[0] != '\0' ? r.person : NULL,
		    .ref = r.ref,
		    .node = w->config->node,
		    .count = r.pending,
		};

		if (store_tally(w->db, &tally, w->config->database_timeout_ms,
			ref) != ERR_OK)
			return;
		log_info("refused again and again", "login", r.login, "times",
		    log_num((int64_t)r.pending), "ref", r.ref);
	}
}

enum error
attempt_run(struct worker *w, const Sekisho__AuthRequest *request,
    struct attempt *a, Sekisho__AuthReply *ret_reply)
{
	enum reason reason = REASON_DELAY_RUNNING;
	uint64_t moment, subject;
	bool stale = false, is_entry = false, is_station = false;
	int wait;
	enum error err;

	memset(a, 0, sizeof *a);
	a->w = w;
	a->request = request;
	if (!uuid_valid(request->client_id))
		return stay_silent(a, "client identifier is malformed");
	if (request->badge.len > 0)
		return badge_answer(w, request, ret_reply);
	err = entry_answer(w, request, &is_entry, ret_reply);
	if (err != ERR_OK || is_entry)
		return err;
	if (request->purpose.len > 0 && !change_wanted(request))
		return renewal_answer(w, request, ret_reply);
	if (request->resumes.len > 0)
		return resume_answer(w, request, ret_reply);
	err = station_answer(w, request, &is_station, ret_reply);
	if (err != ERR_OK || is_station)
		return err;
	err = request_take(a);
	if (err != ERR_OK)
		return err;
	if (a->certificate) {
		err = certificate_find(w, request, &a->which, &a->recorded);
		if (err != ERR_OK)
			return err;
		if (a->recorded && a->which.device)
			return station_certified(
			    w, request, a->which.id, ret_reply);
	}
	if (opens(a))
		return open_login(a, ret_reply);
	if (refuse_at_once(a, ret_reply, &err))
		return err;

	moment = gate_moment(w->shared);
	err = read_view(a);
	if (err != ERR_OK)
		return err;
	if (unfit(a, &reason))
		return reason == REASON_STATE_UNKNOWN
			   ? answer_again(a, ret_reply)
			   : refuse_uncharged(a, reason, 0, ret_reply);
	wait = evaluate_wait(a);
	if (wait > 0 && !must_be_blind(a))
		return refuse_uncharged(
		    a, REASON_DELAY_RUNNING, wait, ret_reply);
	if (!a->view.client_hidden_by_gateway)
		a->source = mask_number(&w->mask, MASK_SOURCE,
		    request->client_id, strlen(request->client_id), "", 0);

	subject = mask_number(&w->mask, MASK_SUBJECT, a->view.subject,
	    strlen(a->view.subject), a->view.scope, strlen(a->view.scope));
	err = gate_enter(w->shared, w->index, subject, moment, &stale);
	if (err != ERR_OK) {
		log_debug("no answer", "twice at once", a->login);
		return err;
	}
	if (stale)
		err = read_view(a);
	wait = err == ERR_OK ? evaluate_wait(a) : 0;
	if (wait > 0 && !must_be_blind(a))
		err =
		    refuse_uncharged(a, REASON_DELAY_RUNNING, wait, ret_reply);
	else if (err == ERR_OK && unfit(a, &reason))
		err = refuse_uncharged(a, reason, 0, ret_reply);
	else if (err == ERR_OK)
		err = evaluate_and_record(a, wait > 0, ret_reply);
	gate_leave(w->shared, w->index);
	return err;
}

void
attempt_after(struct attempt *a)
{
	if (a->renew)
		factor_password_renew(
		    a->w, &a->view, a->credential, a->password_len);
}
