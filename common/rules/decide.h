/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decide.h - the decision, one pure function. It sees what was proven and
 * what the policy counts; it knows no network, no clock and no database.
 */
#ifndef SEKISHO_RULES_DECIDE_H
#define SEKISHO_RULES_DECIDE_H

#include <stddef.h>
#include <stdint.h>

#include "common/rules/evidence.h"

/* Evidence dated later than now by more than this is not believed (D.5). */
enum { DECIDE_SKEW = 60 };

enum verdict {
	VERDICT_ACCEPT, /* the evidence carries the purpose */
	VERDICT_ASK,	/* not yet: one of these methods would help */
	VERDICT_REFUSE, /* no method that this person has would be enough */
};

struct decision {
	enum verdict verdict;
	unsigned ask;	     /* VERDICT_ASK: set of enum method */
	unsigned categories; /* set of enum category that counted */
};

/*
 * counted: methods that the client's policy counts. available: methods the
 * person could still prove. Login and operator need two distinct categories
 * (guideline C.13, D.5), whatever the policy says; an entry, a device and a
 * password change need one. Evidence of an earlier login counts only beside
 * some that is given now, and never as knowledge.
 */
struct decision decide(enum purpose purpose, unsigned counted,
    unsigned available, const struct evidence *evidence, size_t n_evidence,
    int64_t now);

#endif
