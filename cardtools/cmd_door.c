/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

static void
show_doors(const json_t *list)
{
	const char *const headings[] = {_("DOOR"), _("LEADS FROM"),
	    _("LEADS TO"), _("IN"), _("OUT"), _("OPENING TOLD"),
	    _("ONE AT A TIME"), _("NUMBER COUNTS UNTIL")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *door;
	size_t i;

	json_array_foreach(list, i, door)
	{
		const char *from = field(door, "from"), *to = field(door, "to");

		sheet_cell(sheet, field(door, "name"));
		sheet_cell(
		    sheet, from[0] != '\0' ? from : _("outside the zones"));
		sheet_cell(sheet, to[0] != '\0' ? to : _("outside the zones"));
		sheet_cell(sheet, door_method_words(field(door, "method_in")));
		sheet_cell(sheet, door_method_words(field(door, "method_out")));
		sheet_cell(
		    sheet, json_is_true(json_object_get(door, "reports_opened"))
			       ? _("yes")
			       : _("no"));
		sheet_cell(
		    sheet, json_is_true(json_object_get(door, "single_file"))
			       ? _("yes")
			       : _("no"));
		sheet_until(sheet, field(door, "uid_until"));
	}
	sheet_end(&sheet);
}

/* All doors, or the one that a change answers with. */
static enum status
answer(
    struct call *call, const char *function, const struct parameter *parameters)
{
	enum status status;
	json_t *rows, *list;

	status = database_call(call, function, parameters, &rows);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(rows, false);
	} else if (json_is_array(rows)) {
		show_doors(rows);
	} else {
		list = json_pack("[O]", rows);
		show_doors(list);
		json_decref(list);
	}
	json_decref(rows);
	return STATUS_DONE;
}

static enum status
door_list(struct call *call)
{
	return answer(call, "door_list", PARAMETERS({NULL, NULL}));
}

static enum status
door_add(struct call *call)
{
	const char *from = option(call, "from"), *to = option(call, "to");

	if (to == NULL) {
		say("%s", _("--to is missing: the zone that the door leads "
			    "into, for example --to W3"));
		return STATUS_USAGE;
	}
	if (call->arg[0][0] == '\0' || out_characters(call->arg[0]) > 64) {
		say("%s", _("a door's name has 1 to 64 characters"));
		return STATUS_USAGE;
	}
	if (from != NULL && from[0] == '\0')
		from = NULL;
	return answer(call, "door_add",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_from", from}, {"p_to", to},
		{"p_method_in", door_method_key(option(call, "in"))},
		{"p_method_out", door_method_key(option(call, "out"))},
		{"p_reports_opened",
		    option(call, "reports-opened") != NULL ? "true" : NULL},
		{"p_single_file",
		    option(call, "single-file") != NULL ? "true" : NULL}));
}

static const char *
yes_no(const char *text)
{
	if (text == NULL)
		return NULL;
	return strcmp(text, "yes") == 0 ? "true" : "false";
}

static enum status
door_set(struct call *call)
{
	const char *in = door_method_key(option(call, "in"));
	const char *out_method = door_method_key(option(call, "out"));
	const char *opened = yes_no(option(call, "reports-opened"));
	const char *single = yes_no(option(call, "single-file"));

	if (in == NULL && out_method == NULL && opened == NULL &&
	    single == NULL) {
		say("%s", _("nothing to change: give --in, --out, "
			    "--reports-opened or --single-file"));
		return STATUS_USAGE;
	}
	return answer(call, "door_set",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_method_in", in},
		{"p_method_out", out_method}, {"p_reports_opened", opened},
		{"p_single_file", single}));
}

static enum status
door_remove(struct call *call)
{
	enum status status;
	json_t *door;

	status = database_call(
	    call, "door_remove", PARAMETERS({"p_name", call->arg[0]}), &door);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(door, false);
	else
		out("%s\n", _("The door is removed: its events make nobody "
			      "present any more. Its history stays."));
	json_decref(door);
	return STATUS_DONE;
}

