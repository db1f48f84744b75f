/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/told.h"

#include <string.h>

#include "authd/grants.h"
#include "authd/text.h"
#include "common/base/log.h"
#include "common/wire/account.h"

enum {
	KNOWN,
	OUTCOME,
	REASON,
	REF,
	CLASS,
	NAME,
	CLIENT,
	LANG,
	SESSION_TIMEOUT,
	IDLE_TIMEOUT,
	GRANTS
};

static enum error
copy(
    const struct worker *w, const struct db_result *row, int column, char **ret)
{
	const char *text = db_text(row, 0, column);

	if (text == NULL)
		return ERR_DB;
	*ret = arena_strndup(w->arena, text, strlen(text));
	return *ret == NULL ? ERR_NOMEM : ERR_OK;
}

static enum error
accept(const struct worker *w, const struct db_result *row,
    Sekisho__AuthReply *reply)
{
	enum error err;

	reply->outcome = SEKISHO__OUTCOME__OUTCOME_ACCEPT;
	reply->session_timeout = (uint32_t)db_int(row, 0, SESSION_TIMEOUT);
	reply->idle_timeout = (uint32_t)db_int(row, 0, IDLE_TIMEOUT);
	reply->class_octets.data = arena_alloc(w->arena, ACCOUNT_CLASS);
	if (reply->class_octets.data == NULL)
		return ERR_NOMEM;
	err = db_bytes(row, 0, CLASS, reply->class_octets.data, ACCOUNT_CLASS,
	    &reply->class_octets.len);
	if (err == ERR_OK)
		err = copy(w, row, NAME, &reply->user_name);
	return err == ERR_OK
		   ? grants_add(db_text(row, 0, GRANTS), w->arena, reply)
		   : err;
}

static enum error
reject(const struct worker *w, const struct db_result *row,
    Sekisho__AuthReply *reply)
{
	const char *lang = db_text(row, 0, LANG);
	char text[TEXT_SIZE];
	enum error err;

	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	err = copy(w, row, REASON, &reply->reason);
	if (err == ERR_OK)
		err = copy(w, row, REF, &reply->ref);
	if (err != ERR_OK)
		return err;
	text_refusal(
	    lang != NULL && strcmp(lang, "en") == 0 ? LANG_EN : LANG_JA, 0,
	    w->config->contact, reply->ref, text);
	reply->text = arena_strndup(w->arena, text, strlen(text));
	return reply->text == NULL ? ERR_NOMEM : ERR_OK;
}

enum error
told_reply(const struct worker *w, const char *what,
    const Sekisho__AuthRequest *request, const struct db_result *row,
    Sekisho__AuthReply *ret_reply)
{
	const char *outcome = db_text(row, 0, OUTCOME);
	enum error err;

	if (!db_bool(row, 0, KNOWN) || outcome == NULL) {
		log_warn("no answer", "why",
		    "client was changed, or Message-Authenticator is missing",
		    "client", request->client_id);
		return ERR_DENIED;
	}
	err = strcmp(outcome, "accept") == 0 ? accept(w, row, ret_reply)
					     : reject(w, row, ret_reply);
	if (err == ERR_OK)
		log_info(outcome, what, db_text(row, 0, NAME), "client",
		    db_text(row, 0, CLIENT), "reason", db_text(row, 0, REASON),
		    "ref", db_text(row, 0, REF));
	return err;
}
