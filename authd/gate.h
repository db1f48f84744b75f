/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gate.h - one evaluation per person and scope at a time on a node, so that
 * parallel guesses at one person occupy one worker, not all of them, and no
 * guess is evaluated on what was read before the last one was recorded.
 */
#ifndef SEKISHO_AUTHD_GATE_H
#define SEKISHO_AUTHD_GATE_H

#include "authd/shared.h"

/* To be taken before reading what the evaluation will rest on. */
uint64_t gate_moment(struct shared *shared);

/*
 * ERR_BUSY when another worker is evaluating the same subject. *ret_stale:
 * one was finished since the moment, so read again; the gate is held.
 */
MUST_CHECK enum error gate_enter(struct shared *shared, unsigned worker,
    uint64_t subject, uint64_t moment, bool *ret_stale);

/* Also when the worker died. */
void gate_leave(struct shared *shared, unsigned worker);

#endif
