/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evaluate.h - what an attempt holds, round by round: which factors are
 * right, what each failure is charged to, and what decide() makes of it.
 * Writes only into the attempt; the database is not told anything here.
 */
#ifndef SEKISHO_AUTHD_EVALUATE_H
#define SEKISHO_AUTHD_EVALUATE_H

#include "authd/attempt.h"

/*
 * Seconds that the attempt must wait because of earlier failures in a
 * category it would be evaluated in; 0: now.
 */
int evaluate_wait(const struct attempt *a);

/*
 * A first round inside a refusal time, at a client that does not show the
 * first factor's result: nothing is evaluated, but the same work is done and
 * a code is asked for as ever, so that nobody can tell which of two factors
 * the time runs for, and so which one was right.
 */
MUST_CHECK enum error evaluate_blindly(struct attempt *a);

/* A first round: a password, perhaps with a code appended. */
MUST_CHECK enum error evaluate_first(struct attempt *a);

/* A round that brings a card's signature. */
MUST_CHECK enum error evaluate_signature(struct attempt *a);

/* A card's certificate in EAP-TLS, where no password can be asked for. */
MUST_CHECK enum error evaluate_certificate(struct attempt *a);

/* One that brings a FIDO2 key's assertion. */
MUST_CHECK enum error evaluate_assertion(struct attempt *a);

/*
 * A second round without one: the code that was asked for, or the password
 * after a card that asks for no PIN.
 */
MUST_CHECK enum error evaluate_second(struct attempt *a);

/* Whether what the rounds before proved carries a login by itself. */
bool evaluate_proven(struct attempt *a);

#endif
