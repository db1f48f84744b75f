/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * renew_card.h - the card's side of a renewal, in the card helper's child: all
 * keys sign, then new certificates take the place of the old. Without the
 * vendor's module: only PIV cards that we issued are renewed.
 */
#ifndef SEKISHO_TERMINAL_RENEW_CARD_H
#define SEKISHO_TERMINAL_RENEW_CARD_H

#include "cardtools/terminal/card.h"
#include "cardtools/terminal/frame.h"

void renew_prove(const struct settings *settings, const struct frame *question,
    struct frame *ret_answer);

void renew_write(const struct frame *question, struct frame *ret_answer);

/* An answer of that kind without what was asked for. */
void renew_failure(struct frame *frame, enum frame_kind kind,
    enum card_outcome outcome, const char *why);

#endif
