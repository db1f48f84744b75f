/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_session.c - who is logged in where, as clients tell of it, and the end
 * of that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/session_words.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/base/clock.h"

enum { WAIT_S = 10, LOOK_MS = 250 };

static void
id_cell(struct sheet *sheet, const json_t *session)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld",
	    (long long)json_integer_value(json_object_get(session, "id")));
	sheet_cell(sheet, text);
}

/* A login that no accept stands behind is what the client says, and no more. */
static void
login_cell(struct sheet *sheet, const json_t *session)
{
	const char *login = field(session, "login");
	char text[1100];

	(void)snprintf(text, sizeof text, "%s%s",
	    login[0] != '\0' ? login : "-",
	    json_is_true(json_object_get(session, "accepted")) ? "" : " (?)");
	sheet_cell(sheet, text);
}

static void
show_list(const json_t *list)
{
	const char *const headings[] = {_("ID"), _("LOGIN"), _("CLIENT"),
	    _("SINCE"), _("LAST HEARD"), _("STATE"), _("BECAUSE")};
	struct sheet *sheet = sheet_new(7, headings);
	char story[SESSION_WORDS];
	const json_t *session;
	size_t i;

	json_array_foreach(list, i, session)
	{
		id_cell(sheet, session);
		login_cell(sheet, session);
		sheet_cell(sheet, field(session, "client"));
		sheet_moment(sheet, field(session, "started_at"));
		sheet_moment(sheet, field(session, "heard_at"));
		sheet_cell(sheet, session_state_words(field(session, "state")));
		session_story(session, story);
		sheet_cell(sheet, story);
	}
	sheet_end(&sheet);
}

static enum status
session_list(struct call *call)
{
	enum status status;
	json_t *list;

	status = database_call(call, "session_list",
	    PARAMETERS({"p_login", option(call, "person")},
		{"p_client", option(call, "client")},
		{"p_since", option(call, "since")},
		{"p_limit", option(call, "limit")}),
	    &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(list, false);
	else
		show_list(list);
	json_decref(list);
	return STATUS_DONE;
}

static void
show_evidence(struct sheet *sheet, const json_t *session)
{
	const json_t *list = json_object_get(session, "evidence"), *piece;
	char text[400];
	size_t i;

	json_array_foreach(list, i, piece)
	{
		const char *label = field(piece, "label");

		(void)snprintf(text, sizeof text, "%s: %s%s%s",
		    term_words(field(piece, "category")),
		    term_words(field(piece, "method")),
		    label[0] != '\0' ? " " : "", label);
		sheet_cell(sheet, i == 0 ? _("evidence") : "");
		sheet_cell(sheet, text);
	}
}

static void
show_number(struct sheet *sheet, const char *name, const json_t *value)
{
	char text[24];

	if (!json_is_integer(value))
		return;
	(void)snprintf(
	    text, sizeof text, "%lld", (long long)json_integer_value(value));
	sheet_cell(sheet, name);
	sheet_cell(sheet, text);
}

static void
show_text(struct sheet *sheet, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	sheet_cell(sheet, name);
	sheet_cell(sheet, text);
}

static void
show_session(const json_t *s)
{
	struct sheet *sheet = sheet_new(2, NULL);
	char story[SESSION_WORDS];

	sheet_cell(sheet, _("id"));
	id_cell(sheet, s);
	sheet_cell(sheet, _("login"));
	login_cell(sheet, s);
	show_text(sheet, _("client"), field(s, "client"));
	show_text(sheet, _("address"), field(s, "nas"));
	show_text(sheet, _("its own name of the session"), field(s, "session"));
	show_text(sheet, _("calling from"), field(s, "calling"));
	show_text(sheet, _("address of the user"), field(s, "framed_ip"));
	sheet_cell(sheet, _("since"));
	sheet_moment(sheet, field(s, "started_at"));
	sheet_cell(sheet, _("last heard"));
	sheet_moment(sheet, field(s, "heard_at"));
	if (field(s, "ended_at")[0] != '\0') {
		sheet_cell(sheet, _("until"));
		sheet_moment(sheet, field(s, "ended_at"));
	}
	sheet_cell(sheet, _("state"));
	sheet_cell(sheet, session_state_words(field(s, "state")));
	session_story(s, story);
	show_text(sheet, _("because"), story);
	show_text(sheet, _("asked by"), field(s, "end_by"));
	if (field(s, "end_wanted_at")[0] != '\0')
		show_number(sheet, _("asked so often"),
		    json_object_get(s, "end_tries"));
	if (json_is_true(json_object_get(s, "accepted")))
		show_evidence(sheet, s);
	else
		show_text(sheet, _("evidence"),
		    _("none: no accept of ours stands behind it"));
	show_number(sheet, _("seconds"), json_object_get(s, "seconds"));
	show_number(sheet, _("octets in"), json_object_get(s, "octets_in"));
	show_number(sheet, _("octets out"), json_object_get(s, "octets_out"));
	sheet_end(&sheet);
}

/* A session's number as the list shows it. */
static bool
is_id(const char *text)
{
	size_t len = strlen(text);

	if (len > 0 && len <= 18 && strspn(text, "0123456789") == len)
		return true;
	say(_("“%s” is not the number of a session; “card-admin session "
	      "list” shows them"),
	    text);
	return false;
}

static enum status
session_show(struct call *call)
{
	enum status status;
	json_t *session;

	if (!is_id(call->arg[0]))
		return STATUS_USAGE;
	status = database_call(
	    call, "session_show", PARAMETERS({"p_id", call->arg[0]}), &session);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(session, false);
	else
		show_session(session);
	json_decref(session);
	return STATUS_DONE;
}

/* Neither over nor given up: worth another look. */
static bool
is_under_way(const json_t *session)
{
	return strcmp(field(session, "state"), "ending") == 0;
}

/* Each session as it is now, in the list's place. */
static enum status
look_again(struct call *call, json_t *list)
{
	enum status status = STATUS_DONE;
	const json_t *session;
	json_t *now;
	char id[24];
	size_t i;

	json_array_foreach(list, i, session)
	{
		if (!is_under_way(session))
			continue;
		(void)snprintf(id, sizeof id, "%lld",
		    (long long)json_integer_value(
			json_object_get(session, "id")));
		status = database_call(
		    call, "session_show", PARAMETERS({"p_id", id}), &now);
		if (status != STATUS_DONE)
			break;
		(void)json_array_set_new(list, i, now);
	}
	return status;
}

static bool
any_under_way(const json_t *list)
{
	const json_t *session;
	size_t i;

	json_array_foreach(list, i, session)
	{
		if (is_under_way(session))
			return true;
	}
	return false;
}

/* Ended, or else not reached. */
static enum status
tell_end(const struct call *call, const json_t *list)
{
	enum status status = STATUS_DONE;
	const json_t *session;
	size_t i;

	json_array_foreach(list, i, session)
	{
		if (strcmp(field(session, "state"), "ended") != 0)
			status = STATUS_UNREACHED;
	}
	if (call->json) {
		out_json(list, false);
		return status;
	}
	if (json_array_size(list) == 0) {
		out("%s\n", _("There is no session that is open."));
		return STATUS_DONE;
	}
	show_list(list);
	if (status != STATUS_DONE)
		say("%s", _("not all have ended yet: their clients are asked "
			    "again and again; look with “card-admin session "
			    "list”, and have the screen locked by somebody "
			    "there"));
	return status;
}

static enum status
session_end(struct call *call)
{
	const struct timespec pause = {0, LOOK_MS * 1000000L};
	const char *person = option(call, "person");
	const char *wait = option(call, "wait");
	int64_t until;
	enum status status;
	json_t *list;

	if ((call->arg[0] == NULL) == (person == NULL)) {
		say("%s", _("name one session, or a person with --person"));
		return STATUS_USAGE;
	}
	if (call->arg[0] != NULL && !is_id(call->arg[0]))
		return STATUS_USAGE;
	status = database_call(call, "session_end",
	    PARAMETERS({"p_id", call->arg[0]}, {"p_login", person},
		{"p_why", option(call, "why")}),
	    &list);
	if (status != STATUS_DONE)
		return status;
	until = clock_ms() +
		1000 * (wait != NULL ? strtol(wait, NULL, 10) : WAIT_S);
	while (status == STATUS_DONE && any_under_way(list) &&
	       clock_ms() < until) {
		(void)nanosleep(&pause, NULL);
		status = look_again(call, list);
	}
	if (status == STATUS_DONE)
		status = tell_end(call, list);
	json_decref(list);
	return status;
}

#define OPTION_PERSON                                                     \
	{                                                                 \
		.name = "person", .kind = OPTION_LOGIN, .value = "LOGIN", \
		.help = N_("only this person's")                          \
	}
#define OPTION_CLIENT                                                     \
	{                                                                 \
		.name = "client", .kind = OPTION_TEXT, .value = "CLIENT", \
		.help = N_("only at this client")                         \
	}

static const struct option list_options[] = {
    OPTION_PERSON,
    OPTION_CLIENT,
    {.name = "since",
	.kind = OPTION_FROM,
	.value = "TIME",
	.help = N_("also those that have ended since then")},
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100000,
	.help = N_("the newest so many; 1000 if left out")},
    {0},
};

