/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/resume.h"

#include <inttypes.h>
#include <stdio.h>

#include "authd/store.h"
#include "authd/text.h"
#include "authd/told.h"
#include "common/rules/mac.h"
#include "common/wire/account.h"

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
	err = told_reply(w, "resumed", r, row, ret_reply);
	db_result_free(&row);
	return err;
}
