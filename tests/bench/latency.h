/* SPDX-License-Identifier: GPL-2.0-or-later */
/* latency.h - times of a run, and their percentiles. */
#ifndef SEKISHO_BENCH_LATENCY_H
#define SEKISHO_BENCH_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

struct latency {
	size_t n, cap;
	int64_t *ns;
};

MUST_CHECK enum error latency_add(struct latency *latency, int64_t ns);

/* In milliseconds; 0 if there were none. Sorts. */
double latency_percentile(struct latency *latency, double percent);

void latency_clear(struct latency *latency);

#endif
