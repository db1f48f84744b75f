/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * desk.h - what all work with a card at the office's desk shares: opening it,
 * what went wrong in words, steps and their times, the holder's PIN.
 */
#ifndef SEKISHO_CARDTOOLS_DESK_H
#define SEKISHO_CARDTOOLS_DESK_H

#include <jansson.h>
#include <stdint.h>

#include "cardtools/command.h"
#include "cardtools/piv.h"
#include "common/base/secret.h"

struct desk {
	struct call *call;
	struct piv *piv;
	int step, steps; /* of how many */
	int64_t begun, last;
	const char *doing; /* the step under way */
	bool verbose;
};

/*
 * Opens the card in --reader, in the configured reader or in the only one
 * with a card. On a terminal it waits for a card to be put in.
 */
enum status desk_open(struct call *call, int steps, struct desk *ret_desk);
void desk_close(struct desk *desk);

/*
 * Waits until the card that is there has gone and another has come; false
 * after a minute without one.
 */
bool desk_next(struct call *call);

/* A line for the step that begins: "3/9 keys are made" on standard error. */
void desk_step(struct desk *desk, const char *text);

/* How long it took, with --verbose. */
void desk_done(struct desk *desk);

/* ERR_OK or what the card failed with, said. */
enum status desk_took(const struct desk *desk, enum error err);

/*
 * The holder's new PIN: twice at a terminal, once from standard input.
 * known: n texts that it may not stand in.
 */
enum status desk_new_pin(
    const char *const *known, size_t n, struct secret **ret_pin);

#endif
