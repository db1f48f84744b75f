/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_words.h - words of the database about sessions, for people. */
#ifndef SEKISHO_CARDTOOLS_SESSION_WORDS_H
#define SEKISHO_CARDTOOLS_SESSION_WORDS_H

#include <jansson.h>
#include <stddef.h>

enum { SESSION_WORDS = 640 };

/* open, ending, cannot, ended */
const char *session_state_words(const char *state);

/*
 * How it ended, or why it is to end and what its client answered: "" of a
 * session that is simply open.
 */
void session_story(const json_t *session, char ret_text[SESSION_WORDS]);

#endif
