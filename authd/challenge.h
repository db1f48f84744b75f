/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * challenge.h - what is sent along with a State to a client that can sign: what
 * a card or a FIDO2 key is to sign, and which keys it may be
 * (docs/protocol.md).
 */
#ifndef SEKISHO_AUTHD_CHALLENGE_H
#define SEKISHO_AUTHD_CHALLENGE_H

#include "authd/attempt.h"

enum { CHALLENGE_DECOY = 64, CHALLENGE_DECOY_PARTS = 4 };

/* Fills in the reply; nothing for a client that can sign nothing. */
MUST_CHECK enum error challenge_add(
    const struct attempt *a, const char *state, Sekisho__AuthReply *reply);

/*
 * For a client that has FIDO2 keys. Who has none is given one that does not
 * exist, always the same one, so that nobody can tell (WebAuthn 14.6.2).
 */
MUST_CHECK enum error challenge_offer(const struct attempt *a,
    const struct store_offer *offer, Sekisho__AuthReply *reply);

/* The same after a password: which key may be used instead of a code. */
MUST_CHECK enum error challenge_offer_read(
    const struct attempt *a, Sekisho__AuthReply *reply);

#endif
