/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guess.h - what somebody would guess who knows the person, the hospital and
 * the languages spoken there (guideline C.14 (5)). What a password must be
 * made of is another question (rules/password.h).
 */
#ifndef SEKISHO_GUESS_GUESS_H
#define SEKISHO_GUESS_GUESS_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/guess/words.h"

enum guess_fault {
	GUESS_GOOD,
	GUESS_LOGIN,   /* contains the login */
	GUESS_NAME,    /* contains the name, in one script or another */
	GUESS_BIRTH,   /* contains the date of birth */
	GUESS_NUMBER,  /* contains the staff number */
	GUESS_WORDS,   /* words, dates, runs of keys, and little else */
	GUESS_SIMILAR, /* the old one with a small change */
	GUESS_USED,    /* one that was used before: who stores them says so */
	GUESS_FAULTS
};

/* What is known of the person; empty or NULL where nothing is. */
struct guess_about {
	const char *login;
	const char *const *names; /* NULL-terminated, folded (fold.h) */
	const char *birth;	  /* "1985-04-03" */
	const char *staff_number;
};

/*
 * password: NFC, at most PASSWORD_MAX_OCTETS. bits: so many must be left when
 * what is guessed first is taken off (zxcvbn). ERR_NOMEM.
 */
MUST_CHECK enum error guess_judge(const struct words *words,
    const struct guess_about *about, const unsigned char *password, size_t len,
    unsigned bits, enum guess_fault *ret_fault);

/*
 * Whether one is the other with a small change: a counted-up number, another
 * sign at the end, a letter more. Asked only while the user supplies the old
 * one.
 */
MUST_CHECK enum error guess_similar(const unsigned char *old, size_t old_len,
    const unsigned char *password, size_t len, enum guess_fault *ret_fault);

/* "name": the word of log and audit. Never NULL. */
const char *guess_text(enum guess_fault fault);

#endif
