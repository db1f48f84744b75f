/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - what people at a terminal read: short, kind, in Japanese and
 * English, and telling a guesser nothing. A worker can open no catalogue
 * file, so the few sentences stand here.
 */
#ifndef SEKISHO_AUTHD_TEXT_H
#define SEKISHO_AUTHD_TEXT_H

#include <stddef.h>

#include "authd/store.h"

enum {
	TEXT_SIZE = 512,
	TEXT_WAIT_HIDDEN = 60, /* shown where the real wait would tell */
};

/*
 * A reference for a refusal, as it is read out to the help desk: "K7-4821".
 * No letters or digits that sound alike.
 */
void text_reference(char ret_ref[STORE_REF]);

/*
 * One refusal for every cause: when to try again (seconds, rounded and
 * bounded here), whom to call (may be empty), and the reference.
 */
void text_refusal(enum lang lang, int wait, const char *contact,
    const char *ref, char ret_text[TEXT_SIZE]);

/*
 * After the right password, on site: the entry that would have made it two
 * factors is not recorded.
 */
void text_no_entry(enum lang lang, const char *contact, const char *ref,
    char ret_text[TEXT_SIZE]);

/* Asks for the password, after a card that asks for no PIN. */
void text_ask_password(enum lang lang, char ret_text[TEXT_SIZE]);

/* Asks for the PIN of the card at the terminal. */
void text_ask_pin(enum lang lang, char ret_text[TEXT_SIZE]);

/* Asks for a code; digits 0 where their number would tell something. */
void text_ask_code(enum lang lang, unsigned digits, char ret_text[TEXT_SIZE]);

#endif
