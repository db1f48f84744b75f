/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/name_forms.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/guess/birth.h"

static void
show_affiliations(const json_t *list)
{
	const char *const headings[] = {
	    _("AFFILIATION"), _("UNIT"), _("SPONSOR"), _("FROM"), _("UNTIL")};
	struct sheet *sheet = sheet_new(5, headings);
	const json_t *a;
	size_t i;

	json_array_foreach(list, i, a)
	{
		char id[PICK_SHOWN + 1];

		(void)snprintf(
		    id, sizeof id, "%.*s", PICK_SHOWN, field(a, "id"));
		sheet_cell(sheet, id);
		sheet_cell(sheet, field(a, "unit"));
		sheet_cell(sheet, field(a, "sponsor"));
		sheet_moment(sheet, field(a, "from"));
		sheet_until(sheet, field(a, "until"));
	}
	sheet_end(&sheet);
}

static void
show_tokens(const json_t *list)
{
	const json_t *t;
	size_t i;

	json_array_foreach(list, i, t)
	{
		char *label = out_clean(field(t, "label"));

		out(_("%s %.*s%s%s: %s\n"), term_words(field(t, "method")),
		    PICK_SHOWN, field(t, "id"), label[0] != '\0' ? " " : "",
		    label, term_words(field(t, "status")));
		free(label);
	}
}

/* What failures have led to: the help desk's first question. */
static void
show_throttle(const json_t *list)
{
	const json_t *t;
	size_t i;

	json_array_foreach(list, i, t)
	{
		const char *hard = field(t, "hard");
		long failures =
		    (long)json_integer_value(json_object_get(t, "failures"));
		long wait =
		    (long)json_integer_value(json_object_get(t, "wait"));

		out(_("%s, %s: %ld failures"), term_words(field(t, "category")),
		    term_words(field(t, "scope")), failures);
		if (strcmp(hard, "operator") == 0)
			out(_("; stopped until “card-admin unlock”"));
		else if (strcmp(hard, "rebind") == 0)
			out(_("; stopped until it is replaced"));
		else if (wait > 0)
			out(_("; next try in %ld seconds"), wait);
		out("\n");
	}
}

static void
show_person(const json_t *person)
{
	const json_t *password = json_object_get(person, "password");
	struct sheet *sheet = sheet_new(2, NULL);

	sheet_cell(sheet, _("login"));
	sheet_cell(sheet, field(person, "login"));
	sheet_cell(sheet, _("name"));
	sheet_cell(sheet, field(person, "name"));
	sheet_cell(sheet, _("kana"));
	sheet_cell(sheet, field(person, "kana"));
	sheet_cell(sheet, _("status"));
	sheet_cell(sheet, term_words(field(person, "status")));
	sheet_cell(sheet, _("kind"));
	sheet_cell(sheet, term_words(field(person, "kind")));
	sheet_cell(sheet, _("language"));
	sheet_cell(sheet, field(person, "lang"));
	sheet_cell(sheet, _("staff number"));
	sheet_cell(sheet, field(person, "staff_number"));
	sheet_cell(sheet, _("rule for passwords"));
	sheet_cell(sheet, field(person, "password_rule"));
	sheet_cell(sheet, _("password set"));
	sheet_moment(sheet, field(password, "set_at"));
	sheet_end(&sheet);
	show_tokens(json_object_get(person, "tokens"));
	show_throttle(json_object_get(person, "throttle"));
	out("\n");
	show_affiliations(json_object_get(person, "affiliations"));
}

/* Most verbs answer with the person as it is afterwards. */
static enum status
answer_person(struct call *call, const char *function,
    const struct parameter *parameters, const char *sentence)
{
	json_t *person;
	enum status status;

	status = database_call(call, function, parameters, &person);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(person, false);
	else if (sentence != NULL)
		out("%s\n", sentence);
	else
		show_person(person);
	json_decref(person);
	return STATUS_DONE;
}

/* A date of birth as it is written, by era or not. NULL: none was given. */
static enum status
read_birth(struct call *call, char date[BIRTH_DATE], const char **ret_date)
{
	const char *text = option(call, "birth");

	*ret_date = NULL;
	if (text == NULL)
		return STATUS_DONE;
	if (birth_read(text, date) != ERR_OK) {
		say(_("--birth: “%s” is no date such as 1985-04-03, S60.4.3 or "
		      "昭和60年4月3日"),
		    text);
		return STATUS_USAGE;
	}
	*ret_date = date;
	return STATUS_DONE;
}

