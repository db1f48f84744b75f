/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

enum { SHIFT_MAX = 1440, SHIFT_TEXT = 16 };

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
	if (call->arg[0][0] == '\0' || out_characters(call->arg[0]) > 64) {
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

/* As --shift takes it. */
static void
shift_cell(struct sheet *sheet, const json_t *zone)
{
	long minutes =
	    (long)json_integer_value(json_object_get(zone, "shift_minutes"));
	char text[24];

	if (minutes % 60 == 0)
		(void)snprintf(text, sizeof text, "%ldh", minutes / 60);
	else
		(void)snprintf(text, sizeof text, "%ldm", minutes);
	sheet_cell(sheet, text);
}

static void
alarm_cell(struct sheet *sheet, const json_t *zone)
{
	const char *alarm = field(zone, "alarm");
	char at[WHEN_TEXT], text[128];

	if (alarm[0] == '\0') {
		sheet_cell(sheet, NULL);
		return;
	}
	when_local(field(zone, "alarm_at"), false, at);
	(void)snprintf(
	    text, sizeof text, "%s (%s)", door_kind_words(alarm), at);
	sheet_cell(sheet, text);
}

/* The k-th of a list that stands in a column of its own. */
static void
listed_cell(struct sheet *sheet, const json_t *list, size_t k)
{
	if (k < json_array_size(list))
		sheet_cell(sheet, json_string_value(json_array_get(list, k)));
	else
		sheet_cell(sheet, k == 0 ? NULL : " ");
}

/* One line a client or door: a ward may have many. */
static void
zone_rows(struct sheet *sheet, const json_t *zone)
{
	const json_t *clients = json_object_get(zone, "clients");
	const json_t *doors = json_object_get(zone, "doors");
	size_t k = 0;
	int blank;

	do {
		if (k == 0) {
			sheet_cell(sheet, field(zone, "name"));
			shift_cell(sheet, zone);
			sheet_cell(sheet, field(zone, "clear_at"));
			sheet_cell(sheet,
			    json_is_true(json_object_get(zone, "single_file"))
				? _("yes")
				: _("no"));
			alarm_cell(sheet, zone);
		}
		for (blank = 0; k > 0 && blank < 5; blank++)
			sheet_cell(sheet, " ");
		listed_cell(sheet, clients, k);
		listed_cell(sheet, doors, k);
		k++;
	} while (k < json_array_size(clients) || k < json_array_size(doors));
}

static void
show_zones(const json_t *list)
{
	const char *const headings[] = {_("ZONE"), _("SHIFT"), _("CLEARED"),
	    _("ONE AT A TIME"), _("ALARM"), _("CLIENTS"), _("DOORS")};
	struct sheet *sheet = sheet_new(7, headings);
	const json_t *zone;
	size_t i;

	json_array_foreach(list, i, zone) zone_rows(sheet, zone);
	sheet_end(&sheet);
}

static enum status
zone_list(struct call *call)
{
	enum status status;
	json_t *list;

	status =
	    database_call(call, "zone_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(list, false);
	else
		show_zones(list);
	json_decref(list);
	return STATUS_DONE;
}

/* "12h" or "720m" in minutes. */
static enum status
take_shift(const char *text, char ret_minutes[SHIFT_TEXT])
{
	size_t digits = strspn(text, "0123456789");
	long unit = text[digits] == 'h' ? 60 : 1, number = 0;

	if (digits > 0 && digits <= 4)
		number = strtol(text, NULL, 10) * unit;
	if ((strcmp(text + digits, "h") != 0 &&
		strcmp(text + digits, "m") != 0) ||
	    number < 1 || number > SHIFT_MAX) {
		say(_("--shift: “%s” is not 1m to 24h, like 12h or 720m"),
		    text);
		return STATUS_USAGE;
	}
	(void)snprintf(ret_minutes, SHIFT_TEXT, "%ld", number);
	return STATUS_DONE;
}

static bool
is_clock(const char *text)
{
	return strlen(text) == 5 && text[2] == ':' &&
	       strspn(text, "0123456789") == 2 &&
	       strspn(text + 3, "0123456789") == 2 &&
	       strncmp(text, "23", 2) <= 0 && strncmp(text + 3, "59", 2) <= 0;
}

static enum status
zone_set(struct call *call)
{
	const char *shift = option(call, "shift");
	const char *clear_at = option(call, "clear-at");
	const char *over = option(call, "alarm-over");
	const char *single = option(call, "single-file-required");
	char minutes[SHIFT_TEXT];
	enum status status;
	json_t *zone, *list;

	if (shift == NULL && clear_at == NULL && over == NULL &&
	    single == NULL) {
		say("%s", _("nothing to change: give --shift, --clear-at, "
			    "--single-file-required or --alarm-over"));
		return STATUS_USAGE;
	}
	if (shift != NULL && take_shift(shift, minutes) != STATUS_DONE)
		return STATUS_USAGE;
	if (clear_at != NULL && strcmp(clear_at, "never") == 0)
		clear_at = "";
	else if (clear_at != NULL && !is_clock(clear_at)) {
		say(_("--clear-at: “%s” is neither a time of day like 04:00 "
		      "nor never"),
		    clear_at);
		return STATUS_USAGE;
	}
	status = database_call(call, "zone_set",
	    PARAMETERS({"p_name", call->arg[0]},
		{"p_shift_minutes", shift != NULL ? minutes : NULL},
		{"p_clear_at", clear_at},
		{"p_alarm_over", over != NULL ? "true" : NULL},
		{"p_single_file", single == NULL	       ? NULL
				  : strcmp(single, "yes") == 0 ? "true"
							       : "false"}),
	    &zone);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(zone, false);
	} else {
		list = json_pack("[O]", zone);
		show_zones(list);
		json_decref(list);
	}
	json_decref(zone);
	return STATUS_DONE;
}

static const struct option set_options[] = {
    {.name = "shift",
	.kind = OPTION_TEXT,
	.value = "TIME",
	.max = 8,
	.help = N_("12h or 720m: an entry counts so long where nobody is seen "
		   "leaving")},
    {.name = "clear-at",
	.kind = OPTION_TEXT,
	.value = "HH:MM|never",
	.max = 8,
	.help = N_("when entries end each night; never where people work "
		   "then")},
    {.name = "single-file-required",
	.kind = OPTION_CHOICE,
	.choices = "yes|no",
	.help = N_("whether only entries by doors count that let one person "
		   "through at a time")},
    {.name = "alarm-over",
	.kind = OPTION_FLAG,
	.help = N_("entries count again; somebody has looked")},
    {0},
};

static const struct option map_options[] = {
    {.name = "output",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("the SVG file to write, or write anew")},
    {0},
};

const struct verb zone_verbs[] = {
    {"add", "NAME", zone_add, NULL, N_("add a zone"),
	N_("  card-admin zone add W3")},
    {"set", "ZONE", zone_set, set_options,
	N_("change how long entries count, or end an alarm"),
	N_("What is not given stays. An alarm (fire, a door forced or held "
	   "open, duress, a\ncard that came in twice) lets nobody's entry "
	   "count for new logins until it is\nover; who is logged in stays "
	   "so.\n\n"
	   "  card-admin zone set W3 --shift 12h --clear-at 04:00\n"
	   "  card-admin zone set ER --clear-at never\n"
	   "  card-admin zone set server --single-file-required yes\n"
	   "  card-admin zone set W3 --alarm-over")},
    {"list", "", zone_list, NULL, N_("list zones, their clients and doors"),
	NULL},
    {"map", "", zone_map, map_options, N_("draw zones and doors"),
	N_("With --output Graphviz's dot draws an SVG, which only its owner "
	   "can read: it\nshows which doors identify nobody. Without it what "
	   "dot would read is printed.\n\n  card-admin zone map --output "
	   "zones.svg\n  card-admin zone map | dot -Tpdf -o zones.pdf")},
    {"remove", "ZONE", zone_remove, NULL,
	N_("remove a zone that no client stands in and no door leads to"),
	NULL},
    {0},
};
