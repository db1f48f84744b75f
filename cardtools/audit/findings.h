/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings.h - what is wrong, told line by line and counted. */
#ifndef SEKISHO_AUDIT_FINDINGS_H
#define SEKISHO_AUDIT_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

/* Words of --json; what people read is findings.c's. */
enum finding {
	FOUND_ALTERED,	 /* an event is not what was sealed */
	FOUND_MISSING,	 /* one that was sealed is not there */
	FOUND_INSERTED,	 /* one that was not sealed is there */
	FOUND_REORDERED, /* one comes after a later one, or twice */
	FOUND_SIGNATURE, /* a batch is not signed by a key that is trusted */
	FOUND_STATEMENT, /* or is no statement */
	FOUND_LIST,	 /* its list of leaves is not what was signed */
	FOUND_ROOT,	 /* its events are not, and the list agrees with them */
	FOUND_CHAIN,	 /* it does not follow from the one before */
	FOUND_REWRITTEN, /* it was anchored otherwise */
	FOUND_CUT,	 /* it was anchored, and is not there */
};

struct findings {
	bool json;
	uint64_t n;
};

enum { FINDINGS_SHOWN = 1000 };

/* what: an event's id, or a batch's number. */
void findings_add(struct findings *findings, enum finding finding,
    uint64_t batch, uint64_t what);

#endif
