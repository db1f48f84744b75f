/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - stable keys of the database and of authd in words, translated. An
 * unknown key is its own text.
 */
#ifndef SEKISHO_CARDTOOLS_WORDS_H
#define SEKISHO_CARDTOOLS_WORDS_H

struct word {
	const char *key, *text; /* N_() */
};

/* The text of a key, translated; NULL if a table (ending with a NULL key)
 * does not have it. */
const char *look_up(const struct word *table, const char *key);

/* Why the database refused; {} stands for what it is about. */
const char *refusal_words(const char *key);

/* Why the keyring did not do what was ordered. */
const char *order_words(const char *reason);

/* An audit event's outcome and reason. */
const char *outcome_words(const char *outcome);
const char *reason_words(const char *reason);

/* What a setting is for, NULL if unknown here. */
const char *setting_words(const char *name);

/* A category, a method or a status. */
const char *term_words(const char *term);

#endif
