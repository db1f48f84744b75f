/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disconnect.h - a Disconnect-Request as a terminal takes it (RFC 5176): whom
 * it believes, and what it does then. One at a time.
 */
#ifndef SEKISHO_TERMINAL_DISCONNECT_H
#define SEKISHO_TERMINAL_DISCONNECT_H

#include <netinet/in.h>
#include <stdint.h>

#include "cardtools/terminal/settings.h"
#include "common/crypto/dynauth.h"

enum { DISCONNECT_SEEN = 64, DISCONNECT_AUTHENTICATOR = 16 };

/* A request that was answered: the same octets get the same answer. */
struct disconnect_seen {
	uint8_t authenticator[DISCONNECT_AUTHENTICATOR];
	uint8_t answer[128];
	size_t answer_len; /* 0: none was given */
};

struct disconnect {
	const struct settings *settings;
	const struct secret *secret;
	struct disconnect_seen seen[DISCONNECT_SEEN];
	size_t next;
};

/*
 * octets came from an address at now (seconds since the epoch). *ret_len is 0
 * where there is no answer: not one of our servers, not proven, not of this
 * time. Else the answer is in ret_answer.
 */
void disconnect_take(struct disconnect *d, const struct sockaddr_in6 *from,
    const uint8_t *octets, size_t len, int64_t now,
    uint8_t ret_answer[DYNAUTH_MAX], size_t *ret_len);

#endif
