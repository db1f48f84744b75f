/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd_policy_explain.c - what a person would be asked at a client now, and
 * why, in words an officer can read out on the telephone.
 */
#include <stdio.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/explain.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"

enum { LINE = 400, UNTIL_UNLOCKED = 2147483647 };

static bool
yes(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static const char *
name_or_none(const char *name)
{
	return name[0] != '\0' ? name : _("none");
}

/* "password + one-time code". */
static void
list_methods(const json_t *methods, const char *between, char ret_text[LINE])
{
	const json_t *one;
	size_t i, used = 0;

	ret_text[0] = '\0';
	json_array_foreach(methods, i, one)
	{
		if (used < LINE)
			used += (size_t)snprintf(ret_text + used, LINE - used,
			    "%s%s", i > 0 ? between : "",
			    term_words(json_string_value(one)));
	}
}

/* Why no entry can count at this client, whoever comes in; NULL if one can. */
static const char *
no_door_here(const json_t *answer)
{
	const json_t *client = json_object_get(answer, "client"), *method;
	bool door = false;
	size_t i;

	json_array_foreach(
	    json_object_get(json_object_get(answer, "policy"), "methods"), i,
	    method) door =
	    door || strcmp(json_string_value(method), "door") == 0;
	if (yes(json_object_get(answer, "ground"), "door_counts"))
		return NULL;
	if (strcmp(field(client, "kind"), "terminal") != 0)
		return _("only at terminals; this client reaches further");
	if (!door)
		return _("the policy does not count it");
	if (field(client, "zone")[0] == '\0')
		return _("this client stands in no zone");
	if (!yes(client, "one_address"))
		return _("this client's address is that of many terminals");
	if (yes(client, "no_ma"))
		return _("an exception from Message-Authenticator is running");
	return _("not here");
}

/* What of the entry's story matters at this client. */
static void
entry_words(const json_t *answer, char ret_text[LINE])
{
	const json_t *presence = json_object_get(answer, "presence");
	const char *zone = field(presence, "zone"),
		   *here = field(json_object_get(answer, "client"), "zone");
	const char *fault =
	    field(json_object_get(answer, "ground"), "door_fault");
	const char *none = no_door_here(answer);

	if (none != NULL)
		(void)snprintf(ret_text, LINE, _("does not count: %s"), none);
	else if (zone[0] == '\0')
		(void)snprintf(ret_text, LINE, "%s",
		    _("none: nobody saw this person come in, or the person "
		      "has left"));
	else if (strcmp(zone, here) != 0)
		(void)snprintf(ret_text, LINE,
		    _("does not count: the person is in %s, not in %s"), zone,
		    here);
	else if (!yes(presence, "counts"))
		(void)snprintf(ret_text, LINE, _("does not count: %s"),
		    door_why_words(field(presence, "fault")));
	else if (fault[0] != '\0')
		(void)snprintf(ret_text, LINE, _("does not count: %s"),
		    reason_words(fault));
	else
		(void)snprintf(ret_text, LINE, "%s", _("counts"));
}

static void
row(struct sheet *sheet, const char *name, const char *value)
{
	sheet_cell(sheet, name);
	sheet_cell(sheet, value);
}

static void
show_person(struct sheet *sheet, const json_t *answer)
{
	const json_t *person = json_object_get(answer, "person");
	const json_t *password = json_object_get(answer, "password");
	char line[LINE];

	(void)snprintf(line, sizeof line, "%s (%s), %s", field(person, "login"),
	    field(person, "name"), term_words(field(person, "status")));
	row(sheet, _("person"), line);
	if (!yes(person, "usable"))
		row(sheet, " ",
		    _("cannot log in: suspended, or outside every "
		      "affiliation"));
	row(sheet, _("password"),
	    !json_is_object(password) ? _("none is set")
	    : json_integer_value(json_object_get(password, "change")) < 0
		? _("must be changed")
	    : yes(password, "fits_door")
		? _("set, and long enough for an entry")
		: _("set; with an entry it is not enough, being too short"));
}

static void
show_client(struct sheet *sheet, const json_t *answer)
{
	const json_t *client = json_object_get(answer, "client");
	const json_t *policy = json_object_get(answer, "policy");
	char methods[LINE], line[2 * LINE];

	(void)snprintf(line, sizeof line, _("%s: %s, zone %s, counts as %s"),
	    field(client, "name"), term_words(field(client, "kind")),
	    name_or_none(field(client, "zone")),
	    strncmp(field(client, "scope"), "client/", 7) == 0
		? _("a client of its own")
		: term_words(field(client, "scope")));
	row(sheet, _("client"), line);
	list_methods(json_object_get(policy, "methods"), " + ", methods);
	(void)snprintf(
	    line, sizeof line, "%s: %s", field(policy, "name"), methods);
	row(sheet, _("policy"), line);
}

static void
show_held(struct sheet *sheet, const json_t *answer)
{
	const json_t *one;
	char line[LINE];
	size_t i;

	json_array_foreach(json_object_get(answer, "tokens"), i, one)
	{
		(void)snprintf(line, sizeof line,
		    yes(one, "counts") ? _("%s: counts") : _("%s: no, %s"),
		    name_or_none(field(one, "label")),
		    term_words(field(one, "status")));
		row(sheet, _("code token"), line);
	}
	json_array_foreach(json_object_get(answer, "cards"), i, one)
	{
		if (yes(one, "counts"))
			(void)snprintf(line, sizeof line,
			    yes(one, "pin") ? _("%s: counts, with its PIN")
					    : _("%s: counts, and asks for no "
						"PIN"),
			    field(one, "number"));
		else
			(void)snprintf(line, sizeof line, _("%s: no, %s"),
			    field(one, "number"),
			    reason_words(field(one, "fault")));
		row(sheet, _("card"), line);
	}
	json_array_foreach(json_object_get(answer, "fido2"), i, one)
	{
		const char *uv = field(one, "uv");

		(void)snprintf(line, sizeof line,
		    !yes(one, "counts")	      ? _("%s: no, %s")
		    : strcmp(uv, "none") == 0 ? _("%s: counts, and asks for "
						  "a touch only")
		    : strcmp(uv, "pin") == 0  ? _("%s: counts, with its PIN")
					      : _("%s: counts, with the "
						   "finger"),
		    name_or_none(field(one, "label")),
		    reason_words(field(one, "fault")));
		row(sheet, _("FIDO2 key"), line);
	}
}

static void
wait_words(json_int_t wait, char ret_text[LINE])
{
	if (wait >= UNTIL_UNLOCKED)
		(void)snprintf(ret_text, LINE, "%s",
		    _("until somebody unlocks, or the secret is replaced"));
	else
		(void)snprintf(
		    ret_text, LINE, _("%lld seconds more"), (long long)wait);
}

static void
show_waits(struct sheet *sheet, const json_t *answer)
{
	json_t *waits = json_object_get(answer, "waits");
	const char *category;
	const json_t *wait;
	char text[LINE], line[2 * LINE];

	json_object_foreach(waits, category, wait)
	{
		wait_words(json_integer_value(wait), text);
		(void)snprintf(
		    line, sizeof line, "%s: %s", term_words(category), text);
		row(sheet, _("refusal time"), line);
	}
}

static void
show_presence(struct sheet *sheet, const json_t *answer)
{
	const json_t *presence = json_object_get(answer, "presence");
	const char *zone = field(presence, "zone");
	char since[WHEN_TEXT], until[WHEN_TEXT], text[LINE];

	if (zone[0] != '\0') {
		when_local(field(presence, "since"), false, since);
		when_local(field(presence, "until"), false, until);
		(void)snprintf(text, sizeof text,
		    _("%s, through %s (%s), %s to %s"), zone,
		    name_or_none(field(presence, "door")),
		    door_method_words(field(presence, "method")), since, until);
		row(sheet, _("is in"), text);
	}
	entry_words(answer, text);
	row(sheet, _("entry"), text);
}

/* The evidence of an accept that was not given with it; NULL if none. */
static const json_t *
given_before(const json_t *way)
{
	const json_t *piece;
	size_t i;

	json_array_foreach(json_object_get(way, "evidence"), i, piece)
	{
		if (strcmp(field(piece, "method"), "door") == 0 ||
		    json_object_get(piece, "earlier") != NULL)
			return piece;
	}
	return NULL;
}

static void
epoch_local(const json_t *piece, const char *name, char ret_text[WHEN_TEXT])
{
	char utc[WHEN_TEXT];

	when_utc((time_t)json_integer_value(json_object_get(piece, name)), utc);
	when_local(utc, false, ret_text);
}

static void
password_accepted(const json_t *way, char ret_text[LINE])
{
	const json_t *piece = given_before(way);
	char at[WHEN_TEXT], until[WHEN_TEXT];

	if (piece == NULL) {
		(void)snprintf(
		    ret_text, LINE, "%s", reason_words(field(way, "reason")));
		return;
	}
	epoch_local(piece, "at", at);
	epoch_local(piece, "until", until);
	if (json_object_get(piece, "earlier") != NULL)
		(void)snprintf(ret_text, LINE,
		    _("password alone, because what was proven here (%s, %s) "
		      "counts again until %s"),
		    term_words(field(piece, "method")), at, until);
	else
		(void)snprintf(ret_text, LINE,
		    _("password alone, because the entry at door %s (%s) "
		      "counts until %s"),
		    field(piece, "label"), at, until);
}

static void
password_words(const json_t *way, const json_t *answer, char ret_text[LINE])
{
	const char *then = field(way, "then"), *reason = field(way, "reason");
	char ask[LINE], entry[LINE], text[3 * LINE];

	list_methods(json_object_get(way, "ask"), _(" or "), ask);
	entry_words(answer, entry);
	if (strcmp(then, "accept") == 0) {
		password_accepted(way, ret_text);
		return;
	}
	if (strcmp(then, "ask") == 0)
		(void)snprintf(text, sizeof text,
		    _("password and %s (entry: %s)"), ask, entry);
	else if (strcmp(reason, "delay_running") == 0)
		(void)snprintf(text, sizeof text,
		    _("refused, whatever is given: %s"), reason_words(reason));
	else
		(void)snprintf(text, sizeof text,
		    _("refused even with the right password: %s (entry: %s)"),
		    reason_words(reason), entry);
	(void)snprintf(ret_text, LINE, "%.399s", text);
}

static void
card_words(const json_t *way, char ret_text[LINE])
{
	const char *then = field(way, "then");

	if (strcmp(then, "accept") == 0)
		(void)snprintf(ret_text, LINE,
		    _("card %s and its PIN, where the terminal reads cards"),
		    field(way, "number"));
	else if (strcmp(then, "ask") == 0)
		(void)snprintf(ret_text, LINE,
		    _("card %s and the password, where the terminal reads "
		      "cards"),
		    field(way, "number"));
	else
		(void)snprintf(ret_text, LINE, _("card %s is refused: %s"),
		    field(way, "number"), reason_words(field(way, "reason")));
}

static void
fido2_words(const json_t *way, char ret_text[LINE])
{
	const char *then = field(way, "then");
	const char *label = name_or_none(field(way, "label"));

	if (strcmp(then, "accept") == 0)
		(void)snprintf(ret_text, LINE,
		    strcmp(field(way, "uv"), "pin") == 0
			? _("FIDO2 key %s and its PIN, where the terminal "
			    "takes keys")
			: _("FIDO2 key %s and the finger, where the terminal "
			    "takes keys"),
		    label);
	else if (strcmp(then, "ask") == 0)
		(void)snprintf(ret_text, LINE,
		    _("FIDO2 key %s and the password, where the terminal "
		      "takes keys"),
		    label);
	else
		(void)snprintf(ret_text, LINE, _("FIDO2 key %s is refused: %s"),
		    label, reason_words(field(way, "reason")));
}

static void
show(const json_t *answer, const json_t *ways)
{
	struct sheet *sheet = sheet_new(2, NULL);
	const json_t *way;
	char line[LINE];
	size_t i;

	show_person(sheet, answer);
	show_client(sheet, answer);
	show_held(sheet, answer);
	show_waits(sheet, answer);
	show_presence(sheet, answer);
	json_array_foreach(ways, i, way)
	{
		if (strcmp(field(way, "with"), "password") == 0)
			password_words(way, answer, line);
		else if (strcmp(field(way, "with"), "fido2") == 0)
			fido2_words(way, line);
		else
			card_words(way, line);
		row(sheet, i == 0 ? _("now") : _("or"), line);
	}
	sheet_end(&sheet);
	if (!yes(json_object_get(answer, "client"), "show_first"))
		out("%s\n",
		    _("This client asks for a code after a wrong or "
		      "insufficient password as well, and refuses after "
		      "it."));
}

enum status
policy_explain(struct call *call)
{
	struct secret *line = NULL;
	json_t *answer = NULL, *ways = NULL;
	const char *why = "";
	enum status status;

	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "policy_explain",
		    PARAMETERS({"p_login", call->arg[0]},
			{"p_client", call->arg[1]}, {"p_why", why}),
		    &answer);
	secret_free(&line);
	if (status != STATUS_DONE)
		return status;
	ways = explain_ways(answer);
	if (ways == NULL) {
		say("%s", _("the database's answer makes no sense"));
		status = STATUS_UNREACHED;
	} else if (call->json) {
		(void)json_object_set(answer, "ways", ways);
		out_json(answer, false);
	} else {
		show(answer, ways);
	}
	json_decref(ways);
	json_decref(answer);
	return status;
}
