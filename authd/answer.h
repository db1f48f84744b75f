/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - what has been decided and recorded, as a reply. */
#ifndef SEKISHO_AUTHD_ANSWER_H
#define SEKISHO_AUTHD_ANSWER_H

#include "authd/attempt.h"

/* Until a factor is proven and shown, the client's. */
enum lang answer_language(const struct attempt *attempt);

/* What a client sent, as a text for the log. NULL: no memory. */
const char *answer_shown(
    const struct attempt *attempt, ProtobufCBinaryData bytes);

/* wait: seconds; reason: of log and audit, not told. */
MUST_CHECK enum error answer_reject(const struct attempt *attempt, int wait,
    const char *reason, const char *ref, Sekisho__AuthReply *reply);

MUST_CHECK enum error answer_accept(struct attempt *attempt,
    const struct store_answer *answer, Sekisho__AuthReply *reply);

/* Asks for what is still missing. */
MUST_CHECK enum error answer_challenge(
    struct attempt *attempt, const char *state, Sekisho__AuthReply *reply);

#endif