static enum status
person_add(struct call *call)
{
	char forms[NAME_FORMS_TEXT], date[BIRTH_DATE];
	const char *kana = option(call, "kana"), *birth;

	if (option(call, "name") == NULL || option(call, "name")[0] == '\0') {
		say(_("--name is missing: who is %s?"), call->arg[0]);
		return STATUS_USAGE;
	}
	if (read_birth(call, date, &birth) != STATUS_DONE)
		return STATUS_USAGE;
	name_forms(option(call, "name"), kana != NULL ? kana : "", forms);
	return answer_person(call, "person_add",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_name", option(call, "name")},
		{"p_kana", option(call, "kana")},
		{"p_lang", option(call, "lang")},
		{"p_kind", option(call, "kind")},
		{"p_unit", option(call, "unit")},
		{"p_sponsor", option(call, "sponsor")},
		{"p_from", option(call, "from")},
		{"p_until", option(call, "until")}, {"p_forms", forms},
		{"p_birth", birth},
		{"p_staff_number", option(call, "staff-number")},
		{"p_rule", option(call, "passwords")},
		{"p_pledge", option(call, "pledge")},
		{"p_training", option(call, "training")},
		{"p_contract", option(call, "contract-until")}),
	    _("The person is added. Next: card-admin password set, card-admin "
	      "totp enrol"));
}

static enum status
person_show(struct call *call)
{
	return answer_person(
	    call, "person_show", PARAMETERS({"p_login", call->arg[0]}), NULL);
}

