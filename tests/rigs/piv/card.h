/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card.h - one virtual card: an applet, its faults, and its way into a
 * reader of vsmartcard's vpcd driver (a TCP connection: being connected is
 * being inserted).
 */
#ifndef SEKISHO_PIV_CARD_H
#define SEKISHO_PIV_CARD_H

#include <stdio.h>

#include "tests/rigs/piv/apdu.h"
#include "tests/rigs/piv/fault.h"

struct card;

/* The applet becomes the card's. log NULL: commands are not written down. */
MUST_CHECK enum error card_new(const struct applet *applet, const char *host,
    FILE *log, struct card **ret_card);
void card_free(struct card **card);

/* From now on it is in the reader at that port, or will be when there is one.
 */
void card_insert(struct card *card, int port);
void card_remove(struct card *card);
struct faults *card_faults(struct card *card);
/* Counters as JSON; the caller frees. NULL: no memory. */
char *card_counters(struct card *card);

/*
 * The event loop's side: a descriptor to wait for (-1: none), for how many
 * milliseconds at most (-1: for ever), and what to do then.
 */
int card_fd(const struct card *card);
int card_timeout(const struct card *card);
void card_work(struct card *card, bool readable);

#endif
