/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/findings.h"

#include <inttypes.h>
#include <stdio.h>

#include "cardtools/text.h"

static const struct {
	const char *word;
	bool event; /* or the batch as a whole */
	const char *text;
} kinds[] = {
    [FOUND_ALTERED] = {"altered", true, N_("was altered after it was sealed")},
    [FOUND_MISSING] = {"missing", true, N_("is missing")},
    [FOUND_INSERTED] = {"inserted", true, N_("was never sealed: inserted")},
    [FOUND_REORDERED] = {"reordered", true,
	N_("is out of order, or there twice")},
    [FOUND_SIGNATURE] = {"signature", false,
	N_("is not signed by a key that you gave")},
    [FOUND_STATEMENT] = {"statement", false,
	N_("has a statement that is none")},
    [FOUND_LIST] = {"list", false,
	N_("has a list of hashes that is not what was signed; its events were "
	   "compared with what was signed itself")},
    [FOUND_ROOT] = {"root", false,
	N_("has events that are not what was signed")},
    [FOUND_CHAIN] = {"chain", false,
	N_("does not follow from the batch before it: one is missing, or the "
	   "history was written anew")},
    [FOUND_REWRITTEN] = {"rewritten", false,
	N_("was anchored with other contents: the history was written anew")},
    [FOUND_CUT] = {"cut", false,
	N_("was anchored and is not there: the history was cut off")},
};

void
findings_add(
    struct findings *f, enum finding finding, uint64_t batch, uint64_t what)
{
	f->n++;
	if (f->n > FINDINGS_SHOWN)
		return;
	if (f->json) {
		(void)printf("{\"finding\": \"%s\", \"batch\": %" PRIu64,
		    kinds[finding].word, batch);
		if (kinds[finding].event)
			(void)printf(", \"event\": %" PRIu64, what);
		(void)printf("}\n");
	} else if (kinds[finding].event) {
		/* TRANSLATORS: event 12 (batch 3) is missing */
		(void)printf(_("event %" PRIu64 " (batch %" PRIu64 ") %s\n"),
		    what, batch, _(kinds[finding].text));
	} else {
		/* TRANSLATORS: batch 3 was ... */
		(void)printf(
		    _("batch %" PRIu64 " %s\n"), batch, _(kinds[finding].text));
	}
}
