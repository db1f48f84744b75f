/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/base/clock.h"

enum { DAYS_MAX = 3650 };

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* "00417 (suzuki)": what a person at the desk would call it. */
static void
name_of(const json_t *card, char *ret_text, size_t cap)
{
	const char *number = field(card, "number"), *id = field(card, "id");
	const char *login = field(card, "login");

	if (number[0] != '\0')
		(void)snprintf(ret_text, cap, "%s (%s)", number,
		    login[0] != '\0' ? login : _("stock"));
	else
		(void)snprintf(ret_text, cap, "%.8s (%s)", id,
		    login[0] != '\0' ? login : _("stock"));
}

/* Sessions that clients tell of, or those that none has told of. */
static size_t
put_sessions(const json_t *sessions, bool told, const char *heading)
{
	char since[WHEN_TEXT], until[WHEN_TEXT];
	const json_t *s;
	size_t i, n = 0;

	json_array_foreach(sessions, i, s)
	{
		char *client;

		if (json_is_integer(json_object_get(s, "session")) != told)
			continue;
		if (n++ == 0)
			out("%s\n", heading);
		client = out_clean(field(s, "client"));
		when_local(field(s, "since"), false, since);
		when_local(field(s, "until"), false, until);
		if (told)
			out(_("  %s: session %lld, since %s: %s\n"), client,
			    (long long)json_integer_value(
				json_object_get(s, "session")),
			    since,
			    json_is_true(json_object_get(s, "ending"))
				? _("being ended")
				: _("goes on, another card carried it"));
		else
			out(_("  %s: since %s, at the longest until %s\n"),
			    client, since, until);
		free(client);
	}
	return n;
}

/* Where its person is logged in still. */
static void
tell_sessions(const json_t *card)
{
	const json_t *sessions = json_object_get(card, "sessions");

	if (put_sessions(sessions, true, _("Sessions:")) > 0)
		out("%s\n", _("Whether they have ended shows “card-admin "
			      "session list”."));
	(void)put_sessions(sessions, false,
	    _("Not reached: these clients do not tell of sessions; whoever "
	      "was logged in stays so until it ends there. Have the screen "
	      "locked or the session cut at:"));
}

enum status
card_lost(struct call *call)
{
	int64_t begun = clock_ms();
	char name[200], when[WHEN_TEXT];
	enum status status;
	json_t *card;

	status = database_call(call, "card_lost",
	    PARAMETERS({"p_card", call->arg[0]},
		{"p_why", or_empty(option(call, "why"))}),
	    &card);
	if (status != STATUS_DONE)
		return status;
	(void)json_object_set_new(
	    card, "took_ms", json_integer((json_int_t)(clock_ms() - begun)));
	if (call->json) {
		out_json(card, false);
	} else {
		name_of(card, name, sizeof name);
		when_local(field(card, "revoked_after"), false, when);
		out(_("Lost: card %s does not count any more, on any server, "
		      "since %d ms after you asked. Logins in progress that "
		      "ended: %d.\n"),
		    name,
		    (int)json_integer_value(json_object_get(card, "took_ms")),
		    (int)json_integer_value(
			json_object_get(card, "logins_ended")));
		tell_sessions(card);
		out(_("Next: if it is found, card-admin card found; else it is "
		      "revoked for good on %s.\nA card for now: card-admin "
		      "card temporary\n"),
		    when);
	}
	json_decref(card);
	return STATUS_DONE;
}

enum status
card_found(struct call *call)
{
	const char *proof = option(call, "identity-proof");
	enum status status;
	char name[200];
	json_t *card;

	if (proof == NULL) {
		say("%s", _("--identity-proof is missing: how the holder's "
			    "identity was checked"));
		return STATUS_USAGE;
	}
	status = database_call(call, "card_found",
	    PARAMETERS({"p_card", call->arg[0]}, {"p_proof", proof}), &card);
	if (status != STATUS_DONE)
		return status;
	name_of(card, name, sizeof name);
	if (call->json)
		out_json(card, false);
	else if (strcmp(field(card, "status"), "active") == 0)
		out(_("Found: card %s counts again.\n"), name);
	else
		out(_("Found: card %s is %s, as it was before.\n"), name,
		    term_words(field(card, "state")));
	json_decref(card);
	return STATUS_DONE;
}

