/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry.h - requests of doors. A reader of ours asks for a challenge and
 * brings a card's signature over it; other doors bring a number. Nothing that
 * is given here is good for a login, and no login for this (docs/protocol.md,
 * "An entry at a door").
 */
#ifndef SEKISHO_AUTHD_ENTRY_H
#define SEKISHO_AUTHD_ENTRY_H

#include "authd/worker.h"
#include "common/wire/message.h"

/*
 * *ret_taken false: it is none of a door's. What says Call-Check and is of
 * another client is whatever it would be without. An error means silence.
 */
MUST_CHECK enum error entry_answer(struct worker *w,
    const Sekisho__AuthRequest *request, bool *ret_taken,
    Sekisho__AuthReply *ret_reply);

#endif