static enum status
person_list(struct call *call)
{
	const char *const headings[] = {_("LOGIN"), _("NAME"), _("KANA"),
	    _("STATUS"), _("UNIT"), _("UNTIL"), _("TOKENS")};
	struct sheet *sheet;
	const json_t *person;
	json_t *list;
	enum status status;
	size_t i;

	status = database_call(call, "person_list",
	    PARAMETERS(
		{"p_match", call->arg[0]}, {"p_limit", option(call, "limit")}),
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
		const json_t *all = json_object_get(person, "affiliations");
		const json_t *last =
		    json_array_get(all, json_array_size(all) - 1);
		char tokens[16];

		(void)snprintf(tokens, sizeof tokens, "%zu",
		    json_array_size(json_object_get(person, "tokens")));
		sheet_cell(sheet, field(person, "login"));
		sheet_cell(sheet, field(person, "name"));
		sheet_cell(sheet, field(person, "kana"));
		sheet_cell(sheet, term_words(field(person, "status")));
		sheet_cell(sheet, field(last, "unit"));
		sheet_until(sheet, field(last, "until"));
		sheet_cell(sheet, tokens);
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
set_status(struct call *call, const char *status, const char *sentence)
{
	return answer_person(call, "person_status",
	    PARAMETERS({"p_login", call->arg[0]}, {"p_status", status},
		{"p_reason", option(call, "reason")}),
	    sentence);
}

static enum status
person_suspend(struct call *call)
{
	return set_status(call, "suspended",
	    _("Suspended. Logins in progress have ended; sessions are being "
	      "ended (card-admin session list)."));
}

static enum status
person_resume(struct call *call)
{
	return set_status(call, "active", _("The person may log in again."));
}

static enum status
person_affiliate(struct call *call)
{
	return answer_person(call, "person_affiliate",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_unit", option(call, "unit")},
		{"p_sponsor", option(call, "sponsor")},
		{"p_from", option(call, "from")},
		{"p_until", option(call, "until")}),
	    NULL);
}

/* Finds the affiliation meant; without one named, the only one. */
static enum status
person_unaffiliate(struct call *call)
{
	const json_t *affiliation;
	json_t *person;
	enum status status;
	enum error err;

	status = database_call(call, "person_show",
	    PARAMETERS({"p_login", call->arg[0]}), &person);
	if (status != STATUS_DONE)
		return status;
	err = pick(json_object_get(person, "affiliations"), call->arg[1], NULL,
	    &affiliation);
	if (err == ERR_OK) {
		status = answer_person(call, "affiliation_end",
		    PARAMETERS({"p_login", call->arg[0]},
			{"p_affiliation", field(affiliation, "id")},
			{"p_until", option(call, "until")}),
		    NULL);
	} else {
		say("%s", err == ERR_BUSY
			      ? _("which affiliation? Name the first digits of "
				  "its id; “card-admin person show” lists them")
			      : _("there is no such affiliation; “card-admin "
				  "person show” lists them"));
		status = STATUS_REFUSED;
	}
	json_decref(person);
	return status;
}

/* The name's forms anew, from what is given and what stays. */
static enum status
forms_anew(struct call *call, char forms[NAME_FORMS_TEXT])
{
	const char *name = option(call, "name"), *kana = option(call, "kana");
	json_t *person;
	enum status status;

	status = database_call(call, "person_show",
	    PARAMETERS({"p_login", call->arg[0]}), &person);
	if (status != STATUS_DONE)
		return status;
	name_forms(name != NULL ? name : field(person, "name"),
	    kana != NULL ? kana : field(person, "kana"), forms);
	json_decref(person);
	return STATUS_DONE;
}

static enum status
person_set(struct call *call)
{
	const char *name = option(call, "name"), *kana = option(call, "kana");
	const char *lang = option(call, "lang"), *birth;
	const char *number = option(call, "staff-number");
	const char *rule = option(call, "passwords");
	char forms[NAME_FORMS_TEXT], date[BIRTH_DATE];
	const bool named = name != NULL || kana != NULL;
	enum status status;

	if (read_birth(call, date, &birth) != STATUS_DONE)
		return STATUS_USAGE;
	if (!named && lang == NULL && birth == NULL && number == NULL &&
	    rule == NULL && option(call, "pledge") == NULL &&
	    option(call, "training") == NULL &&
	    option(call, "contract-until") == NULL) {
		say("%s", _("nothing to change: say what, “card-admin person "
			    "set --help” lists it"));
		return STATUS_USAGE;
	}
	if (named) {
		status = forms_anew(call, forms);
		if (status != STATUS_DONE)
			return status;
	}
	return answer_person(call, "person_set",
	    PARAMETERS({"p_login", call->arg[0]}, {"p_name", name},
		{"p_kana", kana}, {"p_lang", lang},
		{"p_forms", named ? forms : NULL}, {"p_birth", birth},
		{"p_staff_number", number}, {"p_rule", rule},
		{"p_pledge", option(call, "pledge")},
		{"p_training", option(call, "training")},
		{"p_contract", option(call, "contract-until")}),
	    named ? _("Changed. Certificates of cards have a new name when "
		      "they are renewed.")
		  : _("Changed."));
}

static enum status
person_set_sid(struct call *call)
{
	return answer_person(call, "person_sid",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_sid", call->arg[1] != NULL ? call->arg[1] : ""}),
	    _("Certificates made from now on carry it."));
}

#define OPTION_UNIT                                                   \
	{                                                             \
		.name = "unit", .kind = OPTION_TEXT, .value = "TEXT", \
		.help = N_("ward or department")                      \
	}
#define OPTION_SPONSOR                                                   \
	{                                                                \
		.name = "sponsor", .kind = OPTION_TEXT, .value = "TEXT", \
		.help = N_("who vouches for the person")                 \
	}
#define OPTION_SINCE                                                  \
	{                                                             \
		.name = "from", .kind = OPTION_FROM, .value = "DATE", \
		.help = N_("first day; now if left out")              \
	}
#define OPTION_LAST                                                     \
	{                                                               \
		.name = "until", .kind = OPTION_UNTIL, .value = "DATE", \
		.help = N_("last day, inclusive")                       \
	}

#define OPTION_KANA                                                   \
	{                                                             \
		.name = "kana", .kind = OPTION_TEXT, .value = "KANA", \
		.help = N_("the name's reading")                      \
	}
#define OPTION_LANG                                                        \
	{                                                                  \
		.name = "lang", .kind = OPTION_CHOICE, .choices = "ja|en", \
		.help = N_("language of what the person is shown")         \
	}

#define OPTIONS_PASSWORD                                                      \
	{.name = "birth",                                                     \
	    .kind = OPTION_TEXT,                                              \
	    .value = "DATE",                                                  \
	    .help = N_("date of birth, which no password may contain")},      \
	    {.name = "staff-number",                                          \
		.kind = OPTION_TEXT,                                          \
		.max = 64,                                                    \
		.value = "TEXT",                                              \
		.help = N_("number in the personnel system")},                \
	    {.name = "passwords",                                             \
		.kind = OPTION_TEXT,                                          \
		.max = 64,                                                    \
		.value = "GROUP",                                             \
		.help = N_("whose rule for passwords; default if left out")}, \
	    {.name = "pledge",                                                \
		.kind = OPTION_DATE,                                          \
		.value = "DATE",                                              \
		.help = N_("when the pledge of confidentiality was signed")}, \
	    {.name = "training",                                              \
		.kind = OPTION_DATE,                                          \
		.value = "DATE",                                              \
		.help = N_("when the last training was")},                    \
	{                                                                     \
		.name = "contract-until", .kind = OPTION_DATE,                \
		.value = "DATE", .help = N_("last day of the contract")       \
	}

static const struct option set_options[] = {
    {.name = "name",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.help = N_("full name")},
    OPTION_KANA,
    OPTION_LANG,
    OPTIONS_PASSWORD,
    {0},
};

static const struct option add_options[] = {
    {.name = "name",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.help = N_("full name; must be given")},
    OPTION_KANA,
    OPTION_LANG,
    {.name = "kind",
	.kind = OPTION_CHOICE,
	.choices = "staff|operator|maintenance",
	.help = N_("kind of account; staff if left out")},
    OPTION_UNIT,
    OPTION_SPONSOR,
    OPTION_SINCE,
    OPTION_LAST,
    OPTIONS_PASSWORD,
    {0},
};

static const struct option list_options[] = {
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100000,
	.help = N_("at most so many; 1000 if left out")},
    {0},
};

