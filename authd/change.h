/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change.h - a new password, chosen by its owner through challenges, where the
 * old one has expired or was given out (guideline C.14 (2), (4) b), or because
 * he asks for it. It begins where a login would be accepted, so both factors
 * stand, and the accept waits until it is done.
 */
#ifndef SEKISHO_AUTHD_CHANGE_H
#define SEKISHO_AUTHD_CHANGE_H

#include "authd/attempt.h"
#include "common/wire/change.h"

enum {
	CHANGE_TRIES = 5, /* new passwords that will not do, and it is over */
};

/* Why one will not do. */
enum change_fault {
	CHANGE_FAULT_NONE,
	CHANGE_FAULT_SHORT,
	CHANGE_FAULT_NOT_MIXED,
	CHANGE_FAULT_LOGIN,
	CHANGE_FAULT_NAME,
	CHANGE_FAULT_BIRTH,
	CHANGE_FAULT_NUMBER,
	CHANGE_FAULT_WORDS,
	CHANGE_FAULT_SIMILAR,
	CHANGE_FAULT_USED,
	CHANGE_FAULT_DIFFERENT, /* typed again it was another */
	CHANGE_FAULTS
};

/* It asks for that. */
bool change_wanted(const Sekisho__AuthRequest *request);

/* After the read: what an earlier round carried, if it is of this State. */
MUST_CHECK enum error change_take(struct attempt *a);

/* After the evaluation: makes an accept a challenge, where there is a change
 * to be asked for, or a refusal, where it cannot be. */
void change_look(struct attempt *a);

/* Whether the challenge is for a new password. */
bool change_asks(const struct attempt *a);

MUST_CHECK enum error change_ask(struct attempt *a, enum change_fault fault,
    const char *state, Sekisho__AuthReply *reply);

/* A new password was typed, for the first time or the second. */
MUST_CHECK enum error change_continue(
    struct attempt *a, Sekisho__AuthReply *reply);

/* Whether an accept comes with a word about the password, and the word. */
bool change_warns(
    const struct attempt *a, enum lang lang, char *ret_text, size_t size);

/* change_text.c: what is asked, and why what was typed will not do. */
void change_text(enum lang lang, enum carried_stage stage, int change,
    enum change_fault fault, unsigned min_chars, char *ret_text, size_t size);
/* It is done. */
void change_text_done(enum lang lang, char *ret_text, size_t size);
void change_text_warning(enum lang lang, int days, char *ret_text, size_t size);

#endif
