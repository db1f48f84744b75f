/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * renewal.h - what terminal and server say to each other when the holder of a
 * card renews it there (docs/protocol.md, "Renewal at a terminal").
 */
#ifndef SEKISHO_WIRE_RENEWAL_H
#define SEKISHO_WIRE_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

#define RENEWAL_PURPOSE "renewal"

enum {
	RENEWAL_KEYS = 2,	  /* 9A and 9E, which every issued card has */
	RENEWAL_PROOF_MAX = 1152, /* RENEWAL_KEYS proofs with RSA */
	RENEWAL_MAX = 3600,	  /* 15 pieces of one vendor attribute */
	RENEWAL_PUBLIC = 32,
	RENEWAL_CHALLENGE = 32,
	RENEWAL_SEALED = 128, /* at most: a management key, sealed */
};

/*
 * What stands in place of the challenge in the octets that a card signs: it
 * binds the key to which the server will seal. Whoever is between the two
 * could put another there otherwise.
 */
void renewal_challenge(const unsigned char challenge[RENEWAL_CHALLENGE],
    const unsigned char public_key[RENEWAL_PUBLIC],
    unsigned char ret_challenge[RENEWAL_CHALLENGE]);

/* What comes back; points into the octets it was read from. */
struct renewal {
	const unsigned char *sealed;
	size_t sealed_len;
	size_t n;
	struct {
		unsigned char slot; /* 0x9a, 0x9e */
		const unsigned char *der;
		size_t len;
	} certificate[RENEWAL_KEYS];
};

/* ERR_INPUT if it does not fit into RENEWAL_MAX octets. */
MUST_CHECK enum error renewal_write(const struct renewal *renewal,
    unsigned char ret_octets[RENEWAL_MAX], size_t *ret_len);

/* ERR_INPUT for anything that renewal_write does not write. */
MUST_CHECK enum error renewal_read(
    const unsigned char *octets, size_t len, struct renewal *ret_renewal);

#endif
