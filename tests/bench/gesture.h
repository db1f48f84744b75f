/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gesture.h - what a terminal adds to its request for a person with a card in
 * the reader, or a FIDO2 key in the port. Ends the program if a challenge is
 * none.
 */
#ifndef SEKISHO_BENCH_GESTURE_H
#define SEKISHO_BENCH_GESTURE_H

#include "tests/bench/people.h"
#include "tests/bench/radius.h"

/* challenge NULL: of the first round. Returns the octets written to out. */
size_t gesture_card(const struct someone *who,
    const struct radius_reply *challenge, uint8_t *out);
size_t gesture_key(const struct someone *who,
    const struct radius_reply *challenge, uint8_t *out);

#endif
