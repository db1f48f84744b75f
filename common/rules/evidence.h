/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence.h - one proof of identity, of whatever kind: a password typed
 * now, a code, and with later factors a card's signature or an entry through
 * a door. Pure. Times are seconds since the epoch.
 */
#ifndef SEKISHO_RULES_EVIDENCE_H
#define SEKISHO_RULES_EVIDENCE_H

#include <stdint.h>

/* The three kinds of factor of guideline D.5, as a set. */
enum category {
	CATEGORY_NONE = 0,
	CATEGORY_KNOWLEDGE = 1,
	CATEGORY_POSSESSION = 2,
	CATEGORY_INHERENCE = 4,
};
enum { CATEGORY_ALL = 7 };

/* How it was proven, as a set: policies name the methods that count. */
enum method {
	METHOD_NONE = 0,
	METHOD_PASSWORD = 1,
	METHOD_TOTP = 2,
	METHOD_CARD = 4,   /* a key of a card signed */
	METHOD_PIN = 8,	   /* and the card let it only after its PIN */
	METHOD_DOOR = 16,  /* identified at the entry to the zone (D.5) */
	METHOD_FIDO2 = 32, /* a FIDO2 key signed, and somebody touched it */
	/* and it made sure who, by its PIN or a fingerprint: its evidence says
	 * which category that is, and method_category the usual */
	METHOD_UV = 64,
};
enum { METHOD_ALL = 127 };

/* What a proof was given for; it never serves another purpose. */
enum purpose {
	PURPOSE_LOGIN,
	PURPOSE_ENTRY,
	PURPOSE_NETWORK_DEVICE,
	PURPOSE_PASSWORD_CHANGE,
	PURPOSE_OPERATOR,
};
enum { PURPOSE_COUNT = 5 };

struct evidence {
	enum category category;
	enum method method;
	enum purpose purpose;
	int64_t at;
	int64_t until;	    /* worthless from this second on */
	char token[37];	    /* UUID of the token, or empty */
	char label[65 * 4]; /* what its owner calls it, or empty */
	int64_t event;	    /* of a door; 0: of none */
	/* The accept that it was given for, at this very terminal; 0: now. */
	int64_t earlier;
	/* Of a password: days until it expires, when it is time to say so;
	 * negative: it only serves to be changed (enum change). */
	int change;
};

/* Why a password can only be changed. */
enum change {
	CHANGE_NONE = 0,
	CHANGE_EXPIRED = -1,
	CHANGE_GIVEN = -2,  /* given out by an officer, to be changed */
	CHANGE_RULE = -3,   /* its group's rule is stricter today */
	CHANGE_WANTED = -4, /* its owner would like to */
};

/* "knowledge", "password", "login": the words of the audit. Never NULL. */
const char *category_text(enum category category);
const char *method_text(enum method method);
const char *purpose_text(enum purpose purpose);

/* METHOD_NONE, CATEGORY_NONE for a word that names none. */
enum method method_from_text(const char *text);
enum category category_from_text(const char *text);

/*
 * The category a method proves. What a door proves depends on how people are
 * identified there: its evidence says so, and here stands the usual.
 */
enum category method_category(enum method method);

#endif
