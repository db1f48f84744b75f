/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_report.c - what the hospital must be able to show, or must mend. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"

enum { MONTH = 8, LINE = 400 };

static void
number_cell(struct sheet *sheet, const json_t *object, const char *name)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld",
	    (long long)json_integer_value(json_object_get(object, name)));
	sheet_cell(sheet, text);
}

/* "W3-07, W3-08". */
static void
joined_cell(struct sheet *sheet, const json_t *list)
{
	char text[LINE] = "";
	const json_t *one;
	size_t i, used = 0;

	json_array_foreach(list, i, one)
	{
		if (used < sizeof text)
			used += (size_t)snprintf(text + used,
			    sizeof text - used, "%s%s", i > 0 ? ", " : "",
			    json_string_value(one));
	}
	sheet_cell(sheet, text[0] != '\0' ? text : NULL);
}

static enum status
report_no_fallback(struct call *call)
{
	const char *const headings[] = {_("LOGIN"), _("NAME"), _("UNIT"),
	    _("TERMINALS"), _("LAST DAY"), _("ENTRY SUFFICES")};
	const json_t *person;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "report_no_fallback", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(6, headings);
	json_array_foreach(list, i, person)
	{
		sheet_cell(sheet, field(person, "login"));
		sheet_cell(sheet, field(person, "name"));
		joined_cell(sheet, json_object_get(person, "units"));
		joined_cell(sheet, json_object_get(person, "clients"));
		sheet_cell(sheet, field(person, "last_on"));
		sheet_cell(
		    sheet, json_is_true(json_object_get(person, "fits_door"))
			       ? _("yes")
			       : _("no: password too short"));
	}
	sheet_end(&sheet);
	if (json_array_size(list) > 0)
		out("\n%s\n",
		    _("When a door, its source or the zone fails, these "
		      "persons cannot log in. Give each a\ncard (card-admin "
		      "card issue LOGIN) or a code token (card-admin totp "
		      "enrol LOGIN)."));
	json_decref(list);
	return STATUS_DONE;
}

static void
show_terminals(const json_t *list)
{
	const char *const headings[] = {_("ZONE"), _("TERMINAL"), _("ACCEPTED"),
	    _("PERSONS"), _("NO ENTRY"), _("ENDED MEANWHILE"), _("IN USE"),
	    _("PASSWORD TOO SHORT")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *terminal, *refused;
	size_t i;

	json_array_foreach(list, i, terminal)
	{
		const char *zone = field(terminal, "zone");

		refused = json_object_get(terminal, "refused");
		sheet_cell(sheet, zone[0] != '\0' ? zone : NULL);
		sheet_cell(sheet, field(terminal, "client"));
		number_cell(sheet, terminal, "accepts");
		number_cell(sheet, terminal, "persons");
		number_cell(sheet, refused, "no_presence");
		number_cell(sheet, refused, "presence_ended");
		number_cell(sheet, refused, "presence_in_use");
		number_cell(sheet, refused, "password_too_short_for_door");
	}
	sheet_end(&sheet);
}

/* What somebody accepted by name, and until when. */
static void
show_accepted(const json_t *list, const char *title, const char *what)
{
	const char *const headings[] = {title, _("UNTIL"), _("WHY")};
	struct sheet *sheet;
	const json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	out("\n");
	sheet = sheet_new(3, headings);
	json_array_foreach(list, i, one)
	{
		sheet_cell(sheet, field(one, what));
		sheet_until(sheet, field(one, "until"));
		sheet_cell(sheet, field(one, "why"));
	}
	sheet_end(&sheet);
}

static enum status
report_door_terminal(struct call *call)
{
	const char *month = option(call, "month");
	const time_t now = time(NULL);
	char this_month[MONTH];
	enum status status;
	json_t *report;
	struct tm tm;

	if (month == NULL) {
		if (localtime_r(&now, &tm) == NULL ||
		    strftime(this_month, sizeof this_month, "%Y-%m", &tm) == 0)
			return STATUS_USAGE;
		month = this_month;
	}
	status = database_call(call, "report_door_terminal",
	    PARAMETERS({"p_month", month}), &report);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(report, false);
		json_decref(report);
		return STATUS_DONE;
	}
	out(_("Door and terminal as two factors (guideline D.5), %s: %zu "
	      "logins\n\n"),
	    month, json_array_size(json_object_get(report, "accepts")));
	show_terminals(json_object_get(report, "terminals"));
	show_accepted(json_object_get(report, "risks"),
	    _("DOOR WHERE A NUMBER COUNTS"), "door");
	show_accepted(json_object_get(report, "exceptions"),
	    _("CLIENT WITHOUT MESSAGE-AUTHENTICATOR"), "client");
	json_decref(report);
	return STATUS_DONE;
}

