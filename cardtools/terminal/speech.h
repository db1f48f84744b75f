/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speech.h - what people read at a terminal, in Japanese and English. A
 * table and not a catalogue: whoever logs in has no locale yet, the program
 * that asks may have none installed, and a catalogue would be one more file
 * to be found and believed before anybody is known.
 */
#ifndef SEKISHO_TERMINAL_SPEECH_H
#define SEKISHO_TERMINAL_SPEECH_H

#include <stddef.h>

/* Also the bound of a PAM message (PAM_MAX_MSG_SIZE). */
enum { SPEECH_SIZE = 512 };

enum speech_language { SPEECH_EN, SPEECH_JA };

enum speech {
	SPEECH_PASSWORD,     /* asks */
	SPEECH_PASSWORD_FOR, /* asks; name */
	SPEECH_CODE,	     /* asks, where the server gave no text */
	SPEECH_PIN,	     /* asks */
	SPEECH_PIN_FOR,	     /* asks; name */
	SPEECH_INSERT,	     /* a card, or wait for the name to be asked */
	SPEECH_PIN_WRONG,    /* number of tries left, 0: unknown; contact */
	SPEECH_PIN_LAST,     /* one try is left; contact */
	SPEECH_PIN_BLOCKED,  /* contact */
	SPEECH_PIN_SHAPE,    /* nothing a card would take; no try was spent */
	SPEECH_CARD_GONE,
	SPEECH_CARD_SLOW,   /* it is being read, and takes longer than usual */
	SPEECH_CARD_FAILED, /* the module crashed, hung or lied; contact */
	SPEECH_CARD_KEYLESS,
	SPEECH_KEY_TOUCH, /* a FIDO2 key, now */
	SPEECH_KEY_FINGER,
	SPEECH_KEY_CHOOSE,	/* touch the one to use */
	SPEECH_KEY_PIN,		/* asks */
	SPEECH_KEY_PIN_WRONG,	/* number of tries left; contact */
	SPEECH_KEY_PIN_LAST,	/* one try is left; contact */
	SPEECH_KEY_PIN_PULL,	/* three in a row: pull it out, put it in */
	SPEECH_KEY_PIN_BLOCKED, /* for good; contact */
	SPEECH_KEY_PIN_SHAPE,	/* nothing a key would take; no try was spent */
	SPEECH_KEY_PINLESS, /* it must verify its user and cannot; contact */
	SPEECH_KEY_FINGER_WRONG, /* number of tries left */
	SPEECH_KEY_FINGER_BLOCKED,
	SPEECH_KEY_FOREIGN, /* it is not this person's; contact */
	SPEECH_KEY_UNTOUCHED,
	SPEECH_KEY_GONE,
	SPEECH_KEY_FAILED, /* it errs, hangs or lies; contact */
	SPEECH_REFUSED,	   /* where the server gave no text */
	SPEECH_SILENCE,	   /* no server answers; contact */
	SPEECH_BROKEN,	   /* configuration; contact */
	SPEECH_RENEW,	   /* asks; the day, in name */
	SPEECH_RENEWING,
	SPEECH_RENEWED,
	SPEECH_NOT_RENEWED, /* contact */
	SPEECH_GO_ON,	    /* asks, so that what was told last can be read */
	SPEECH_TOO_LONG,
};

/* contact: an extension, may be empty. name: who logs in, may be empty. */
void speech_text(enum speech_language language, enum speech what,
    unsigned number, const char *contact, const char *name,
    char ret_text[SPEECH_SIZE]);

/*
 * The server's text as it may be shown: UTF-8 without control characters
 * (a newline becomes a blank), cut between characters.
 */
void speech_clean(const char *bytes, size_t len, char ret_text[SPEECH_SIZE]);

#endif
