/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/verify.h"

#include <stdlib.h>
#include <string.h>

/* The batch whose events are being read. */
struct batch {
	bool open;
	bool readable; /* its statement is one */
	struct statement s;
	struct leaf *list;  /* as the export has it */
	size_t n_list, at;  /* at: the next that is expected */
	bool list_signed;   /* and it is what was signed */
	struct merkle tree; /* of the events that are there */
	uint64_t last_id;
};

struct run {
	const struct auditkeys *keys;
	struct anchors *anchors;
	struct findings *findings;
	struct verified *v;
	struct batch b;
	bool begun; /* a batch came before, whose hash is: */
	unsigned char previous[MERKLE_HASH];
	uint64_t previous_last;
};

/* The list has the root that was signed, and ids of this batch in order. */
static bool
list_is_signed(const struct batch *b)
{
	unsigned char root[MERKLE_HASH];
	struct merkle tree;
	size_t i;

	if (!b->readable || b->n_list != b->s.leaves)
		return false;
	merkle_begin(&tree);
	for (i = 0; i < b->n_list; i++) {
		if (b->list[i].id < b->s.first || b->list[i].id > b->s.last ||
		    (i > 0 && b->list[i].id <= b->list[i - 1].id))
			return false;
		merkle_add(&tree, b->list[i].hash);
	}
	merkle_root(&tree, root);
	return memcmp(root, b->s.root, MERKLE_HASH) == 0;
}

static void
close_batch(struct run *r)
{
	struct batch *b = &r->b;
	unsigned char root[MERKLE_HASH];
	bool same;

	if (!b->open)
		return;
	for (; b->list_signed && b->at < b->n_list; b->at++)
		findings_add(
		    r->findings, FOUND_MISSING, b->s.batch, b->list[b->at].id);
	merkle_root(&b->tree, root);
	same = b->readable && b->tree.leaves == b->s.leaves &&
	       memcmp(root, b->s.root, MERKLE_HASH) == 0;
	/*
	 * The list is there to name events; without it, or where somebody
	 * adapted it, the signature speaks for the batch as a whole.
	 */
	if (b->readable && !b->list_signed)
		findings_add(r->findings, FOUND_LIST, b->s.batch, 0);
	if (b->readable && !b->list_signed && !same)
		findings_add(r->findings, FOUND_ROOT, b->s.batch, 0);
	free(b->list);
	memset(b, 0, sizeof *b);
}

/* Signed, and following from the one before. */
static void
check_seal(struct run *r, const struct line *line)
{
	const struct statement *s = &r->b.s;
	size_t len = strlen(line->statement);
	static const unsigned char none[MERKLE_HASH];

	if (!auditkeys_signed(r->keys, s, line->statement, line->signature))
		findings_add(r->findings, FOUND_SIGNATURE, s->batch, 0);
	if (r->begun
		? memcmp(s->previous, r->previous, MERKLE_HASH) != 0 ||
		      s->batch != r->v->last + 1 ||
		      s->first != r->previous_last + 1
		: s->batch == 1 && memcmp(s->previous, none, MERKLE_HASH) != 0)
		findings_add(r->findings, FOUND_CHAIN, s->batch, 0);
	statement_hash(line->statement, len, r->previous);
	anchors_compare(r->anchors, s->batch, r->previous, r->findings);
	r->previous_last = s->last;
	if (!r->begun) {
		r->v->first = s->batch;
		memcpy(r->v->from, s->at, sizeof s->at);
	}
	r->v->last = s->batch;
	memcpy(r->v->until, s->at, sizeof s->at);
	r->begun = true;
}

static void
open_batch(struct run *r, struct line *line)
{
	struct batch *b = &r->b;

	close_batch(r);
	b->open = true;
	b->readable = statement_read(line->statement, strlen(line->statement),
			  &b->s) == ERR_OK;
	/* ours until the batch is closed */
	b->list = line->leaves;
	b->n_list = line->n_leaves;
	line->leaves = NULL;
	merkle_begin(&b->tree);
	if (!b->readable) {
		findings_add(r->findings, FOUND_STATEMENT, r->v->last + 1, 0);
		return;
	}
	b->list_signed = list_is_signed(b);
	check_seal(r, line);
}

static void
take_event(struct run *r, const struct line *line)
{
	struct batch *b = &r->b;
	unsigned char hash[MERKLE_HASH];

	r->v->events++;
	merkle_leaf(line->text, line->len, hash);
	merkle_add(&b->tree, hash);
	if (line->id <= b->last_id) {
		findings_add(
		    r->findings, FOUND_REORDERED, b->s.batch, line->id);
		return;
	}
	b->last_id = line->id;
	if (!b->list_signed)
		return;
	for (; b->at < b->n_list && b->list[b->at].id < line->id; b->at++)
		findings_add(
		    r->findings, FOUND_MISSING, b->s.batch, b->list[b->at].id);
	if (b->at == b->n_list || b->list[b->at].id != line->id) {
		findings_add(r->findings, FOUND_INSERTED, b->s.batch, line->id);
		return;
	}
	if (memcmp(b->list[b->at].hash, hash, MERKLE_HASH) != 0)
		findings_add(r->findings, FOUND_ALTERED, b->s.batch, line->id);
	b->at++;
}

enum error
verify_export(struct export *export, const struct auditkeys *keys,
    struct anchors *anchors, struct findings *findings,
    struct verified *ret_verified)
{
	struct run r = {.keys = keys,
	    .anchors = anchors,
	    .findings = findings,
	    .v = ret_verified};
	enum error err;

	memset(ret_verified, 0, sizeof *ret_verified);
	for (;;) {
		err = export_next(export);
		if (err != ERR_OK || export->line.kind == LINE_END)
			break;
		if (export->line.kind == LINE_SEAL) {
			open_batch(&r, &export->line);
		} else if (!r.b.open) {
			err = ERR_INPUT; /* of no batch */
			break;
		} else {
			take_event(&r, &export->line);
		}
	}
	close_batch(&r);
	if (err == ERR_OK)
		anchors_rest(anchors, r.v->first, findings);
	return err;
}