/* What is accepted is said each time: the word "accept" alone is too short. */
static enum status
door_accept_number(struct call *call)
{
	const char *until = option(call, "until"), *why = option(call, "why");
	char end[WHEN_TEXT];
	enum status status;
	json_t *door;

	if (until == NULL) {
		say("%s", _("--until is missing: the day up to which the risk "
			    "is accepted, a year at most"));
		return STATUS_USAGE;
	}
	status = database_call(call, "door_set",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_uid_until", until},
		{"p_uid_why", why != NULL ? why : ""}),
	    &door);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(door, false);
		json_decref(door);
		return STATUS_DONE;
	}
	when_last_day(field(door, "uid_until"), end);
	out(_("%s: up to %s the number of a card counts as having that card.\n"
	      "Everybody who comes near a card can read its number and copy "
	      "it. With such a copy\nand a password that was watched or "
	      "guessed somebody else can log in at the zone's\nterminals; "
	      "Sekisho cannot see the difference. This was recorded, with "
	      "your name.\n"),
	    call->arg[0], end);
	if (strcmp(field(door, "method_in"), "uid") != 0)
		out("%s\n", _("Nothing changes as yet: who comes in is not "
			      "identified by a number at this door."));
	json_decref(door);
	return STATUS_DONE;
}

static enum status
door_quarantine(struct call *call)
{
	const char *const headings[] = {_("TIME"), _("RECEIVED"), _("SOURCE"),
	    _("EVENT"), _("WHAT"), _("DOOR"), _("WHY IT MAKES NO PRESENCE")};
	const json_t *event;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(call, "door_quarantine",
	    PARAMETERS({"p_limit", option(call, "limit")}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(7, headings);
	json_array_foreach(list, i, event)
	{
		char at[WHEN_TEXT], received[WHEN_TEXT];

		when_local(field(event, "at"), true, at);
		when_local(field(event, "received_at"), true, received);
		sheet_cell(sheet, at);
		sheet_cell(sheet, received);
		sheet_cell(sheet, field(event, "source"));
		sheet_cell(sheet, field(event, "event"));
		sheet_cell(sheet, door_kind_words(field(event, "kind")));
		sheet_cell(sheet, field(event, "door"));
		sheet_cell(sheet, door_why_words(field(event, "reason")));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

#define METHODS "card|card_pin|biometric|uid|code|attendant|none"
#define OPTION_IN                                                          \
	{                                                                  \
		.name = "in", .kind = OPTION_CHOICE, .choices = METHODS,   \
		.help = N_("how who comes in is identified; card if left " \
			   "out")                                          \
	}
#define OPTION_OUT                                                         \
	{                                                                  \
		.name = "out", .kind = OPTION_CHOICE, .choices = METHODS,  \
		.help = N_("how who goes out is identified; none if left " \
			   "out")                                          \
	}

static const struct option add_options[] = {
    {.name = "to",
	.kind = OPTION_TEXT,
	.value = "ZONE",
	.help = N_("the zone that it leads into; must be given")},
    {.name = "from",
	.kind = OPTION_TEXT,
	.value = "ZONE",
	.help = N_("the zone that it leads from; outside if left out")},
    OPTION_IN,
    OPTION_OUT,
    {.name = "reports-opened",
	.kind = OPTION_FLAG,
	.help = N_("the door tells that it was opened: no entry counts "
		   "without")},
    {.name = "single-file",
	.kind = OPTION_FLAG,
	.help = N_("it lets one person through at a time")},
    {0},
};

static const struct option set_options[] = {
    {.name = "in",
	.kind = OPTION_CHOICE,
	.choices = METHODS,
	.help = N_("how who comes in is identified")},
    {.name = "out",
	.kind = OPTION_CHOICE,
	.choices = METHODS,
	.help = N_("how who goes out is identified")},
    {.name = "reports-opened",
	.kind = OPTION_CHOICE,
	.choices = "yes|no",
	.help = N_("whether no entry counts without the door's opening")},
    {.name = "single-file",
	.kind = OPTION_CHOICE,
	.choices = "yes|no",
	.help = N_("whether it lets one person through at a time")},
    {0},
};

static const struct option accept_options[] = {
    {.name = "until",
	.kind = OPTION_DATE,
	.value = "DATE",
	.help = N_("a year at most; a day that has passed ends it; must be "
		   "given")},
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("who accepts the risk, and why; must be given")},
    {0},
};

static const struct option quarantine_options[] = {
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 1000,
	.help = N_("the newest so many; 100 if left out")},
    {0},
};

const struct verb door_verbs[] = {
    {"add", "NAME", door_add, add_options, N_("add a door"),
	N_("A door leads into a zone, from another one or from outside. How "
	   "somebody is\nidentified: card (which proves itself), card_pin, "
	   "biometric; uid (a number that\nanybody can copy), code (shared), "
	   "attendant and none count as no factor.\n\n"
	   "  card-admin door add W3-east --to W3 --in card --out card\n"
	   "  card-admin door add W3-server --from W3 --to server --in "
	   "card_pin \\\n      --reports-opened --single-file")},
    {"set", "DOOR", door_set, set_options, N_("change a door"),
	N_("What is not given stays. A door that leads elsewhere is another "
	   "door: remove it\nand add it anew.\n\n"
	   "  card-admin door set W3-east --out none --reports-opened yes")},
    {"remove", "DOOR", door_remove, NULL,
	N_("take a door out of service; its history stays"), NULL},
    {"list", "", door_list, NULL, N_("list all doors"), NULL},
    {"accept-number", "DOOR", door_accept_number, accept_options,
	N_("let a number that can be copied count as a card, at own risk"),
	N_("Where a door knows cards by their number alone (FeliCa, MIFARE), "
	   "an entry is no\nfactor, since everybody can read and copy such a "
	   "number. This accepts that risk\nfor one door, up to a day, by "
	   "name.\n\n  card-admin door accept-number W3-east --until "
	   "2027-03-31 \\\n      --why \"readers are replaced in March; Dr "
	   "Mori, CISO\"")},
    {"reader-add", "DOOR READER", door_reader_add, door_reader_options,
	N_("let a door's client ask for a reader"),
	N_("For sekisho-door-reader, and for doors that speak RADIUS "
	   "themselves: who is let in\nat this reader has come in through "
	   "this door, or has gone out. Where the door's side\nsays card or "
	   "card_pin, a card must sign; where it says uid, a number is "
	   "enough.\n\n  card-admin client add W3-main --address 192.0.2.41 "
	   "--kind door\n  card-admin door reader-add W3-east W3-in --client "
	   "W3-main --side in\n  card-admin door reader-add W3-east W3-out "
	   "--client W3-main --side out")},
    {"reader-remove", "DOOR READER", door_reader_remove, NULL,
	N_("let a reader open to nobody any more"), NULL},
    {"reader-list", "", door_reader_list, door_reader_list_options,
	N_("list readers, and when they were heard"), NULL},
    {"source-add", "SOURCE", door_source_add, door_source_options,
	N_("let a controller of doors tell its events"),
	N_("What tells events must be heard all the time: when it is silent "
	   "for longer, no\nentry that it told counts for new logins.\n\n  "
	   "card-admin door source-add east-wing --silent-after 90")},
    {"source-remove", "SOURCE", door_source_remove, NULL,
	N_("take no more events from a source"), NULL},
    {"source-set", "SOURCE", door_source_set, door_source_set_options,
	N_("change how long a source may be silent"),
	N_("The source of a door's client has the client's name. Doors that "
	   "speak RADIUS\nthemselves are often heard only when somebody passes."
	   "\n\n  card-admin door source-set bicycles --silent-after 3600")},
    {"source-list", "", door_source_list, NULL,
	N_("list sources, and when they were heard"), NULL},
    {"quarantine", "", door_quarantine, quarantine_options,
	N_("show events that were not believed"),
	N_("Newest first: what was malformed, unknown, out of sequence or from "
	   "the future.\nSuch events make nobody present.\n\n  card-admin door "
	   "quarantine --limit 20")},
    {0},
};