/* What each is called, and what to do about it. */
static const struct exposure {
	const char *name, *words, *advice;
} exposures[] = {
    {"no_message_authenticator", N_("sends no Message-Authenticator"),
	N_("Its requests can be forged, its answers too (CVE-2024-3596). "
	   "Update it, or put\nradsecproxy beside it and let that speak TLS "
	   "to the server, then end the exception:\ncard-admin client remove, "
	   "and add it anew.")},
    {"did_not_end", N_("did not end sessions it was told to end"),
	N_("Look whether the port for Disconnects is right (client set "
	   "--coa-port), whether a\nfirewall is between, and what "
	   "card-admin session list shows as its answer.")},
    {"cannot_end", N_("takes no Disconnects"),
	N_("Who loses a card or leaves stays connected there until the "
	   "session's own end: give\nthe policy a short one (policy set "
	   "--session).")},
    {"many_hosts", N_("one secret for a whole network"),
	N_("Whoever has the secret of one has that of all: a client each, or "
	   "TLS with a\ncertificate each (client set --tls-name).")},
    {"devices_by_address", N_("lets devices in by their address"),
	N_("An address is copied in a moment. Let their network reach only "
	   "what they need, or\ngive them certificates (device "
	   "certificate-add).")},
    {0},
};

static const struct exposure *
exposure_of(const char *name)
{
	const struct exposure *e;

	for (e = exposures; e->name != NULL; e++) {
		if (strcmp(e->name, name) == 0)
			return e;
	}
	return NULL;
}

static enum status
report_exposure(struct call *call)
{
	const char *const headings[] = {
	    _("CLIENT"), _("KIND"), _("EXPOSURE"), _("UNTIL"), _("WHY")};
	const struct exposure *e;
	const json_t *one;
	struct sheet *sheet;
	enum status status;
	const char *last = "";
	json_t *list;
	size_t i;

	status = database_call(
	    call, "report_exposure", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(5, headings);
	json_array_foreach(list, i, one)
	{
		const char *why = field(one, "why");

		e = exposure_of(field(one, "exposure"));
		sheet_cell(sheet, field(one, "client"));
		sheet_cell(sheet, term_words(field(one, "kind")));
		sheet_cell(
		    sheet, e != NULL ? _(e->words) : field(one, "exposure"));
		sheet_until(sheet, field(one, "until"));
		sheet_cell(sheet, why[0] != '\0' ? why : NULL);
	}
	sheet_end(&sheet);
	json_array_foreach(list, i, one)
	{
		e = exposure_of(field(one, "exposure"));
		if (e == NULL || strcmp(last, e->name) == 0)
			continue;
		last = e->name;
		out("\n%s: %s\n", _(e->words), _(e->advice));
	}
	json_decref(list);
	return STATUS_DONE;
}

static const struct option month_options[] = {
    {.name = "month",
	.kind = OPTION_TEXT,
	.value = "YYYY-MM",
	.max = 7,
	.help = N_("this one if left out")},
    {0},
};

const struct verb report_verbs[] = {
    {"exposure", "", report_exposure, NULL,
	N_("list what of the network can be attacked, and what to do"),
	N_("Clients with an exception from Message-Authenticator, those that "
	   "cannot or did not\nend sessions, secrets that many hosts share, "
	   "and where devices come in by an\naddress alone.\n\n"
	   "  card-admin report exposure")},
    {"no-fallback", "", report_no_fallback, NULL,
	N_("list who could not log in without an entry through a door"),
	N_("Persons with a password and no token or card that counts, who "
	   "logged in within 90\ndays at terminals where an entry is a "
	   "factor.\n\n  card-admin report no-fallback")},
    {"door-terminal", "", report_door_terminal, month_options,
	N_("what a month's logins by door and terminal were"),
	N_("For each terminal the logins by the guideline's equivalence (D.5), "
	   "and those refused\nfor want of an entry; the risks and exceptions "
	   "that somebody accepted. With --json\neach login with both its "
	   "events, entry and terminal.\n\n"
	   "  card-admin report door-terminal --month 2027-03\n"
	   "  card-admin report door-terminal --month 2027-03 --json "
	   ">2027-03.json")},
    {0},
};
