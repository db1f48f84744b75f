/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * first.h - what a right password makes of a login, with what the person did
 * before it: came through a door (guideline D.5), proved both factors here a
 * while ago. Who answers a login and who explains what one would be answered
 * ask the same functions. Pure. Times are seconds since the epoch.
 */
#ifndef SEKISHO_RULES_FIRST_H
#define SEKISHO_RULES_FIRST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/rules/decide.h"

/* How it ends; first_text() has the words of the audit. */
enum first_word {
	FIRST_TWO_FACTORS, /* accept */
	FIRST_DOOR,	   /* the same, by door and terminal */
	FIRST_EARLIER,	   /* the same, by what was proven here before */
	FIRST_ASK,	   /* one more factor is asked for */
	/* Refusals of somebody who can have no right password here. */
	FIRST_UNKNOWN_PERSON,
	FIRST_PERSON_UNUSABLE,
	FIRST_NO_PASSWORD,
	FIRST_WITH_CARD, /* it counts beside a card alone */
	FIRST_NOT_COUNTED,
	/* Refusals after the right one. */
	FIRST_MUST_CHANGE,
	FIRST_NO_PRESENCE, /* an entry would do, there is none that counts */
	FIRST_DOOR_IN_USE, /* there is one, used at another terminal */
	FIRST_DOOR_SHORT,  /* there is one, and the password is too short */
	FIRST_NO_SECOND_FACTOR,
	FIRST_WORDS
};

struct first_ground {
	bool person_found, person_usable, has_password;
	/* It can only be changed, and not here. */
	bool must_change;
	/* It counts beside the person's card and nowhere else. */
	bool with_card;
	unsigned methods;   /* set of enum method that the policy counts */
	unsigned available; /* that the person could still prove */
	bool door_counts;   /* an entry would count here */
	/* Why one that is there does not: FIRST_DOOR_IN_USE or
	 * FIRST_DOOR_SHORT; FIRST_WORDS if there is no such. */
	enum first_word door_fault;
	struct evidence door;	 /* event 0: none */
	struct evidence earlier; /* earlier 0: none */
	int64_t now;
};

/* Whether no password can be right, and why not. */
bool first_barred(const struct first_ground *ground, enum first_word *ret_word);

/*
 * evidence[0] is the password, *n what was proven in this request; there is
 * room for one more. What was proven before is added where nothing better was
 * given and it completes the login. Not for who is barred.
 */
enum first_word first_decide(const struct first_ground *ground,
    struct evidence *evidence, size_t *n, struct decision *ret_decision);

/* The word of log and audit, e.g. "no_presence". Never NULL. */
const char *first_text(enum first_word word);

/* FIRST_WORDS for a word that is none of these. */
enum first_word first_from_text(const char *text);

#endif
