/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_escrow.h - a card's PUK or management key out of escrow, to be shown to
 * a person. It takes two commands: what is asked for waits for another
 * officer, and is collected afterwards.
 */
#ifndef SEKISHO_CARDTOOLS_CARD_ESCROW_H
#define SEKISHO_CARDTOOLS_CARD_ESCROW_H

#include <jansson.h>

#include "cardtools/command.h"

enum status card_escrow_ask(struct call *call);

/* Shows the answer of an order that was done; then nobody has it any more. */
enum status card_escrow_collect(struct call *call, const json_t *order);

#endif
