/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * anchors.h - batches as they were written outside the database (authd.conf,
 * audit_anchor): what is cut off or written anew is found by them alone.
 */
#ifndef SEKISHO_AUDIT_ANCHORS_H
#define SEKISHO_AUDIT_ANCHORS_H

#include "cardtools/audit/auditkeys.h"
#include "cardtools/audit/findings.h"
#include "common/base/error.h"
#include "common/crypto/statement.h"

struct anchor {
	uint64_t batch;
	unsigned char hash[MERKLE_HASH]; /* of its statement */
	bool seen;
};

struct anchors {
	struct anchor *anchor;
	size_t n, room;
};

/*
 * Adds a file's. A line that is not signed by one of the keys is nobody's
 * word, and left out. ERR_INPUT with the number of a line that is none.
 */
MUST_CHECK enum error anchors_read(struct anchors *anchors, const char *path,
    const struct auditkeys *keys, uint64_t *ret_line);

/* Once all are read; two that disagree are found here. */
void anchors_sort(struct anchors *anchors, struct findings *findings);

/* Compares a batch of the export with what was anchored of it. */
void anchors_compare(struct anchors *anchors, uint64_t batch,
    const unsigned char hash[MERKLE_HASH], struct findings *findings);

/* Those from batch first on that no batch of the export was. */
void anchors_rest(
    const struct anchors *anchors, uint64_t first, struct findings *findings);

void anchors_clear(struct anchors *anchors);

#endif
