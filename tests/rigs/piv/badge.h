/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * badge.h - a card that can only be read: its number (FeliCa's IDm, a MIFARE
 * card's UID), which a contactless reader tells on a pseudo-command.
 */
#ifndef SEKISHO_PIV_BADGE_H
#define SEKISHO_PIV_BADGE_H

#include "tests/rigs/piv/apdu.h"
#include "tests/rigs/piv/state.h"

/* A new card's state, not yet saved. number: hexadecimal, NULL for one. */
MUST_CHECK enum error badge_create(struct state *state, const char *number);
/* The applet of a card whose state was loaded; state must outlive it. */
MUST_CHECK enum error badge_open(
    struct state *state, struct applet *ret_applet);

#endif
