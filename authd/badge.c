/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/badge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authd/reason.h"
#include "authd/source.h"
#include "authd/store.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/wire/badge.h"

/*
 * Numbers that nobody has, a client: a ward reads a visitor's card now and
 * then, somebody who tries them out gets 28,800 a day a node, of four
 * thousand million.
 */
static const struct source_rule budget = {
    .burst = 20, .rate = 20, .persons = 256};

/* Refused as if nothing had been there; summed up, a row a client. */
static enum error
say_nothing(struct worker *w, const Sekisho__AuthRequest *r, const char *client,
    enum reason reason)
{
	char subject[UUID_TEXT], ref[STORE_REF] = "-";
	const struct store_tally tally = {.subject = subject,
	    .scope = "inside",
	    .client = r->client_id,
	    .reason = reason_text(reason),
	    .login = "(badge)",
	    .ref = "-",
	    .node = w->config->node,
	    .count = 1};

	mask_bucket(&w->mask, r->client_id, strlen(r->client_id), subject);
	log_info("badge", "client", client, "reason", reason_text(reason));
	return store_tally(w->db, &tally, w->config->database_timeout_ms, ref);
}

static enum error
look_up(
    struct worker *w, const Sekisho__AuthRequest *r, struct db_result **ret_row)
{
	char version[24], number[2 * BADGE_MAX + 3];
	const char *params[3] = {r->client_id, version, number};

	(void)snprintf(version, sizeof version, "%" PRIu64, r->client_version);
	db_bytea(r->badge.data, r->badge.len, number);
	return db_call(w->db, "badge_lookup",
	    "SELECT * FROM sekisho.badge_lookup($1::uuid, $2, $3::bytea)", 3,
	    params, w->config->database_timeout_ms, ret_row);
}

enum error
badge_answer(struct worker *w, const Sekisho__AuthRequest *r,
    Sekisho__AuthReply *ret_reply)
{
	const uint64_t source = mask_number(&w->mask, MASK_SOURCE, r->client_id,
	    strlen(r->client_id), "badge", 5);
	struct db_result *row = NULL;
	const char *client, *login;
	enum error err;

	/* No exception: anyone could ask in that client's name. */
	if (!r->message_authenticator) {
		log_warn("no answer", "why",
		    "a number of a card comes with Message-Authenticator",
		    "client", r->client_id);
		return ERR_DENIED;
	}
	err = look_up(w, r, &row);
	if (err != ERR_OK)
		return err;
	if (db_rows(row) == 0 || !db_bool(row, 0, 0)) {
		log_warn("no answer", "why",
		    "client was changed, or is not registered", "client",
		    r->client_id);
		err = ERR_DENIED;
		goto out;
	}
	client = db_text(row, 0, 1);
	login = db_text(row, 0, 3);
	ret_reply->outcome = SEKISHO__OUTCOME__OUTCOME_REJECT;
	if (!source_within_budget(w->shared, &budget, source, clock_ms())) {
		err = say_nothing(w, r, client, REASON_BADGE_TOO_MANY);
	} else if (!db_bool(row, 0, 2)) {
		err = say_nothing(w, r, client, REASON_BADGE_NOT_HERE);
	} else if (login == NULL || !badge_valid(r->badge.data, r->badge.len)) {
		source_failed(w->shared, &budget, source, 0, clock_ms());
		err = say_nothing(w, r, client, REASON_BADGE_UNKNOWN);
	} else {
		ret_reply->login =
		    arena_strndup(w->arena, login, strlen(login));
		if (ret_reply->login == NULL)
			err = ERR_NOMEM;
		else
			log_info("badge", "client", client, "login", login);
	}
out:
	db_result_free(&row);
	return err;
}
