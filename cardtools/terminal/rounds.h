/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rounds.h - the rounds of a login: requests to the server, and what becomes
 * of the login by its answers.
 */
#ifndef SEKISHO_TERMINAL_ROUNDS_H
#define SEKISHO_TERMINAL_ROUNDS_H

#include "cardtools/terminal/login.h"

/* A request of this terminal's, with nothing in it but the name. */
void rounds_begin(const struct login *login, const char *user,
    struct radius_request *ret_request);

/*
 * Sends a request. Silence ends the login as unavailable: it is never a
 * reason to try something weaker.
 */
MUST_CHECK enum error rounds_exchange(struct login *login,
    const struct radius_request *request, struct radius_reply *ret_reply);

/* The challenge to sign. login->result stays RESULT_NONE if all is well. */
MUST_CHECK enum error rounds_challenge(
    struct login *login, const char *name, struct radius_reply *ret_reply);

/* Whether a challenge is for this terminal; says in the log if it is not. */
bool rounds_is_ours(
    const struct login *login, const struct radius_reply *challenge);

/*
 * Takes a signature to the server, and what it asks for then to whoever logs
 * in: of a key that nothing guards it takes possession alone, and asks for the
 * password.
 */
MUST_CHECK enum error rounds_answer(struct login *login, const char *name,
    const struct radius_reply *challenge, const struct signature *signature);

/* Takes what is typed to the server, until that has decided. */
MUST_CHECK enum error rounds_type(struct login *login,
    struct radius_request *request, char text[SPEECH_SIZE], bool echo);

#endif
