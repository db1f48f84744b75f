/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
unlock(struct call *call)
{
	json_t *answer;
	enum status status;

	status = database_call(call, "unlock",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_category", option(call, "category")}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answer, false);
	else
		out(_("%s may try again now.\n"), call->arg[0]);
	json_decref(answer);
	return STATUS_DONE;
}

static const struct option unlock_options[] = {
    {.name = "category",
	.kind = OPTION_CHOICE,
	.choices = "knowledge|possession|inherence",
	.help = N_("only this kind of failures")},
    {0},
};

const struct verb unlock_verbs[] = {
    {NULL, "LOGIN", unlock, unlock_options,
	N_("end the delay or lock that failures have brought"),
	N_("Make sure first who is asking. What was counted towards the limit "
	   "of 100\nfailures stays; past that limit the password or token must "
	   "be replaced.\n\n"
	   "  card-admin unlock suzuki\n"
	   "  card-admin unlock suzuki --category knowledge")},
    {0},
};
