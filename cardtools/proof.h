/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof.h - entries in the ledger of who was known by what (C.14 (2)). */
#ifndef SEKISHO_CARDTOOLS_PROOF_H
#define SEKISHO_CARDTOOLS_PROOF_H

#include <jansson.h>

#include "cardtools/command.h"

/* The options that describe an entry; each verb that makes one has them. */
#define PROOF_OPTIONS                                                       \
	{.name = "how",                                                     \
	    .kind = OPTION_CHOICE,                                          \
	    .choices = "in-person|video|call-back|known",                   \
	    .help = N_("how the person was met")},                          \
	    {.name = "documents",                                           \
		.kind = OPTION_TEXT,                                        \
		.max = 500,                                                 \
		.value = "TEXT",                                            \
		.help = N_("by which documents the person was known")},     \
	    {.name = "copy",                                                \
		.kind = OPTION_FILE,                                        \
		.value = "FILE",                                            \
		.help = N_("a copy of them, which is kept in the ledger")}, \
	    {.name = "second",                                              \
		.kind = OPTION_LOGIN,                                       \
		.value = "LOGIN",                                           \
		.help = N_("another officer who was there")},               \
	{                                                                   \
		.name = "note", .kind = OPTION_TEXT, .value = "TEXT",       \
		.max = 2000, .help = N_("what else should be known")        \
	}

/* "in-person" as the database writes it: "in_person". */
void proof_word(const char *option, char ret_word[24]);

/*
 * Makes an entry as the options say. ret_proof: the entry, which the caller
 * frees; NULL if none is wanted.
 */
enum status proof_make(struct call *call, const char *login,
    const char *purpose, const char *corrects, json_t **ret_proof);

#endif
