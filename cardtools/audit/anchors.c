/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/audit/export.h"

static enum error
add(struct anchors *a, const struct anchor *anchor)
{
	if (a->n == a->room) {
		size_t room = a->room == 0 ? 1024 : 2 * a->room;
		struct anchor *more =
		    realloc(a->anchor, room * sizeof *a->anchor);

		if (more == NULL)
			return ERR_NOMEM;
		a->anchor = more;
		a->room = room;
	}
	a->anchor[a->n++] = *anchor;
	return ERR_OK;
}

enum error
anchors_read(struct anchors *a, const char *path, const struct auditkeys *keys,
    uint64_t *ret_line)
{
	FILE *from = fopen(path, "re");
	struct export lines;
	enum error err;

	*ret_line = 0;
	if (from == NULL)
		return ERR_SYSTEM;
	export_open(from, &lines);
	for (;;) {
		struct anchor anchor = {0};
		struct statement s;
		size_t len;

		err = export_next(&lines);
		*ret_line = lines.line.number;
		if (err != ERR_OK || lines.line.kind == LINE_END)
			break;
		if (lines.line.kind != LINE_SEAL) {
			err = ERR_INPUT;
			break;
		}
		len = strlen(lines.line.statement);
		if (statement_read(lines.line.statement, len, &s) != ERR_OK ||
		    !auditkeys_signed(
			keys, &s, lines.line.statement, lines.line.signature))
			continue;
		anchor.batch = s.batch;
		statement_hash(lines.line.statement, len, anchor.hash);
		err = add(a, &anchor);
		if (err != ERR_OK)
			break;
	}
	export_close(&lines);
	return err;
}

static int
by_batch(const void *left, const void *right)
{
	const struct anchor *l = left, *r = right;

	return l->batch < r->batch ? -1 : l->batch > r->batch;
}

void
anchors_sort(struct anchors *a, struct findings *findings)
{
	size_t i, n = 0;

	if (a->n == 0)
		return;
	qsort(a->anchor, a->n, sizeof *a->anchor, by_batch);
	for (i = 1; i < a->n; i++) {
		if (a->anchor[i].batch != a->anchor[n].batch)
			a->anchor[++n] = a->anchor[i];
		else if (memcmp(a->anchor[i].hash, a->anchor[n].hash,
			     MERKLE_HASH) != 0)
			findings_add(
			    findings, FOUND_REWRITTEN, a->anchor[n].batch, 0);
	}
	a->n = n + 1;
}

void
anchors_compare(struct anchors *a, uint64_t batch,
    const unsigned char hash[MERKLE_HASH], struct findings *findings)
{
	const struct anchor key = {.batch = batch};
	struct anchor *anchor;

	anchor = a->n == 0 ? NULL
			   : bsearch(&key, a->anchor, a->n, sizeof *a->anchor,
				 by_batch);
	if (anchor == NULL)
		return;
	anchor->seen = true;
	if (memcmp(anchor->hash, hash, MERKLE_HASH) != 0)
		findings_add(findings, FOUND_REWRITTEN, batch, 0);
}

void
anchors_rest(const struct anchors *a, uint64_t first, struct findings *findings)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (!a->anchor[i].seen && a->anchor[i].batch >= first)
			findings_add(
			    findings, FOUND_CUT, a->anchor[i].batch, 0);
	}
}

void
anchors_clear(struct anchors *a)
{
	free(a->anchor);
	memset(a, 0, sizeof *a);
}
