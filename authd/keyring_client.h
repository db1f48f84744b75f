/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyring_client.h - asks the keyring over the descriptor the supervisor
 * gave. A keyring that died loses the question; its successor answers the
 * next one, and a late answer to an old one is recognised by its number.
 */
#ifndef SEKISHO_AUTHD_KEYRING_CLIENT_H
#define SEKISHO_AUTHD_KEYRING_CLIENT_H

#include "common/wire/message.h"

enum { KEYRING_TIMEOUT_MS = 1500 };

/*
 * Fills in the request's id, asks and waits. The reply lies in arena.
 * A FAULT answer is ERR_CRYPTO: never a mismatch.
 */
MUST_CHECK enum error keyring_ask(int fd, Sekisho__KeyringRequest *request,
    struct arena *arena, const Sekisho__KeyringReply **ret_reply);

#endif
