/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * badge.h - a terminal asks whose the number of a card is, to fill in a name.
 * The answer is a refusal whatever it is, so that no client can ever take it
 * for a login; with the name in it, if somebody has that number.
 */
#ifndef SEKISHO_AUTHD_BADGE_H
#define SEKISHO_AUTHD_BADGE_H

#include "authd/worker.h"
#include "common/wire/message.h"

MUST_CHECK enum error badge_answer(struct worker *w,
    const Sekisho__AuthRequest *request, Sekisho__AuthReply *ret_reply);

#endif
