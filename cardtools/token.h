/* SPDX-License-Identifier: GPL-2.0-or-later */
/* token.h - what enrolment, import and the orders about a token share. */
#ifndef SEKISHO_CARDTOOLS_TOKEN_H
#define SEKISHO_CARDTOOLS_TOKEN_H

#include "cardtools/command.h"
#include "common/base/hex.h"
#include "common/base/secret.h"

struct token {
	const char *login, *label;
	const char *algorithm, *digits, *period;
	const struct secret *seed;
	char id[UUID_TEXT]; /* written by token_store */
};

/* Seals the seed and stores it; the token waits for its first code. */
enum status token_store(struct call *call, struct token *token);

/*
 * The id of a person's token: the one that prefix begins, of the given
 * status (NULL: any). Without a prefix there must be one only.
 */
enum status token_find(struct call *call, const char *login, const char *prefix,
    const char *status, char ret_id[UUID_TEXT]);

/* A person's id, which stands inside boxes. */
enum status person_id(
    struct call *call, const char *login, char ret_id[UUID_TEXT]);

#endif
