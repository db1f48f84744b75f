/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signed.h - the octets that a card or a key signs (docs/protocol.md, last
 * section). Server and terminal both build them here, each from what it knows
 * itself, so that a signature given for one login, client or purpose is worth
 * nothing for another.
 */
#ifndef SEKISHO_WIRE_SIGNED_H
#define SEKISHO_WIRE_SIGNED_H

#include <stddef.h>

#include "common/base/error.h"

enum {
	SIGNED_CHALLENGE = 32,
	SIGNED_PURPOSE_MAX = 32,
	SIGNED_SERVER_MAX = 247, /* what one vendor attribute can carry */
	SIGNED_LOGIN_MAX = 247,
	SIGNED_MAX = 1024,
	SIGNED_DIGEST = 32
};

/* All texts end with a NUL, and none may be empty. */
struct signed_fields {
	const char *purpose;
	const char *server_id;
	const char *client_id;		/* a UUID in lower case */
	const char *login;		/* canonical */
	const unsigned char *challenge; /* SIGNED_CHALLENGE octets */
};

/* ERR_INPUT if a text is missing or too long, or the client is no UUID. */
MUST_CHECK enum error signed_octets(const struct signed_fields *fields,
    unsigned char ret_octets[SIGNED_MAX], size_t *ret_len);

/* SHA-256 of them: what is given to the card. */
MUST_CHECK enum error signed_digest(const struct signed_fields *fields,
    unsigned char ret_digest[SIGNED_DIGEST]);

#endif