static enum status
set_status(struct call *call, const char *new_status, const char *format)
{
	enum status status;
	char name[200];
	json_t *card;

	status = database_call(call, "card_status",
	    PARAMETERS({"p_card", call->arg[0]}, {"p_status", new_status},
		{"p_why", or_empty(option(call, "why"))}),
	    &card);
	if (status != STATUS_DONE)
		return status;
	name_of(card, name, sizeof name);
	if (call->json)
		out_json(card, false);
	else
		out("%s: %s\n", name, format);
	json_decref(card);
	return STATUS_DONE;
}

enum status
card_suspend(struct call *call)
{
	return set_status(
	    call, "suspended", _("suspended; the card does not count."));
}

enum status
card_resume(struct call *call)
{
	return set_status(call, "active", _("resumed; the card counts again."));
}

static enum status
end(struct call *call, const char *state, const char *sentence)
{
	enum status status;
	char name[200];
	json_t *card;

	status = database_call(call, "card_end",
	    PARAMETERS({"p_card", call->arg[0]}, {"p_state", state},
		{"p_why", or_empty(option(call, "why"))}),
	    &card);
	if (status != STATUS_DONE)
		return status;
	name_of(card, name, sizeof name);
	if (call->json) {
		out_json(card, false);
	} else {
		out("%s: %s\n", name, sentence);
		tell_sessions(card);
	}
	json_decref(card);
	return STATUS_DONE;
}

enum status
card_revoke(struct call *call)
{
	return end(
	    call, "revoked", _("revoked for good, with its certificates."));
}

enum status
card_return(struct call *call)
{
	return end(call, "returned",
	    _("returned; it counts no more and can be issued again."));
}

/* "90d" or "90" */
static enum status
take_days(const char *text, char ret_days[16])
{
	char *rest;
	long days = strtol(text, &rest, 10);

	if (rest == text || (strcmp(rest, "d") != 0 && *rest != '\0') ||
	    days < 0 || days > DAYS_MAX) {
		say(_("--expires-within: “%s” is not a number of days; write "
		      "90d"),
		    text);
		return STATUS_USAGE;
	}
	(void)snprintf(ret_days, 16, "%ld", days);
	return STATUS_DONE;
}

static const char *
state_of(const json_t *card)
{
	const json_t *lost = json_object_get(card, "lost_at");

	return json_is_string(lost) &&
		       strcmp(field(card, "status"), "revoked") != 0
		   ? "lost"
		   : field(card, "state");
}

