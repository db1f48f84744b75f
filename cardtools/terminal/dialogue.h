/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dialogue.h - the login helper's side of the conversation with whoever logs
 * in: what it asks and says goes through pam_sekisho to the application.
 */
#ifndef SEKISHO_TERMINAL_DIALOGUE_H
#define SEKISHO_TERMINAL_DIALOGUE_H

#include <stdbool.h>

#include "cardtools/terminal/frame.h"
#include "cardtools/terminal/speech.h"
#include "common/base/secret.h"

enum { DIALOGUE_NAME = 254, DIALOGUE_WORD = 128, ANSWER_MAX = 512 };

struct dialogue {
	int fd;
	char service[DIALOGUE_WORD];
	char user[DIALOGUE_NAME];  /* "" where the application named nobody */
	char rhost[DIALOGUE_NAME]; /* "" at the terminal itself */
	char hint[DIALOGUE_WORD];  /* of the language */
	enum speech_language language;
	const char *contact;
	bool change;	  /* the password is to be changed */
	bool acknowledge; /* a last message must be answered to be seen */
	bool told;	  /* an error since the last question */
};

/* Waits for FRAME_START, and sends what is logged to pam_sekisho. */
MUST_CHECK enum error dialogue_start(int fd, struct dialogue *ret_dialogue);

MUST_CHECK enum error dialogue_say(
    struct dialogue *dialogue, bool is_error, const char *text);

/* One of our own texts; number and name as speech_text has them. */
MUST_CHECK enum error dialogue_tell(struct dialogue *dialogue, bool is_error,
    enum speech what, unsigned number, const char *name);

/*
 * Waits as long as it takes. ERR_DENIED: the application asked nobody.
 * ERR_INPUT: too long to be any answer.
 */
MUST_CHECK enum error dialogue_ask(struct dialogue *dialogue, bool echo,
    const char *text, struct secret **ret_answer);

/* Lets the application ask for the name; fills dialogue->user. */
MUST_CHECK enum error dialogue_ask_user(struct dialogue *dialogue);

/* Still at it. */
MUST_CHECK enum error dialogue_alive(struct dialogue *dialogue);

/*
 * Before it waits until an error that was told last can have been read,
 * where the application would take it off the screen.
 */
MUST_CHECK enum error dialogue_done(struct dialogue *dialogue,
    enum frame_result result, const char *user, const char *reader,
    const char *key_id, const char *class_hex);

#endif