static const struct option end_options[] = {
    OPTION_PERSON,
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("what for; it is recorded")},
    {.name = "wait",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 300,
	.help = N_("how long to wait for the end; 10 if left out")},
    {0},
};

const struct option session_watch_options[] = {
    OPTION_PERSON,
    OPTION_CLIENT,
    {0},
};

const struct verb session_verbs[] = {
    {"list", "", session_list, list_options, N_("list open sessions"),
	N_("As clients tell of them by accounting. (?) behind a login: no "
	   "accept of ours\nstands behind that session, the name is the "
	   "client's word.\n\n"
	   "  card-admin session list\n"
	   "  card-admin session list --person sato --since 2d\n"
	   "  card-admin session list --client W3-07 --json")},
    {"show", "ID", session_show, NULL,
	N_("show one session, and what carried it"),
	N_("  card-admin session show 4711")},
    {"end", "[ID]", session_end, end_options, N_("end sessions"),
	N_("Asks the client to end it, again and again until it has, and "
	   "waits a while to say\nwhat happened. Exit code 3 if not all have "
	   "ended by then; they are still asked.\n\n"
	   "  card-admin session end 4711 --why \"wrong patient's room\"\n"
	   "  card-admin session end --person sato --why \"suspected leak\" "
	   "--wait 60")},
    {"watch", "", session_watch, session_watch_options,
	N_("show sessions as they begin and end, until stopped"),
	N_("Looks every 2 seconds. Those that are open come first, then one "
	   "line for each that\nbegan, is to be ended, cannot be ended, or is "
	   "over. With --json one object a line.\n\n"
	   "  card-admin session watch --client W3-07")},
    {0},
};
