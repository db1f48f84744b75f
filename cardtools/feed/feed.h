/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feed.h - the life of a feed: lines in, events out, nothing lost between. */
#ifndef SEKISHO_FEED_FEED_H
#define SEKISHO_FEED_FEED_H

#include <signal.h>

#include "cardtools/feed/input.h"

/*
 * Until the input ends or *stop becomes non-zero. Logs what is wrong; the
 * result says whether it was.
 */
MUST_CHECK enum error feed_run(const struct feedconf *conf, struct input *input,
    const volatile sig_atomic_t *stop);

/* The events on standard output, a line each, and no database. */
MUST_CHECK enum error feed_dry_run(const struct feedconf *conf,
    struct input *input, const volatile sig_atomic_t *stop);

#endif
