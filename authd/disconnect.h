/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disconnect.h - the clerk asks clients to end sessions (RFC 5176), again and
 * again until they have. What is to be ended, and when to ask again, stands in
 * the database; here is only what is under way.
 */
#ifndef SEKISHO_AUTHD_DISCONNECT_H
#define SEKISHO_AUTHD_DISCONNECT_H

#include <netinet/in.h>

#include "authd/duty.h"
#include "common/base/hex.h"
#include "common/base/secret.h"
#include "common/crypto/dynauth.h"

enum {
	DISCONNECT_SLOTS = 256, /* a slot's number is the packet's identifier */
	DISCONNECT_EACH = 4,	/* under way at one client */
	DISCONNECT_WAIT_MS = 2000,
};

struct disconnect_slot {
	int64_t session; /* 0: free */
	int64_t until;	 /* clock_ms */
	char client[64]; /* for the log */
	struct sockaddr_in6 to;
	struct secret *secret; /* proves the answer; wiped with the slot */
	uint8_t octets[DYNAUTH_MAX];
};

struct disconnects {
	int fd;	      /* -1: none */
	bool v4_only; /* a kernel without IPv6 */
	size_t n;
	struct disconnect_slot slot[DISCONNECT_SLOTS];
};

/*
 * Before the process is locked in. address: where packets go out from and
 * answers come to, "" for any. Close with disconnects_close.
 */
MUST_CHECK enum error disconnects_open(
    const char *address, struct disconnects **ret_disconnects);
void disconnects_close(struct disconnects **disconnects);

/* Takes the answers that are there, and gives up what has waited too long. */
void disconnects_receive(struct duty *duty, struct disconnects *d);

/* Asks whom it is time to ask. */
void disconnects_send(struct duty *duty, struct disconnects *d);

#endif
