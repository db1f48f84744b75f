/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_presence.c - who is in which zone, and was. Asking for one person's
 * whereabouts needs a reason, and is recorded with it.
 */
#include <stdio.h>
#include <time.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/nouns.h"
#include "cardtools/order.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

enum { HISTORY_SECONDS = 7 * 86400 };

/* "yes", or why not. */
static void
counts_cell(struct sheet *sheet, const json_t *presence)
{
	char text[160];

	if (json_is_true(json_object_get(presence, "counts"))) {
		sheet_cell(sheet, _("yes"));
		return;
	}
	(void)snprintf(text, sizeof text, _("no: %s"),
	    door_why_words(field(presence, "fault")));
	sheet_cell(sheet, text);
}

static enum status
presence_who(struct call *call)
{
	const char *const headings[] = {_("LOGIN"), _("NAME"), _("SINCE"),
	    _("UNTIL"), _("DOOR"), _("IDENTIFIED BY"), _("COUNTS")};
	const json_t *person;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(call, "presence_who",
	    PARAMETERS({"p_zone", call->arg[0]}, {"p_at", option(call, "at")}),
	    &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(7, headings);
	json_array_foreach(list, i, person)
	{
		sheet_cell(sheet, field(person, "login"));
		sheet_cell(sheet, field(person, "name"));
		sheet_moment(sheet, field(person, "since"));
		sheet_moment(sheet, field(person, "until"));
		sheet_cell(sheet, field(person, "door"));
		sheet_cell(sheet, door_method_words(field(person, "method")));
		counts_cell(sheet, person);
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static void
show_where(const json_t *presence)
{
	const char *zone = field(presence, "zone");
	struct sheet *sheet = sheet_new(2, NULL);

	sheet_cell(sheet, _("login"));
	sheet_cell(sheet, field(presence, "login"));
	sheet_cell(sheet, _("zone"));
	sheet_cell(sheet, zone[0] != '\0' ? zone : _("none that is known"));
	if (zone[0] != '\0') {
		sheet_cell(sheet, _("since"));
		sheet_moment(sheet, field(presence, "since"));
		sheet_cell(sheet, _("until"));
		sheet_moment(sheet, field(presence, "until"));
		sheet_cell(sheet, _("door"));
		sheet_cell(sheet, field(presence, "door"));
		sheet_cell(sheet, _("identified by"));
		sheet_cell(sheet, door_method_words(field(presence, "method")));
		sheet_cell(sheet, _("counts for a new login"));
		counts_cell(sheet, presence);
	}
	sheet_end(&sheet);
}

static enum status
presence_where(struct call *call)
{
	struct secret *line = NULL;
	const char *why = "";
	enum status status;
	json_t *presence;

	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "presence_where",
		    PARAMETERS({"p_login", call->arg[0]}, {"p_why", why}),
		    &presence);
	if (status == STATUS_DONE) {
		if (call->json)
			out_json(presence, false);
		else
			show_where(presence);
		json_decref(presence);
	}
	secret_free(&line);
	return status;
}

/* What happened; of what was not believed, why. */
static void
what_cell(struct sheet *sheet, const json_t *event)
{
	const char *what = door_kind_words(field(event, "kind"));
	const char *why = field(event, "quarantine");
	char text[160];

	(void)snprintf(text, sizeof text, "%s%s%s%s", what,
	    why[0] != '\0' ? " (" : "",
	    why[0] != '\0' ? door_why_words(why) : "",
	    why[0] != '\0' ? ")" : "");
	sheet_cell(sheet, text);
}

static void
show_history(const json_t *list)
{
	const char *const headings[] = {_("TIME"), _("WHAT"), _("DOOR"),
	    _("ZONE AFTERWARDS"), _("IDENTIFIED BY")};
	struct sheet *sheet = sheet_new(5, headings);
	const json_t *event;
	size_t i;

	json_array_foreach(list, i, event)
	{
		const char *zone = field(event, "zone");
		char at[WHEN_TEXT];

		when_local(field(event, "at"), true, at);
		sheet_cell(sheet, at);
		what_cell(sheet, event);
		sheet_cell(sheet, field(event, "door"));
		sheet_cell(
		    sheet, zone[0] != '\0' ? zone : _("outside the zones"));
		sheet_cell(
		    sheet, json_is_true(json_object_get(event, "by_hand"))
			       ? _("entered by hand")
			       : door_method_words(field(event, "method")));
	}
	sheet_end(&sheet);
}

static enum status
presence_history(struct call *call)
{
	const char *from = option(call, "from"), *to = option(call, "to");
	char week_ago[WHEN_TEXT], now[WHEN_TEXT];
	struct secret *line = NULL;
	const char *why = "";
	enum status status;
	json_t *list;

	when_utc(time(NULL) - HISTORY_SECONDS, week_ago);
	when_utc(time(NULL) + 1, now);
	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "presence_history",
		    PARAMETERS({"p_login", call->arg[0]}, {"p_why", why},
			{"p_from", from != NULL ? from : week_ago},
			{"p_to", to != NULL ? to : now}),
		    &list);
	if (status == STATUS_DONE) {
		if (call->json)
			out_json(list, false);
		else
			show_history(list);
		json_decref(list);
	}
	secret_free(&line);
	return status;
}

/* Waits for another officer; what that one must see is the digest. */
static enum status
presence_enter(struct call *call)
{
	char digest[ORDER_DIGEST];
	struct secret *line = NULL;
	const char *why = "";
	enum status status;
	json_t *order;

	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "presence_enter",
		    PARAMETERS({"p_login", call->arg[0]},
			{"p_door", call->arg[1]}, {"p_why", why}),
		    &order);
	secret_free(&line);
	if (status != STATUS_DONE)
		return status;
	order_digest_shown(field(order, "digest"), digest);
	if (call->json) {
		(void)json_object_set_new(
		    order, "digest_shown", json_string(digest));
		out_json(order, false);
	} else {
		out(_("Another officer must agree:\n  card-admin order approve "
		      "%.8s\nThe digest to tell: %s\nUntil then nobody was "
		      "entered. It says who is where, and is never a factor "
		      "of a login.\n"),
		    field(order, "id"), digest);
	}
	json_decref(order);
	return STATUS_DONE;
}

