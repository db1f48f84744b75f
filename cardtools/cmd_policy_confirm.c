/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

/* Whether the rules are confirmed, by whom, and what was weakened since. */
static enum status
show_confirmation(
    struct call *call, const char *function, const struct parameter *parameters)
{
	const json_t *weakened, *one;
	enum status status;
	json_t *shown;
	size_t i;

	status = database_call(call, function, parameters, &shown);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(shown, false);
		json_decref(shown);
		return STATUS_DONE;
	}
	if (json_is_null(json_object_get(shown, "at"))) {
		out(_("Nobody has confirmed the rules yet.\n"));
	} else {
		struct sheet *sheet = sheet_new(2, NULL);

		sheet_cell(sheet, _("confirmed"));
		sheet_moment(sheet, field(shown, "at"));
		sheet_cell(sheet, _("by"));
		sheet_cell(sheet, field(shown, "officer"));
		sheet_cell(sheet, _("note"));
		sheet_cell(sheet, field(shown, "note"));
		sheet_cell(sheet, _("until"));
		sheet_moment(sheet, field(shown, "until"));
		sheet_end(&sheet);
	}
	weakened = json_object_get(shown, "weakened");
	json_array_foreach(weakened, i, one)
	    out(_("Weakened since by %s: %s\n"), field(one, "officer"),
		field(one, "what"));
	if (json_is_true(json_object_get(shown, "due")))
		out(_("To do: look whether passwords are safe as a whole, then "
		      "card-admin policy confirm --note TEXT\n"));
	json_decref(shown);
	return STATUS_DONE;
}

enum status
policy_confirm(struct call *call)
{
	const char *note = option(call, "note");

	if (note == NULL)
		return show_confirmation(
		    call, "policy_confirmation_show", PARAMETERS({NULL, NULL}));
	return show_confirmation(
	    call, "policy_confirm", PARAMETERS({"p_note", note}));
}

const struct option policy_confirm_options[] = {
    {.name = "note",
	.kind = OPTION_TEXT,
	.max = 4000,
	.value = "TEXT",
	.help = N_("what was considered; it is recorded with the rules")},
    {0},
};
