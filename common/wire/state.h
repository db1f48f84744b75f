/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - the State attribute (RFC 2865 5.24) of a login in progress:
 * 24 random octets as 32 characters of base64url, because a widespread VPN
 * server cuts State at the first NUL octet. The database knows its SHA-256.
 */
#ifndef SEKISHO_WIRE_STATE_H
#define SEKISHO_WIRE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	STATE_RANDOM = 24,
	STATE_TEXT = 33, /* with NUL */
	STATE_HASH = 32,
	STATE_CHALLENGE = 32,
};

/* Randomness is the caller's. */
void state_format(
    const uint8_t random[STATE_RANDOM], char ret_text[STATE_TEXT]);

/* ERR_INPUT unless text is 32 characters of base64url. */
MUST_CHECK enum error state_hash(
    const void *text, size_t len, uint8_t ret_hash[STATE_HASH]);

/*
 * The challenge that goes with a State: a digest of it under a label of its
 * own, so that it is new and good for one answer as the State is, and needs no
 * memory.
 */
void state_challenge(
    const void *text, size_t len, uint8_t ret_challenge[STATE_CHALLENGE]);

#endif
