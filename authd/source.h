/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source.h - what a source (a client, or one caller behind a gateway) has
 * used up: failed hashes, and distinct persons that failed. A source over
 * its budget is not refused; its hashes wait until nobody else's do, except
 * those of persons who have logged in there before (each of whom is held back
 * by the throttle, and so cannot be used for a flood).
 */
#ifndef SEKISHO_AUTHD_SOURCE_H
#define SEKISHO_AUTHD_SOURCE_H

#include "authd/shared.h"

struct source_rule {
	int burst;   /* failed hashes at once */
	int rate;    /* per minute */
	int persons; /* distinct, in ten minutes */
};

/* now_ms is CLOCK_MONOTONIC. */
bool source_within_budget(struct shared *shared, const struct source_rule *rule,
    uint64_t source, int64_t now_ms);

/* One failed hash for person (a keyed digest). */
void source_failed(struct shared *shared, const struct source_rule *rule,
    uint64_t source, uint64_t person, int64_t now_ms);

#endif
