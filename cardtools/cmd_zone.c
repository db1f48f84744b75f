/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
change(struct call *call, const char *function, const char *sentence)
{
	enum status status;
	json_t *zone;

	status = database_call(
	    call, function, PARAMETERS({"p_name", call->arg[0]}), &zone);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(zone, false);
	else
		out("%s\n", sentence);
	json_decref(zone);
	return STATUS_DONE;
}

static enum status
zone_add(struct call *call)
{
	if (call->arg[0][0] == '\0' || strlen(call->arg[0]) > 64) {
		say("%s", _("a zone's name has 1 to 64 characters"));
		return STATUS_USAGE;
	}
	return change(call, "zone_add", _("The zone is added."));
}

static enum status
zone_remove(struct call *call)
{
	return change(call, "zone_remove", _("The zone is removed."));
}

static enum status
zone_list(struct call *call)
{
	const char *const headings[] = {_("ZONE"), _("CLIENTS")};
	const json_t *zone, *client;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i, k;

	status =
	    database_call(call, "zone_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(2, headings);
	json_array_foreach(list, i, zone)
	{
		const json_t *clients = json_object_get(zone, "clients");

		/* One line a client: a ward may have many. */
		sheet_cell(sheet, field(zone, "name"));
		if (json_array_size(clients) == 0)
			sheet_cell(sheet, NULL);
		json_array_foreach(clients, k, client)
		{
			if (k > 0)
				sheet_cell(sheet, " ");
			sheet_cell(sheet, json_string_value(client));
		}
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

const struct verb zone_verbs[] = {
    {"add", "NAME", zone_add, NULL, N_("add a zone"),
	N_("  card-admin zone add W3")},
    {"list", "", zone_list, NULL, N_("list zones and their clients"), NULL},
    {"remove", "NAME", zone_remove, NULL,
	N_("remove a zone that no client stands in"), NULL},
    {0},
};
