/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/grant.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

static void
number_cell(struct sheet *sheet, const json_t *row, const char *name)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld",
	    (long long)json_integer_value(json_object_get(row, name)));
	sheet_cell(sheet, text);
}

static void
show_policies(const json_t *list)
{
	const char *const headings[] = {_("POLICY"), _("METHODS"),
	    _("ANSWER WITHIN"), _("CODE WINDOW"), _("SESSION"), _("IDLE"),
	    _("TERMINALS PER ENTRY"), _("GRACE, MINUTES")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *policy, *method;
	size_t i, k;

	json_array_foreach(list, i, policy)
	{
		char methods[128] = "";
		bool door = false;

		json_array_foreach(
		    json_object_get(policy, "methods"), k, method)
		{
			size_t used = strlen(methods);

			(void)snprintf(methods + used, sizeof methods - used,
			    "%s%s", k > 0 ? " + " : "",
			    term_words(json_string_value(method)));
			door = door ||
			       strcmp(json_string_value(method), "door") == 0;
		}
		sheet_cell(sheet, field(policy, "name"));
		sheet_cell(sheet, methods);
		number_cell(sheet, policy, "state_seconds");
		number_cell(sheet, policy, "totp_window");
		number_cell(sheet, policy, "session_timeout");
		number_cell(sheet, policy, "idle_timeout");
		if (door)
			number_cell(sheet, policy, "door_terminals");
		else
			sheet_cell(sheet, NULL);
		number_cell(sheet, policy, "grace_minutes");
	}
	sheet_end(&sheet);
}

/* What a policy says about networks: of use to who has such clients. */
static void
show_network(const json_t *list)
{
	const char *const headings[] = {_("POLICY"), _("GRANTS"),
	    _("REGISTERED STATIONS"), _("DEVICES ALONE"),
	    _("GRANTED TO DEVICES"), _("SESSIONS A PERSON"),
	    _("RESUMED, MINUTES")};
	struct sheet *sheet = sheet_new(7, headings);
	const json_t *policy;
	char granted[512];
	size_t i;

	json_array_foreach(list, i, policy)
	{
		const char *devices = field(policy, "devices");

		sheet_cell(sheet, field(policy, "name"));
		grant_words(
		    json_object_get(policy, "grants"), granted, sizeof granted);
		sheet_cell(sheet, granted[0] != '\0' ? granted : NULL);
		sheet_cell(sheet,
		    json_is_true(json_object_get(policy, "registered_stations"))
			? _("yes")
			: _("no"));
		sheet_cell(sheet, strcmp(devices, "none") == 0
				      ? _("none")
				      : (strcmp(devices, "mac") == 0
						? _("by certificate or address")
						: _("by certificate")));
		grant_words(json_object_get(policy, "device_grants"), granted,
		    sizeof granted);
		sheet_cell(sheet, granted[0] != '\0' ? granted : NULL);
		number_cell(sheet, policy, "max_sessions");
		number_cell(sheet, policy, "resume_minutes");
	}
	sheet_end(&sheet);
}

static void
show_rules(const json_t *list)
{
	const char *const headings[] = {_("SCOPE"), _("CATEGORY"), _("DELAY"),
	    _("UP TO"), _("LOCK AFTER"), _("LOCK FOR"), _("STOP AFTER"),
	    _("REPLACE AFTER")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *rule;
	size_t i;

	json_array_foreach(list, i, rule)
	{
		sheet_cell(sheet, term_words(field(rule, "scope")));
		sheet_cell(sheet, term_words(field(rule, "category")));
		number_cell(sheet, rule, "delay_step");
		number_cell(sheet, rule, "delay_max");
		number_cell(sheet, rule, "lock_after");
		number_cell(sheet, rule, "lock_for");
		number_cell(sheet, rule, "hard_after");
		number_cell(sheet, rule, "rebind_after");
	}
	sheet_end(&sheet);
}

static void
show_password_rules(const json_t *list)
{
	const char *const headings[] = {_("GROUP"), _("CLASS"), _("CHARACTERS"),
	    _("EXPIRES AFTER, DAYS"), _("WARNS FROM DAY"), _("NOT THE LAST"),
	    _("PERSONS"), _("TO BE CHANGED")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *rule;
	size_t i;

	json_array_foreach(list, i, rule)
	{
		const bool expires =
		    json_is_integer(json_object_get(rule, "expire_days"));

		sheet_cell(sheet, field(rule, "name"));
		sheet_cell(sheet, field(rule, "class"));
		number_cell(sheet, rule, "min_chars");
		if (expires)
			number_cell(sheet, rule, "expire_days");
		else
			sheet_cell(sheet, NULL);
		if (expires)
			number_cell(sheet, rule, "warn_days");
		else
			sheet_cell(sheet, NULL);
		number_cell(sheet, rule, "history");
		number_cell(sheet, rule, "persons");
		number_cell(sheet, rule, "expired");
	}
	sheet_end(&sheet);
}

/* Shows a list, or the one object that a change answers with. */
static enum status
answer(struct call *call, const char *function,
    const struct parameter *parameters, void (*show)(const json_t *list))
{
	enum status status;
	json_t *rows;

	status = database_call(call, function, parameters, &rows);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(rows, false);
	} else if (json_is_array(rows)) {
		show(rows);
	} else {
		json_t *list = json_pack("[O]", rows);

		show(list);
		json_decref(list);
	}
	json_decref(rows);
	return STATUS_DONE;
}

static enum status
policy_list(struct call *call)
{
	return answer(
	    call, "policy_list", PARAMETERS({NULL, NULL}), show_policies);
}

/* "password,totp" as PostgreSQL writes an array. */
static enum status
write_methods(const char *text, char ret_array[64])
{
	static const char *const known[] = {
	    "password", "totp", "card", "pin", "fido2", "uv", "door"};
	enum { KNOWN = sizeof known / sizeof known[0] };
	const char *at = text;
	size_t i;

	while (*at != '\0') {
		size_t len = strcspn(at, ",");

		for (i = 0; i < KNOWN; i++) {
			if (strlen(known[i]) == len &&
			    strncmp(known[i], at, len) == 0)
				break;
		}
		if (i == KNOWN) {
			say(_("--methods: “%.*s” is none of password, totp, "
			      "card, pin, fido2, uv, door"),
			    (int)len, at);
			return STATUS_USAGE;
		}
		at += len + (at[len] != '\0');
	}
	if (snprintf(ret_array, 64, "{%s}", text) >= 64) {
		say("%s", _("--methods is too long"));
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static const char *
yes_or_no(const char *value)
{
	return value == NULL		   ? NULL
	       : strcmp(value, "yes") == 0 ? "true"
					   : "false";
}

static enum status
policy_set(struct call *call)
{
	const char *methods = option(call, "methods");
	char array[64];

	if (call->arg[0][0] == '\0' || strlen(call->arg[0]) > 64) {
		say("%s", _("a policy's name has 1 to 64 characters"));
		return STATUS_USAGE;
	}
	if (methods != NULL && write_methods(methods, array) != STATUS_DONE)
		return STATUS_USAGE;
	return answer(call, "policy_set",
	    PARAMETERS({"p_name", call->arg[0]},
		{"p_methods", methods != NULL ? array : NULL},
		{"p_state_seconds", option(call, "answer-within")},
		{"p_totp_window", option(call, "code-window")},
		{"p_session_timeout", option(call, "session")},
		{"p_idle_timeout", option(call, "idle")},
		{"p_door_terminals", option(call, "door-terminals")},
		{"p_grace_minutes", option(call, "grace")},
		{"p_fido2_uv", option(call, "fido2-uv")},
		{"p_registered_stations",
		    yes_or_no(option(call, "registered-stations"))},
		{"p_devices", option(call, "devices")},
		{"p_max_sessions", option(call, "max-sessions")},
		{"p_resume_minutes", option(call, "resume")}),
	    show_policies);
}

static enum status
policy_grant(struct call *call)
{
	const char *attribute;
	enum status status;
	json_t *list;
	char *text;

	status = grant_make(call->arg[1], call->arg[2], &attribute, &list);
	if (status != STATUS_DONE)
		return status;
	text = out_json_text(list);
	json_decref(list);
	status = answer(call, "policy_grant",
	    PARAMETERS({"p_name", call->arg[0]}, {"p_attribute", attribute},
		{"p_new", text},
		{"p_beside",
		    call->arg[2] != NULL && option(call, "beside") != NULL
			? "true"
			: NULL},
		{"p_devices",
		    option(call, "to-devices") != NULL ? "true" : NULL}),
	    show_network);
	free(text);
	return status;
}

static enum status
policy_network(struct call *call)
{
	return answer(
	    call, "policy_list", PARAMETERS({NULL, NULL}), show_network);
}

static enum status
policy_password(struct call *call)
{
	if (call->arg[0] == NULL)
		return answer(call, "password_rule_list",
		    PARAMETERS({NULL, NULL}), show_password_rules);
	return answer(call, "password_rule_set",
	    PARAMETERS({"p_name", call->arg[0]},
		{"p_class", option(call, "class")},
		{"p_min_chars", option(call, "characters")},
		{"p_expire_days", option(call, "expires")},
		{"p_warn_days", option(call, "warns")},
		{"p_history", option(call, "history")}),
	    show_password_rules);
}

static enum status
policy_throttle(struct call *call)
{
	if (call->arg[0] == NULL)
		return answer(call, "throttle_rule_list",
		    PARAMETERS({NULL, NULL}), show_rules);
	if (call->arg[1] == NULL) {
		say("%s", _("CATEGORY is missing: knowledge, possession or "
			    "inherence"));
		return STATUS_USAGE;
	}
	return answer(call, "throttle_rule_set",
	    PARAMETERS({"p_scope", call->arg[0]}, {"p_category", call->arg[1]},
		{"p_delay_step", option(call, "delay")},
		{"p_delay_max", option(call, "delay-max")},
		{"p_lock_after", option(call, "lock-after")},
		{"p_lock_for", option(call, "lock-for")},
		{"p_hard_after", option(call, "stop-after")},
		{"p_rebind_after", option(call, "replace-after")}),
	    show_rules);
}

static const struct option set_options[] = {
    {.name = "methods",
	.kind = OPTION_TEXT,
	.value = "LIST",
	.help = N_("password,totp,card,pin,door: what may be used")},
    {.name = "answer-within",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 10,
	.max = 600,
	.help = N_("time between password and code")},
    {.name = "code-window",
	.kind = OPTION_NUMBER,
	.value = "STEPS",
	.min = 0,
	.max = 5,
	.help = N_("codes before and after now that count")},
    {.name = "session",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 604800,
	.help = N_("longest session; 0: no limit")},
    {.name = "idle",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 86400,
	.help = N_("longest idle time; 0: no limit")},
    {.name = "door-terminals",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 16,
	.help = N_("terminals that one entry through a door opens")},
    {.name = "fido2-uv",
	.kind = OPTION_CHOICE,
	.choices = "preferred|required",
	.help = N_("whether a FIDO2 key must make sure of its user")},
    {.name = "registered-stations",
	.kind = OPTION_CHOICE,
	.choices = "yes|no",
	.help = N_("whether people log in from registered stations only")},
    {.name = "devices",
	.kind = OPTION_CHOICE,
	.choices = "none|certificate|mac",
	.help = N_("what lets a device in alone; mac: certificates, too")},
    {.name = "max-sessions",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 0,
	.max = 1000,
	.help = N_("of one person at once; the oldest are ended; 0: any")},
    {.name = "resume",
	.kind = OPTION_NUMBER,
	.value = "MINUTES",
	.min = 0,
	.max = 1440,
	.help = N_("so long after a login wireless roams without another; 0: "
		   "never")},
    {.name = "grace",
	.kind = OPTION_NUMBER,
	.value = "MINUTES",
	.min = 0,
	.max = 480,
	.help = N_("so long the same terminal asks the same person for the "
		   "password only; 0: never")},
    {0},
};

static const struct option throttle_options[] = {
    {.name = "delay",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 600,
	.help = N_("wait after each failure, times failures in a row")},
    {.name = "delay-max",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 3600,
	.help = N_("longest such wait")},
    {.name = "lock-after",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100,
	.help = N_("failures until a lock")},
    {.name = "lock-for",
	.kind = OPTION_NUMBER,
	.value = "SECONDS",
	.min = 0,
	.max = 86400,
	.help = N_("how long a lock lasts")},
    {.name = "stop-after",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100,
	.help = N_("failures until an operator must unlock")},
    {.name = "replace-after",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100,
	.help = N_("failures until the password or token is replaced")},
    {0},
};

static const struct option password_options[] = {
    {.name = "class",
	.kind = OPTION_CHOICE,
	.choices = "a|b|c",
	.help = N_("of guideline C.14 (4), with its presets")},
    {.name = "characters",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 8,
	.max = 64,
	.help = N_("at least so many; class a: 13")},
    {.name = "expires",
	.kind = OPTION_NUMBER,
	.value = "DAYS",
	.min = 0,
	.max = 3650,
	.help = N_("days after which it can only be changed; 0: never")},
    {.name = "warns",
	.kind = OPTION_NUMBER,
	.value = "DAY",
	.min = 0,
	.max = 3650,
	.help = N_("the day from which its owner is told")},
    {.name = "history",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 24,
	.help = N_("none of the last N again")},
    {0},
};

static const struct option grant_options[] = {
    {.name = "beside",
	.kind = OPTION_FLAG,
	.help = N_("another of the same attribute, not in its place")},
    {.name = "to-devices",
	.kind = OPTION_FLAG,
	.help = N_("to devices that come in alone, where their records say "
		   "nothing")},
    {0},
};

static const struct option explain_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("what it is needed for; it is recorded, and asked for on a "
		   "terminal")},
    {0},
};

const struct verb policy_verbs[] = {
    {"list", "", policy_list, NULL, N_("list policies"), NULL},
    {"set", "NAME", policy_set, set_options, N_("make or change a policy"),
	N_("A policy can ask for more than two factors of different "
	   "categories, never for\nless. What is not given stays. With door, "
	   "having been identified at the door of\nthe terminal's zone counts "
	   "as a factor there, at one terminal if not said\notherwise.\n\n"
	   "  card-admin policy set vpn --session 28800 --idle 1800\n"
	   "  card-admin policy set ward --methods password,totp,card,pin,door "
	   "\\\n      --door-terminals 1")},
    {"grant", "NAME ATTRIBUTE [VALUE]", policy_grant, grant_options,
	N_("what a login gets beside access; without VALUE take that away"),
	N_("ATTRIBUTE is vlan, filter-id, termination-action (reauthenticate "
	   "or end), or a\nname of FreeRADIUS's dictionaries. Access is never "
	   "granted by this: only what it\nleads to.\n\n"
	   "  card-admin policy grant wlan-staff vlan 120\n"
	   "  card-admin policy grant wlan-staff termination-action "
	   "reauthenticate\n"
	   "  card-admin policy grant vpn Cisco-AVPair "
	   "\"ip:addr-pool=staff\" --beside\n"
	   "  card-admin policy grant wlan-staff vlan 900 --to-devices")},
    {"network", "", policy_network, NULL,
	N_("list what policies grant, and whom they let in alone"), NULL},
    {"explain", "LOGIN CLIENT", policy_explain, explain_options,
	N_("say what a person would be asked at a client now, and why"),
	N_("By the rules that logins are answered by: which factors count "
	   "there, what the\nperson has, whether an entry through a door "
	   "counts or why not, whether a refusal\ntime runs, and what would be "
	   "enough now. It tells where a colleague is: who asked,\nfor whom "
	   "and "
	   "why stands in the audit.\n\n"
	   "  card-admin policy explain suzuki W3-07 --why \"cannot log in, "
	   "calls the help desk\"")},
    {"password", "[GROUP]", policy_password, password_options,
	N_("show the rules for passwords, or make or change a group's"),
	N_("Class a has 13 characters and lasts; b has 8 and is changed every "
	   "59 days at the\nlatest; c has 8 and lasts, as a second factor is "
	   "always asked for. An expired one\ncan only be changed, at the next "
	   "login that asks questions. Who is in which group:\ncard-admin "
	   "person set LOGIN --passwords GROUP.\n\n"
	   "  card-admin policy password\n"
	   "  card-admin policy password residents --class b --warns 45\n"
	   "  card-admin policy password default --class a")},
    {"confirm", "", policy_confirm, policy_confirm_options,
	N_("confirm that the rules for passwords are safe as a whole"),
	N_("The guideline wants it whichever rule is used (C.14 (4)): once a "
	   "year, and after\neach change that asks for less. Without --note it "
	   "says who did it last, and\nwhat was weakened since.\n\n"
	   "  card-admin policy confirm\n"
	   "  card-admin policy confirm --note \"class c beside cards; "
	   "throttle "
	   "as preset\"")},
    {"throttle", "[SCOPE] [CATEGORY]", policy_throttle, throttle_options,
	N_("show or change what failures cost"),
	N_("SCOPE is inside, outside or client; CATEGORY is knowledge, "
	   "possession or\ninherence. Without them all rules are "
	   "shown.\n\n"
	   "  card-admin policy throttle\n"
	   "  card-admin policy throttle outside knowledge --lock-after 5 "
	   "--lock-for 900")},
    {0},
};