static enum status
presence_leave(struct call *call)
{
	struct secret *line = NULL;
	const char *why = "";
	enum status status;
	json_t *answer;

	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "presence_leave",
		    PARAMETERS({"p_login", call->arg[0]}, {"p_why", why}),
		    &answer);
	secret_free(&line);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answer, false);
	else
		out("%s\n", _("Entered: the person is in no zone any more."));
	json_decref(answer);
	return STATUS_DONE;
}

static const struct option who_options[] = {
    {.name = "at",
	.kind = OPTION_FROM,
	.value = "TIME",
	.help = N_("then instead of now: 09:00, 2h, \"2027-03-31 17:15\"")},
    {0},
};

#define OPTION_WHY                                                       \
	{                                                                \
		.name = "why", .kind = OPTION_TEXT, .value = "TEXT",     \
		.help = N_("what it is needed for; it is recorded, and " \
			   "asked for on a terminal")                    \
	}

static const struct option where_options[] = {
    OPTION_WHY,
    {0},
};

static const struct option history_options[] = {
    OPTION_WHY,
    {.name = "from",
	.kind = OPTION_FROM,
	.value = "TIME",
	.help = N_("from then on; a week ago if left out")},
    {.name = "to",
	.kind = OPTION_UNTIL,
	.value = "TIME",
	.help = N_("up to then; now if left out")},
    {0},
};

const struct verb presence_verbs[] = {
    {"who", "ZONE", presence_who, who_options, N_("list who is in a zone"),
	N_("Who came in through a door and was not seen leaving. COUNTS says "
	   "whether the\nentry is a factor for a login at a terminal of the "
	   "zone.\n\n  card-admin presence who W3\n  card-admin presence who "
	   "server --at \"2027-03-31 17:15\"")},
    {"where", "LOGIN", presence_where, where_options,
	N_("say where a person is"),
	N_("Only for a reason: who asked, for whom and why stands in the "
	   "audit.\n\n"
	   "  card-admin presence where suzuki --why \"does not answer the "
	   "fire roll call\"")},
    {"enter", "LOGIN DOOR", presence_enter, where_options,
	N_("ask that a person be entered by hand"),
	N_("For who came in where the reader was broken, or was let in. "
	   "Another officer must\nagree (“card-admin order approve”). Such an "
	   "entry says who is where and is never a\nfactor of a login.\n\n"
	   "  card-admin presence enter suzuki W3-east --why \"reader broken, "
	   "seen by the ward head\"")},
    {"leave", "LOGIN", presence_leave, where_options,
	N_("enter by hand that a person has left all zones"),
	N_("An exit only ends things, so one officer is enough; who and why "
	   "stands in the audit.\n\n"
	   "  card-admin presence leave suzuki --why \"went home, door stood "
	   "open\"")},
    {"history", "LOGIN", presence_history, history_options,
	N_("list a person's ways through doors"),
	N_("Only for a reason: who asked, for whom and why stands in the "
	   "audit.\n\n"
	   "  card-admin presence history suzuki --why \"incident 2027-14\" "
	   "\\\n      --from 2027-03-30 --to 2027-03-31")},
    {"watch", "ZONE", presence_watch, NULL,
	N_("show who comes into a zone and goes, until stopped"),
	N_("Looks every 2 seconds. Those who are there come first, then one "
	   "line for each\nwho came, went, or whose entry began or ceased to "
	   "count. With --json one object\na line.\n\n  card-admin presence "
	   "watch W3")},
    {0},
};
