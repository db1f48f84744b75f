/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin.h - reference data with a retry counter: PIN, PUK, and the two of a
 * My Number card. The counter is on the disk before the comparison's result
 * leaves, as a card writes it before it compares: taking the card out in
 * between wins no try.
 */
#ifndef SEKISHO_PIV_PIN_H
#define SEKISHO_PIV_PIN_H

#include "tests/rigs/piv/state.h"

/* SW_OK, SW_TRIES + n, SW_BLOCKED, or SW_MEMORY if it cannot be written. */
MUST_CHECK uint16_t pin_check(
    struct state *state, const char *name, const uint8_t *value, size_t len);

/* A new value with all its tries. */
MUST_CHECK enum error pin_set(
    struct state *state, const char *name, const uint8_t *value, size_t len);
MUST_CHECK enum error pin_set_max(
    struct state *state, const char *name, int tries);

int pin_tries(const struct state *state, const char *name);

#endif
