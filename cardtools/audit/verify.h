/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.h - an export against the signatures in it, and against anchors. */
#ifndef SEKISHO_AUDIT_VERIFY_H
#define SEKISHO_AUDIT_VERIFY_H

#include "cardtools/audit/anchors.h"
#include "cardtools/audit/export.h"

struct verified {
	uint64_t first, last; /* batches; 0: there was none */
	uint64_t events;
	char from[STATEMENT_AT],
	    until[STATEMENT_AT]; /* when they were sealed */
};

/* ERR_INPUT: export->line says at which line. Findings are no error. */
MUST_CHECK enum error verify_export(struct export *export,
    const struct auditkeys *keys, struct anchors *anchors,
    struct findings *findings, struct verified *ret_verified);

#endif