static const struct option status_options[] = {
    {.name = "reason",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("why; kept in the audit")},
    {0},
};

static const struct option affiliate_options[] = {
    OPTION_UNIT, OPTION_SPONSOR, OPTION_SINCE, OPTION_LAST, {0}};

static const struct option unaffiliate_options[] = {OPTION_LAST, {0}};

const struct verb person_verbs[] = {
    {"add", "LOGIN", person_add, add_options, N_("add a person"),
	N_("A login is written as people type it; width and case do not "
	   "matter. Nothing\nof a person works before --from or after "
	   "--until.\n\n"
	   "  card-admin person add suzuki --name 鈴木花子 --kana すずきはなこ "
	   "--unit 3西\n"
	   "  card-admin person add t-tanaka --name \"Tanaka Taro\" --sponsor "
	   "yamada --until 2027-03-31")},
    {"import", "FILE", person_import, person_import_options,
	N_("take people from the personnel system's list, all or nothing"),
	N_("The first line names the columns, in English or Japanese: login, "
	   "name, kana,\nbirth, staff_number, unit, sponsor, since, until, "
	   "lang, "
	   "kind, rule, pledge,\ntraining, contract (ログイン, 氏名, カナ, "
	   "生年月日, "
	   "職員番号, 所属 ...). UTF-8 or CP932;\ndates also by era. Who is "
	   "not there "
	   "is added, who is called otherwise or works\nelsewhere is changed; "
	   "nobody is removed. One bad line, and nothing is done.\n\n"
	   "  card-admin person import staff.csv --dry-run\n"
	   "  card-admin person import staff.csv")},
    {"show", "LOGIN", person_show, NULL,
	N_("show a person: factors, affiliations, failures"), NULL},
    {"list", "[TEXT]", person_list, list_options,
	N_("list persons whose login, name or kana contains a text"),
	N_("  card-admin person list\n  card-admin person list 鈴木")},
    {"suspend", "LOGIN", person_suspend, status_options,
	N_("let a person log in no more, for now"),
	N_("  card-admin person suspend suzuki --reason \"leave of absence\"")},
    {"resume", "LOGIN", person_resume, status_options,
	N_("let a suspended person log in again"), NULL},
    {"leave", "LOGIN", person_leave, person_leave_options,
	N_("end everything of a person who leaves, with a receipt"),
	N_("Password, cards, keys, tokens and affiliations, at once or not at "
	   "all. What people\nhave left to do stands below the receipt.\n\n"
	   "  card-admin person leave suzuki --why retired")},
    {"set", "LOGIN", person_set, set_options,
	N_("change what a person is called, and what is known of him"),
	N_("The login is for good: audit and certificates know the person by "
	   "it.\n\n"
	   "  card-admin person set suzuki --name 佐藤花子 --kana "
	   "さとうはなこ")},
    {"set-sid", "LOGIN [SID]", person_set_sid, NULL,
	N_("who the person is to Active Directory, for certificates of cards"),
	N_("Windows takes a card's certificate only with the account's SID in "
	   "it (KB5014754).\nWithout SID it is taken away.\n\n"
	   "  card-admin person set-sid suzuki "
	   "S-1-5-21-397955417-626881126-188441444-1010")},
    {"affiliate", "LOGIN", person_affiliate, affiliate_options,
	N_("add a reason to be here, with its dates"),
	N_("  card-admin person affiliate suzuki --unit ICU --until "
	   "2027-03-31")},
    {"unaffiliate", "LOGIN [AFFILIATION]", person_unaffiliate,
	unaffiliate_options, N_("end an affiliation, now or on a day"),
	N_("AFFILIATION is the beginning of its id, as “card-admin person "
	   "show” "
	   "lists\nit; it may be left out where there is only one.\n\n"
	   "  card-admin person unaffiliate suzuki\n"
	   "  card-admin person unaffiliate suzuki 3f9c --until 2027-03-31")},
    {0},
};
