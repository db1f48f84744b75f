/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender.h - the database: where the source was, and events with the new
 * cursor in one transaction. While it is away nothing is given up and nothing
 * else is done, so that whoever sends to us has to wait.
 */
#ifndef SEKISHO_FEED_SENDER_H
#define SEKISHO_FEED_SENDER_H

#include <signal.h>

#include "cardtools/feed/input.h"
#include "cardtools/feed/mapping.h"

enum { BATCH_MAX = 1000, BATCH_MS = 200 };

struct sender;

/* stop: becomes non-zero when it is time to end. */
MUST_CHECK enum error sender_new(const struct feedconf *conf,
    const volatile sig_atomic_t *stop, struct sender **ret_sender);

/*
 * ERR_DENIED: this source is not known, or not ours; logged. ERR_CLOSED: it
 * is time to end. Everything else is tried again.
 */
MUST_CHECK enum error sender_begin(
    struct sender *sender, char ret_cursor[CURSOR_MAX], int *ret_silent_after);

/*
 * Sends events and does not wait for the answer; what cannot be sent now is
 * sent by sender_finish. None are a heartbeat. cursor "" leaves what the
 * database has.
 */
void sender_start(struct sender *sender, const struct event *events, size_t n,
    const char *cursor);

/*
 * Until the very events that were started last are committed, however often it
 * takes. ERR_DENIED and ERR_CLOSED as above.
 */
MUST_CHECK enum error sender_finish(
    struct sender *sender, struct event *events, size_t n, const char *cursor);

void sender_free(struct sender **sender);

#endif
