/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * factor_card.h - a signature by a card's key. What is signed says for which
 * purpose, server, client, person and challenge (common/wire/signed.h), so it
 * is good for one login at one terminal. docs/protocol.md, "A login with a
 * card".
 */
#ifndef SEKISHO_AUTHD_FACTOR_CARD_H
#define SEKISHO_AUTHD_FACTOR_CARD_H

#include "authd/reason.h"
#include "authd/store.h"
#include "authd/worker.h"
#include "common/wire/message.h"

enum card_result {
	CARD_RIGHT,
	CARD_REFUSED, /* *ret_reason says why */
};

/*
 * Does the request's signature, given for this purpose and login, prove this
 * key? At a door the reader's name stands for the login. An error is a failure
 * of our own, never a mismatch.
 */
MUST_CHECK enum error factor_card(const struct worker *w, enum purpose purpose,
    const char *login, const struct store_key *key,
    const Sekisho__AuthRequest *request, enum card_result *ret_result,
    enum reason *ret_reason);

#endif
