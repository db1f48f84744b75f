/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - time for deadlines. Time of day is never taken here: decisions
 * use the database's clock, one for all nodes, handed down as an argument.
 */
#ifndef SEKISHO_BASE_CLOCK_H
#define SEKISHO_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_ms(void);

#endif
