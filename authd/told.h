/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * told.h - an answer that one call to the database has read, decided and
 * recorded whole (station_admit, attempt_resume): its row as a reply.
 */
#ifndef SEKISHO_AUTHD_TOLD_H
#define SEKISHO_AUTHD_TOLD_H

#include "authd/worker.h"
#include "common/db/db.h"
#include "common/wire/message.h"

/*
 * The row has known, outcome, reason, ref, class, name, client, lang,
 * session_timeout, idle_timeout and grants. ERR_DENIED, said in the log, where
 * there may be no answer. what: which of the two, for the log.
 */
MUST_CHECK enum error told_reply(const struct worker *w, const char *what,
    const Sekisho__AuthRequest *request, const struct db_result *row,
    Sekisho__AuthReply *ret_reply);

#endif
