/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/latency.h"

#include <stdlib.h>

enum error
latency_add(struct latency *l, int64_t ns)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 1024 : 2 * l->cap;
		int64_t *more = reallocarray(l->ns, cap, sizeof *more);

		if (more == NULL)
			return ERR_NOMEM;
		l->ns = more;
		l->cap = cap;
	}
	l->ns[l->n++] = ns;
	return ERR_OK;
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
latency_percentile(struct latency *l, double percent)
{
	size_t at;

	if (l->n == 0)
		return 0;
	qsort(l->ns, l->n, sizeof *l->ns, by_size);
	at = (size_t)(percent / 100 * (double)(l->n - 1) + 0.5);
	return (double)l->ns[at] / 1e6;
}

void
latency_clear(struct latency *l)
{
	free(l->ns);
	*l = (struct latency){0, 0, NULL};
}
