/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/answer.h"

#include <string.h>

#include "authd/challenge.h"
#include "authd/change.h"
#include "authd/grants.h"
#include "authd/text.h"
#include "common/base/log.h"

/* What a client sent, as a text for the log. */
const char *
answer_shown(const struct attempt *a, ProtobufCBinaryData bytes)
{
	return arena_strndup(a->w->arena, bytes.data, bytes.len);
}

/* Until a factor is proven and shown, the language is the client's. */
enum lang
answer_language(const struct attempt *a)
{
	bool proven = a->n_evidence > 0 && a->view.show_first;

	return proven ? a->view.person_lang : a->view.client_lang;
}

enum error
answer_reject(const struct attempt *a, int wait, const char *reason,
    const char *ref, Sekisho__AuthReply *reply)
{
	char text[TEXT_SIZE];

	/* Where factors are not told apart, neither are their waits. */
	if (!a->view.show_first)
		wait = TEXT_WAIT_HIDDEN;
	if (a->reason == REASON_NO_PRESENCE && a->view.show_first)
		text_no_entry(
		    answer_language(a), a->w->config->contact, ref, text);
	else
		text_refusal(
		    answer_language(a), wait, a->w->config->contact, ref, text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->ref = arena_strndup(a->w->arena, ref, strlen(ref));
	reply->reason = arena_strndup(a->w->arena, reason, strlen(reason));
	if (reply->text == NULL || reply->ref == NULL || reply->reason == NULL)
		return ERR_NOMEM;
	log_info("reject", "login", a->login, "client", a->view.client_name,
	    "reason", reason, "ref", ref, "station",
	    answer_shown(a, a->request->calling_station_id));
	return ERR_OK;
}

enum error
answer_accept(struct attempt *a, const struct store_answer *answer,
    Sekisho__AuthReply *reply)
{
	char text[TEXT_SIZE];
	enum error err;

	reply->outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
	if (change_warns(a, answer_language(a), text, sizeof text))
		reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->session_timeout = a->view.session_timeout;
	reply->idle_timeout = a->view.idle_timeout;
	reply->user_name =
	    arena_strndup(a->w->arena, a->login, strlen(a->login));
	reply->class_octets.data = arena_alloc(a->w->arena, ACCOUNT_CLASS);
	if (reply->user_name == NULL || reply->class_octets.data == NULL)
		return ERR_NOMEM;
	memcpy(reply->class_octets.data, answer->class_octets, ACCOUNT_CLASS);
	reply->class_octets.len = answer->class_len;
	err = grants_add(a->view.grants, a->w->arena, reply);
	if (err != ERR_OK)
		return err;
	if (strcmp(answer->reason, "repeated") == 0) {
		log_info("accept repeated", "login", a->login, "client",
		    a->view.client_name);
		return ERR_OK;
	}
	a->renew = !a->second;
	log_info("accept", "login", a->login, "client", a->view.client_name,
	    "first", method_text(a->evidence[0].method), "second",
	    a->n_evidence > 1 ? method_text(a->evidence[1].method) : NULL);
	return ERR_OK;
}

enum error
answer_challenge(
    struct attempt *a, const char *state, Sekisho__AuthReply *reply)
{
	unsigned digits = 0;
	const bool password = (a->decision.ask & METHOD_PASSWORD) != 0;
	char text[TEXT_SIZE];
	size_t i;
	enum error err;

	/* How many digits is said to who has proven something, openly. */
	if (a->view.show_first && !a->hidden_failure && a->view.n_tokens > 0) {
		digits = a->view.token[0].digits;
		for (i = 1; i < a->view.n_tokens; i++) {
			if (a->view.token[i].digits != digits)
				digits = 0;
		}
	}
	if (password)
		text_ask_password(answer_language(a), text);
	else
		text_ask_code(answer_language(a), digits, text);
	reply->outcome = SEKISHO__OUTCOME__OUTCOME_CHALLENGE;
	reply->text = arena_strndup(a->w->arena, text, strlen(text));
	reply->state = arena_strndup(a->w->arena, state, strlen(state));
	reply->prompt_echo = !password; /* a one-time code may be seen */
	if (reply->text == NULL || reply->state == NULL)
		return ERR_NOMEM;
	err = challenge_add(a, state, reply);
	if (err == ERR_OK && !password)
		err = challenge_offer_read(a, reply);
	if (err != ERR_OK)
		return err;
	log_info("challenge", "login", a->login, "client", a->view.client_name,
	    "entry", a->view.door_fault[0] != '\0' ? a->view.door_fault : NULL);
	return ERR_OK;
}