enum status
card_list(struct call *call)
{
	const char *const headings[] = {_("CARD"), _("NUMBER"), _("LOGIN"),
	    _("STATE"), _("VALID UNTIL"), _("DEVICE"), _("CHANGED"), _("BY")};
	const char *within = option(call, "expires-within");
	char days[16];
	enum status status;
	struct sheet *sheet;
	const json_t *card;
	json_t *list;
	size_t i;

	if (within != NULL && take_days(within, days) != STATUS_DONE)
		return STATUS_USAGE;
	status = database_call(call, "card_list",
	    PARAMETERS({"p_login", option(call, "login")},
		{"p_state", option(call, "state")},
		{"p_expires_days", within != NULL ? days : NULL}),
	    &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(8, headings);
	json_array_foreach(list, i, card)
	{
		char id[16];

		(void)snprintf(
		    id, sizeof id, "%.*s", PICK_SHOWN, field(card, "id"));
		sheet_cell(sheet, id);
		sheet_cell(sheet, field(card, "number"));
		sheet_cell(sheet, field(card, "login"));
		sheet_cell(sheet, term_words(state_of(card)));
		sheet_until(sheet, field(card, "valid_until"));
		sheet_cell(sheet, field(card, "device"));
		sheet_moment(sheet, field(card, "changed_at"));
		sheet_cell(sheet, field(card, "changed_by"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static void
row(struct sheet *sheet, const char *what, const char *text)
{
	sheet_cell(sheet, what);
	sheet_cell(sheet, text);
}

static void
row_moment(struct sheet *sheet, const char *what, const char *text)
{
	if (text[0] == '\0')
		return;
	sheet_cell(sheet, what);
	sheet_moment(sheet, text);
}

static void
show_keys(struct sheet *sheet, const json_t *card)
{
	const json_t *keys = json_object_get(card, "keys"), *key;
	size_t i;

	json_array_foreach(keys, i, key)
	{
		char what[32], text[200], until[WHEN_TEXT];

		if (field(key, "revoked_at")[0] != '\0')
			continue;
		(void)snprintf(
		    what, sizeof what, _("key %s"), field(key, "slot"));
		when_last_day(field(key, "valid_until"), until);
		(void)snprintf(text, sizeof text,
		    _("%.16s… until %s, PIN %s%s%s"), field(key, "key_id"),
		    until, term_words(field(key, "pin")),
		    field(key, "proven_at")[0] == '\0' ? _(", not proven yet")
						       : "",
		    field(key, "held_at")[0] != '\0'
			? _(", suspended by its issuer")
			: "");
		row(sheet, what, text);
	}
}

static void
show_one(const json_t *card)
{
	struct sheet *sheet = sheet_new(2, NULL);

	row(sheet, _("card"), field(card, "id"));
	row(sheet, _("number"), field(card, "number"));
	row(sheet, _("holder"), field(card, "login"));
	row(sheet, _("name"), field(card, "name"));
	row(sheet, _("state"), term_words(state_of(card)));
	row(sheet, _("device"), field(card, "device"));
	if (field(card, "why")[0] != '\0')
		row(sheet, _("reason"), field(card, "why"));
	row_moment(sheet, _("lost since"), field(card, "lost_at"));
	row_moment(sheet, _("only until"), field(card, "temporary_until"));
	row_moment(sheet, _("made"), field(card, "created_at"));
	row(sheet, _("made by"), field(card, "created_by"));
	row_moment(sheet, _("changed"), field(card, "changed_at"));
	row(sheet, _("changed by"), field(card, "changed_by"));
	show_keys(sheet, card);
	sheet_end(&sheet);
}

enum status
card_show(struct call *call)
{
	enum status status;
	const json_t *card;
	json_t *cards;
	size_t i;

	status = database_call(
	    call, "card_show", PARAMETERS({"p_card", call->arg[0]}), &cards);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(cards, false);
	} else {
		json_array_foreach(cards, i, card)
		{
			if (i > 0)
				out("\n");
			show_one(card);
		}
	}
	json_decref(cards);
	return STATUS_DONE;
}

enum status
card_inventory(struct call *call)
{
	const struct {
		const char *key, *text;
	} notes[] = {{"lost", _("lost, and not revoked yet")},
	    {"temporary", _("temporary cards in use")},
	    {"expiring",
		_("in use, with certificates that end within 90 days")},
	    {"of_people_who_left", _("not ended, of people who left")}};
	enum status status;
	struct sheet *sheet;
	const char *state;
	json_t *found, *n;
	char text[24];
	size_t i;

	status = database_call(call, "card_inventory",
	    (const struct parameter[]){{NULL, NULL}}, &found);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(found, false);
		json_decref(found);
		return STATUS_DONE;
	}
	sheet = sheet_new(2, NULL);
	json_object_foreach(json_object_get(found, "states"), state, n)
	{
		(void)snprintf(text, sizeof text, "%lld",
		    (long long)json_integer_value(n));
		row(sheet, term_words(state), text);
	}
	for (i = 0; i < sizeof notes / sizeof notes[0]; i++) {
		(void)snprintf(text, sizeof text, "%lld",
		    (long long)json_integer_value(
			json_object_get(found, notes[i].key)));
		row(sheet, notes[i].text, text);
	}
	sheet_end(&sheet);
	json_decref(found);
	return STATUS_DONE;
}
