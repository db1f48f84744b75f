/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/resume.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authd/grants.h"
#include "authd/store.h"
#include "authd/text.h"
#include "common/base/log.h"
#include "common/rules/mac.h"
#include "common/wire/account.h"

/* What attempt_resume answers. */
enum {
	KNOWN,
	OUTCOME,
	REASON,
	REF,
	CLASS,
	LOGIN,
	CLIENT,
	SESSION_TIMEOUT,
	IDLE_TIMEOUT,
	GRANTS
};

static enum error
copy(struct worker *w, const char *text, char **ret)
{
	*ret = arena_strndup(w->arena, text == NULL ? "" : text,
	    text == NULL ? 0 : strlen(text));
	return *ret == NULL ? ERR_NOMEM : ERR_OK;
}

static enum error
accept(struct worker *w, const struct db_result *row, Sekisho__AuthReply *reply)
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
		err = copy(w, db_text(row, 0, LOGIN), &reply->user_name);
	if (err == ERR_OK)
		err = grants_add(db_text(row, 0, GRANTS), w->arena, reply);
	return err;
}

static enum error
reject(struct worker *w, const struct db_result *row, Sekisho__AuthReply *reply)
{
	enum error err;

	reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	err = copy(w, db_text(row, 0, REASON), &reply->reason);
	if (err == ERR_OK)
		err = copy(w, db_text(row, 0, REF), &reply->ref);
	return err;
}

enum error
resume_answer(struct worker *w, const Sekisho__AuthRequest *r,
    Sekisho__AuthReply *ret_reply)
{
	char version[24], class_text[2 * ACCOUNT_CLASS + 3], mac[MAC_TEXT];
	char bucket[UUID_TEXT], ref[STORE_REF];
	const char *params[9] = {r->client_id, version,
	    r->message_authenticator ? "t" : "f", class_text, NULL, bucket, ref,
	    w->config->node, r->resumed ? "t" : "f"};
	struct db_result *row = NULL;
	const char *outcome;
	enum error err;

	if (r->resumes.len != ACCOUNT_CLASS)
		return ERR_INPUT;
	db_bytea(r->resumes.data, r->resumes.len, class_text);
	if (mac_canonical(r->calling_station_id.data, r->calling_station_id.len,
		mac) == ERR_OK)
		params[4] = mac;
	mask_bucket(&w->mask, r->resumes.data, r->resumes.len, bucket);
	text_reference(ref);
	(void)snprintf(version, sizeof version, "%" PRIu64, r->client_version);
	err = db_call(w->db, "attempt_resume",
	    "SELECT * FROM sekisho.attempt_resume($1::uuid, $2, $3, $4::bytea, "
	    "$5::macaddr, $6::uuid, $7, $8, $9)",
	    9, params, w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	outcome = db_text(row, 0, OUTCOME);
	if (!db_bool(row, 0, KNOWN) || outcome == NULL) {
		log_warn("no answer", "why",
		    "client was changed, or Message-Authenticator is missing",
		    "client", r->client_id);
		err = ERR_DENIED;
	} else if (strcmp(outcome, "accept") == 0) {
		err = accept(w, row, ret_reply);
	} else {
		err = reject(w, row, ret_reply);
	}
	if (err == ERR_OK)
		log_info("resumption", "outcome", outcome, "login",
		    db_text(row, 0, LOGIN), "client", db_text(row, 0, CLIENT),
		    "reason", db_text(row, 0, REASON), "ref",
		    db_text(row, 0, REF));
	db_result_free(&row);
	return err;
}
