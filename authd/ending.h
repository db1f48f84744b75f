/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ending.h - a process of ours ends between two questions, never in one:
 * SIGTERM is let through only while it waits.
 */
#ifndef SEKISHO_AUTHD_ENDING_H
#define SEKISHO_AUTHD_ENDING_H

#include <signal.h>
#include <stdbool.h>

/* Blocks SIGTERM. *ret_waiting is the mask for ppoll() and epoll_pwait(). */
void ending_hold(sigset_t *ret_waiting);

/* Has SIGTERM come? */
bool ending_told(void);

#endif
