/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * door_words.h - what is recorded of doors in words, translated. An unknown
 * key is its own text.
 */
#ifndef SEKISHO_CARDTOOLS_DOOR_WORDS_H
#define SEKISHO_CARDTOOLS_DOOR_WORDS_H

/* How somebody is identified at a reader; "" where there is none. */
const char *door_method_words(const char *method);

/* What happened at a door, and which alarm stands in a zone. */
const char *door_kind_words(const char *kind);

/* Why a presence does not count, or an event makes none. */
const char *door_why_words(const char *why);

/* As --in and --out name them, for the database: "none" is "". */
const char *door_method_key(const char *option);

#endif
