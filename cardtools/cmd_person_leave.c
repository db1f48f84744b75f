/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

/* One line of the receipt; nothing where there was nothing. */
static void
ended(struct sheet *sheet, const char *what, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		const char *text = json_string_value(name);

		sheet_cell(sheet, i == 0 ? what : "");
		sheet_cell(sheet, text[0] != '\0' ? text : "-");
	}
}

static void
count_row(struct sheet *sheet, const char *what, const json_t *receipt,
    const char *name)
{
	json_int_t n = json_integer_value(json_object_get(receipt, name));
	char text[24];

	if (n == 0)
		return;
	(void)snprintf(text, sizeof text, "%lld", (long long)n);
	sheet_cell(sheet, what);
	sheet_cell(sheet, text);
}

/* What is printed and filed: what ended, and what people have to do. */
static void
show_receipt(const json_t *r)
{
	const json_t *stations = json_object_get(r, "stations"), *station;
	struct sheet *sheet = sheet_new(2, NULL);
	size_t i;

	sheet_cell(sheet, _("left"));
	sheet_cell(sheet, field(r, "login"));
	sheet_cell(sheet, _("at"));
	sheet_moment(sheet, field(r, "at"));
	sheet_cell(sheet, _("by"));
	sheet_cell(sheet, field(r, "by"));
	sheet_cell(sheet, _("why"));
	sheet_cell(sheet, field(r, "why"));
	sheet_cell(sheet, _("password"));
	sheet_cell(sheet,
	    json_is_true(json_object_get(r, "password")) ? _("revoked") : "-");
	ended(sheet, _("cards revoked"), json_object_get(r, "cards"));
	ended(sheet, _("FIDO2 keys revoked"), json_object_get(r, "fido2"));
	ended(sheet, _("tokens revoked"), json_object_get(r, "tokens"));
	ended(
	    sheet, _("affiliations ended"), json_object_get(r, "affiliations"));
	count_row(sheet, _("logins in progress ended"), r, "logins_ended");
	count_row(sheet, _("sessions being ended"), r, "sessions_ending");
	sheet_end(&sheet);
	out("\n");
	if (json_array_size(json_object_get(r, "cards")) > 0)
		out(_("To do: collect the cards (card-admin card return).\n"));
	json_array_foreach(stations, i, station)
	    out(_("To do: the machine %s is in this name (card-admin station "
		  "set or retire).\n"),
		json_string_value(station));
	if (json_is_true(json_object_get(r, "role")))
		out(_("To do: there is a database role of this name; let the "
		      "administrator drop it.\n"));
	if (json_array_size(json_object_get(r, "sessions")) > 0)
		out(_("To do: see that the sessions end (card-admin session "
		      "list --person %s).\n"),
		    field(r, "login"));
}

enum status
person_leave(struct call *call)
{
	enum status status;
	json_t *receipt;

	if (ask_interactive()) {
		out(_("Everything of %s will end, for good. "), call->arg[0]);
		if (!ask_yes(_("Go on (yes/no)? ")))
			return STATUS_REFUSED;
	}
	status = database_call(call, "person_leave",
	    PARAMETERS(
		{"p_login", call->arg[0]}, {"p_why", option(call, "why")}),
	    &receipt);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(receipt, false);
	else
		show_receipt(receipt);
	json_decref(receipt);
	return STATUS_DONE;
}

const struct option person_leave_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 500,
	.help = N_("why; kept in the audit, and on the receipt")},
    {0},
};
