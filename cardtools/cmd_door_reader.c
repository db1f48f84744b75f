/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_door_reader.c - readers at doors that ask by RADIUS. */
#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
change(struct call *call, const char *function,
    const struct parameter *parameters, const char *sentence)
{
	enum status status;
	json_t *reader;

	status = database_call(call, function, parameters, &reader);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(reader, false);
	else
		out("%s\n", sentence);
	json_decref(reader);
	return STATUS_DONE;
}

enum status
door_reader_add(struct call *call)
{
	const char *client = option(call, "client");

	if (client == NULL) {
		say("%s", _("--client is missing: the client of kind door that "
			    "asks for this reader"));
		return STATUS_USAGE;
	}
	if (call->arg[1][0] == '\0' || out_characters(call->arg[1]) > 64) {
		say("%s", _("a reader's name has 1 to 64 characters"));
		return STATUS_USAGE;
	}
	return change(call, "door_reader_add",
	    PARAMETERS({"p_door", call->arg[0]}, {"p_name", call->arg[1]},
		{"p_client", client}, {"p_side", option(call, "side")}),
	    _("The reader is added: the door's configuration names it exactly "
	      "so."));
}

enum status
door_reader_remove(struct call *call)
{
	return change(call, "door_reader_remove",
	    PARAMETERS({"p_door", call->arg[0]}, {"p_name", call->arg[1]}),
	    _("The reader is removed: it opens to nobody any more."));
}

static void
show_readers(const json_t *list)
{
	const char *const headings[] = {_("DOOR"), _("READER"), _("SIDE"),
	    _("IDENTIFIED BY"), _("CLIENT"), _("STATE"), _("HEARD")};
	struct sheet *sheet = sheet_new(7, headings);
	const json_t *reader;
	size_t i;

	json_array_foreach(list, i, reader)
	{
		sheet_cell(sheet, field(reader, "door"));
		sheet_cell(sheet, field(reader, "name"));
		sheet_cell(sheet, field(reader, "side")[0] == 'i'
				      ? _("coming in")
				      : _("going out"));
		sheet_cell(sheet, door_method_words(field(reader, "method")));
		sheet_cell(sheet, field(reader, "client"));
		sheet_cell(
		    sheet, json_is_true(json_object_get(reader, "silent"))
			       ? _("SILENT")
			       : _("heard"));
		sheet_moment(sheet, field(reader, "heard_at"));
	}
	sheet_end(&sheet);
}

enum status
door_reader_list(struct call *call)
{
	enum status status;
	json_t *list;

	status = database_call(call, "door_reader_list",
	    PARAMETERS({"p_door", option(call, "door")}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(list, false);
	else
		show_readers(list);
	json_decref(list);
	return STATUS_DONE;
}

const struct option door_reader_options[] = {
    {.name = "client",
	.kind = OPTION_TEXT,
	.value = "CLIENT",
	.help = N_("the client of kind door that asks for it; must be given")},
    {.name = "side",
	.kind = OPTION_CHOICE,
	.choices = "in|out",
	.help = N_("in: who comes in is read here; in if left out")},
    {0},
};

const struct option door_reader_list_options[] = {
    {.name = "door",
	.kind = OPTION_TEXT,
	.value = "DOOR",
	.help = N_("this door's alone")},
    {0},
};
