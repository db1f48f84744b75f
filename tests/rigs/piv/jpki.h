/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jpki.h - the certificate application of a My Number card as OpenSC's jpki
 * driver speaks to it: two RSA keys with a PIN each, for identifying oneself
 * (4 digits, 3 tries) and for signing (6 to 16 characters, 5 tries).
 */
#ifndef SEKISHO_PIV_JPKI_H
#define SEKISHO_PIV_JPKI_H

#include "tests/rigs/piv/apdu.h"
#include "tests/rigs/piv/cert.h"
#include "tests/rigs/piv/state.h"

struct jpki_options {
	const char *pin, *sign_pin; /* NULL: the defaults */
	const struct authority *ca; /* of both certificates */
};

/* A new card's state, not yet saved. */
MUST_CHECK enum error jpki_create(
    struct state *state, const struct jpki_options *options);
/* The applet of a card whose state was loaded; state must outlive it. */
MUST_CHECK enum error jpki_open(struct state *state, struct applet *ret_applet);

#endif
