/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crew.h - the same work for several keys at once, each in a process of its
 * own, so that one that hangs holds up no other.
 */
#ifndef SEKISHO_TERMINAL_CREW_H
#define SEKISHO_TERMINAL_CREW_H

#include <signal.h>
#include <stdbool.h>

#include "cardtools/terminal/frame.h"

enum { CREW_MAX = 8 };

/* In a process of its own: the answer for member i. */
typedef void crew_work(const void *what, size_t i, struct frame *ret_answer);

/* Whether no other answer is waited for after this one. */
typedef bool crew_final(const struct frame *answer);

/*
 * From here on SIGTERM sets *crew_stopped() and nothing else, and does so only
 * where *crew_mask() is in force: where something is waited for.
 */
MUST_CHECK enum error crew_init(void);
const sigset_t *crew_mask(void);
const volatile sig_atomic_t *crew_stopped(void);

/*
 * Runs the work for members 0 to n - 1 (at most CREW_MAX). Those that have not
 * answered after timeout_ms, after a final answer, or after a SIGTERM are sent
 * a SIGTERM, and killed if they do not end. ret_has says who has answered.
 */
void crew_run(crew_work *work, const void *what, size_t n, int timeout_ms,
    crew_final *final, struct frame ret_answer[CREW_MAX],
    bool ret_has[CREW_MAX]);

#endif
