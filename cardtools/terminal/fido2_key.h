/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fido2_key.h - what is asked of one FIDO2 key, by libfido2, in a process of
 * its own. Each answer is a frame, as fido2.h's login helper reads it.
 */
#ifndef SEKISHO_TERMINAL_FIDO2_KEY_H
#define SEKISHO_TERMINAL_FIDO2_KEY_H

#include <signal.h>

#include "cardtools/terminal/fido2.h"
#include "cardtools/terminal/frame.h"
#include "common/wire/signed.h"

struct key_question {
	const sigset_t *interrupts; /* in force while a key is waited for */
	const volatile sig_atomic_t *stopped; /* by one of them */
	int touch_ms;
	char rp_id[KEY_RP];
	/* LOOK: all of the person's */
	struct credential credential[CREDENTIALS_MAX];
	size_t n_credentials;
	/* ASSERT */
	unsigned char digest[SIGNED_DIGEST];
	struct secret *pin; /* NULL: none */
	/* the keys; of ASSERT with the credential each is to answer for */
	struct key key[KEYS_PLUGGED];
	size_t n;
};

/* Has key i one of the credentials, and how does it verify its user? */
void key_look(
    const struct key_question *question, size_t i, struct frame *ret_answer);

/* Waits for a touch of key i, which proves nothing. */
void key_choose(
    const struct key_question *question, size_t i, struct frame *ret_answer);

/* One assertion by key i, after a touch. */
void key_assert(
    const struct key_question *question, size_t i, struct frame *ret_answer);

/* The answer of that kind to a question that went wrong. */
void key_failure(struct frame *ret_answer, enum frame_kind kind,
    enum key_outcome outcome, const char *why);

/* What a question of that kind is answered with. */
enum frame_kind key_answer_of(enum frame_kind question);

#endif
