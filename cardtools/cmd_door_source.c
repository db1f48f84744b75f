/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_door_source.c - who tells of events at doors. */
#include <stdio.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static void
number_cell(struct sheet *sheet, const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);
	char text[24];

	if (!json_is_integer(value)) {
		sheet_cell(sheet, NULL);
		return;
	}
	(void)snprintf(
	    text, sizeof text, "%lld", (long long)json_integer_value(value));
	sheet_cell(sheet, text);
}

static void
show_sources(const json_t *list)
{
	const char *const headings[] = {_("SOURCE"), _("STATE"), _("HEARD"),
	    _("SILENT AFTER"), _("LAST NUMBER"), _("REPEATED")};
	struct sheet *sheet = sheet_new(6, headings);
	const json_t *source;
	size_t i;

	json_array_foreach(list, i, source)
	{
		sheet_cell(sheet, field(source, "name"));
		sheet_cell(
		    sheet, json_is_true(json_object_get(source, "silent"))
			       ? _("SILENT")
			       : _("heard"));
		sheet_moment(sheet, field(source, "heard_at"));
		number_cell(sheet, source, "silent_after");
		number_cell(sheet, source, "last_seq");
		number_cell(sheet, source, "repeats");
	}
	sheet_end(&sheet);
}

enum status
door_source_list(struct call *call)
{
	enum status status;
	json_t *list;

	status = database_call(
	    call, "door_source_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(list, false);
	else
		show_sources(list);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
change(struct call *call, const char *function,
    const struct parameter *parameters, const char *sentence)
{
	enum status status;
	json_t *source;

	status = database_call(call, function, parameters, &source);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(source, false);
	else
		out("%s\n", sentence);
	json_decref(source);
	return STATUS_DONE;
}

enum status
door_source_add(struct call *call)
{
	if (call->arg[0][0] == '\0' || out_characters(call->arg[0]) > 64) {
		say("%s", _("a source's name has 1 to 64 characters"));
		return STATUS_USAGE;
	}
	return change(call, "door_source_add",
	    PARAMETERS({"p_name", call->arg[0]},
		{"p_silent_after", option(call, "silent-after")},
		{"p_role", option(call, "role")}),
	    _("The source is added; it is silent until it is heard."));
}

enum status
door_source_remove(struct call *call)
{
	return change(call, "door_source_remove",
	    PARAMETERS({"p_name", call->arg[0]}),
	    _("The source is removed: what it told counts for no new login."));
}

enum status
door_source_set(struct call *call)
{
	const char *silent = option(call, "silent-after");

	if (silent == NULL) {
		say("%s", _("--silent-after is missing: seconds"));
		return STATUS_USAGE;
	}
	return change(call, "door_source_set",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_silent_after", silent}),
	    _("The source is changed."));
}

const struct option door_source_set_options[] = {
    {.name = "silent-after",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 10,
	.max = 86400,
	.help = N_("how long nothing may be heard of it; must be given")},
    {0},
};

const struct option door_source_options[] = {
    {.name = "silent-after",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 10,
	.max = 86400,
	.help = N_("how long nothing may be heard of it; 90 if left out")},
    {.name = "role",
	.kind = OPTION_TEXT,
	.value = "ROLE",
	.max = 63,
	.help = N_("the database's role that speaks for it; "
		   "sekisho_door_feed if left out")},
    {0},
};
