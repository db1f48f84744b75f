/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recording.h - what an attempt found, written in one statement. */
#ifndef SEKISHO_AUTHD_RECORDING_H
#define SEKISHO_AUTHD_RECORDING_H

#include "authd/attempt.h"

/* state: of a challenge, else "". The result is the answer. */
MUST_CHECK enum error recording_make(struct attempt *attempt,
    enum outcome outcome, const char *state, struct store_answer *ret_answer);

#endif
