/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prove.h - that one event is in the sealed audit, without the others
 * (RFC 9162, 2.1.3): for who may see this one alone.
 */
#ifndef SEKISHO_AUDIT_PROVE_H
#define SEKISHO_AUDIT_PROVE_H

#include "cardtools/audit/auditkeys.h"
#include "cardtools/audit/export.h"

/* Writes the proof, a line of JSON. ERR_NOTFOUND if no such event is there;
 * ERR_MISMATCH if the batch's events are not what was signed. */
MUST_CHECK enum error prove_event(struct export *export, uint64_t id, FILE *to);

struct proven {
	char *event; /* the caller frees it */
	struct statement statement;
};

/* ERR_INPUT for what is no proof, ERR_MISMATCH if it proves nothing. */
MUST_CHECK enum error prove_check(
    FILE *from, const struct auditkeys *keys, struct proven *ret_proven);

#endif
