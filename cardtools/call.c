/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unictype.h>
#include <unistr.h>

#include "cardtools/command.h"
#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

enum { TEXT_MAX = 200, CODE_HELP = 1000, CODE_JSON };

const char *
option(const struct call *call, const char *name)
{
	const struct option *o = call->verb->options;
	int i;

	for (i = 0; o != NULL && o[i].kind != OPTION_END; i++) {
		if (strcmp(o[i].name, name) == 0)
			return call->option[i];
	}
	abort(); /* a name that the verb's own table does not have */
}

/* UTF-8 of at most max characters, none of them a control character. */
static bool
plain_text(const char *text, long max)
{
	size_t len = strlen(text), at = 0;
	long chars = 0;

	if (u8_check((const uint8_t *)text, len) != NULL)
		return false;
	while (at < len) {
		ucs4_t uc;

		at += (size_t)u8_mbtouc(
		    &uc, (const uint8_t *)text + at, len - at);
		if (uc_is_general_category_withtable(uc, UC_CATEGORY_MASK_Cc) ||
		    ++chars > max)
			return false;
	}
	return true;
}

static bool
one_of(const char *choices, const char *text)
{
	size_t len = strlen(text);

	while (*choices != '\0') {
		size_t n = strcspn(choices, "|");

		if (n == len && strncmp(choices, text, n) == 0)
			return true;
		choices += n + (choices[n] != '\0');
	}
	return false;
}

static enum status
take_login(const char *text, char **ret_value)
{
	char login[NAME_MAX_OCTETS + 1];

	if (name_canonical(text, strlen(text), login) != ERR_OK) {
		say(_("“%s” cannot be a login: 1 to 64 characters, no blanks"),
		    text);
		return STATUS_USAGE;
	}
	*ret_value = strdup(login);
	return *ret_value == NULL ? STATUS_UNREACHED : STATUS_DONE;
}

static enum status
take_moment(const struct option *o, const char *text, char **ret_value)
{
	char utc[WHEN_TEXT];
	time_t when;

	if (when_parse(text, time(NULL), o->kind == OPTION_UNTIL, &when) !=
	    ERR_OK) {
		say(_("--%s: “%s” is not a moment; write 2027-03-31, "
		      "\"2027-03-31 17:15\" or 2h (ago)"),
		    o->name, text);
		return STATUS_USAGE;
	}
	when_utc(when, utc);
	*ret_value = strdup(utc);
	return *ret_value == NULL ? STATUS_UNREACHED : STATUS_DONE;
}

/* A day goes to the database as it is: which moments it has is its matter. */
static enum status
take_date(const struct option *o, const char *text, char **ret_value)
{
	time_t when;

	if (strlen(text) != strlen("2027-03-31") ||
	    when_parse(text, time(NULL), false, &when) != ERR_OK ||
	    strspn(text, "0123456789-") != strlen(text)) {
		say(_("--%s: “%s” is not a day; write 2027-03-31"), o->name,
		    text);
		return STATUS_USAGE;
	}
	*ret_value = strdup(text);
	return *ret_value == NULL ? STATUS_UNREACHED : STATUS_DONE;
}

static enum status
take_number(const struct option *o, const char *text, char **ret_value)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (text[0] == '\0' || *end != '\0' || number < o->min ||
	    number > o->max) {
		say(_("--%s must be a number from %ld to %ld"), o->name, o->min,
		    o->max);
		return STATUS_USAGE;
	}
	return asprintf(ret_value, "%ld", number) < 0 ? STATUS_UNREACHED
						      : STATUS_DONE;
}

static enum status
take_option(const struct option *o, const char *text, char **ret_value)
{
	long max = o->max > 0 ? o->max : TEXT_MAX;

	switch (o->kind) {
	case OPTION_LOGIN:
		return take_login(text, ret_value);
	case OPTION_FROM:
	case OPTION_UNTIL:
		return take_moment(o, text, ret_value);
	case OPTION_DATE:
		return take_date(o, text, ret_value);
	case OPTION_NUMBER:
		return take_number(o, text, ret_value);
	case OPTION_CHOICE:
		if (!one_of(o->choices, text)) {
			say(_("--%s must be one of %s"), o->name, o->choices);
			return STATUS_USAGE;
		}
		break;
	case OPTION_TEXT:
		if (!plain_text(text, max)) {
			say(_("--%s: a text of at most %ld characters in "
			      "UTF-8"),
			    o->name, max);
			return STATUS_USAGE;
		}
		break;
	case OPTION_FLAG:
	case OPTION_FILE:
	case OPTION_END:
		break;
	}
	*ret_value = strdup(text);
	return *ret_value == NULL ? STATUS_UNREACHED : STATUS_DONE;
}

static enum status
usage_hint(const struct call *call)
{
	say(_("see: card-admin %s%s%s --help"), call->noun->name,
	    call->verb->name != NULL ? " " : "",
	    call->verb->name != NULL ? call->verb->name : "");
	return STATUS_USAGE;
}

/* What stands without dashes, against "LOGIN [TOKEN]". */
static enum status
take_args(struct call *call, const char **given)
{
	const char *spec = call->verb->args;
	enum status status;
	int i, n = 0;

	while (given != NULL && given[n] != NULL)
		n++;
	for (i = 0; spec[0] != '\0'; i++) {
		bool optional = spec[0] == '[';
		bool login = strncmp(spec + optional, "LOGIN", 5) == 0;
		size_t len = strcspn(spec, " ");

		if (i >= n && !optional) {
			say(_("%.*s is missing"), (int)len, spec);
			return usage_hint(call);
		}
		if (i < n && login) {
			status = take_login(given[i], &call->arg[i]);
			if (status != STATUS_DONE)
				return status;
		} else if (i < n) {
			if (!plain_text(given[i], LOCALCONF_PATH)) {
				say(_("“%s” is not plain text in UTF-8"),
				    given[i]);
				return STATUS_USAGE;
			}
			call->arg[i] = strdup(given[i]);
			if (call->arg[i] == NULL)
				return STATUS_UNREACHED;
		}
		spec += len + (spec[len] != '\0');
	}
	if (n > i) {
		say(_("“%s” is too much"), given[i]);
		return usage_hint(call);
	}
	return STATUS_DONE;
}

static enum status
take_options(struct call *call, poptContext popt, bool *ret_help)
{
	const struct option *o = call->verb->options;
	enum status status = STATUS_DONE;
	int code;

	while (status == STATUS_DONE && (code = poptGetNextOpt(popt)) > 0) {
		char *text = poptGetOptArg(popt);

		if (code == CODE_HELP) {
			*ret_help = true;
		} else if (code == CODE_JSON) {
			call->json = true;
		} else if (o != NULL) {
			free(call->option[code - 1]);
			call->option[code - 1] = NULL;
			status = take_option(&o[code - 1],
			    text != NULL ? text : "", &call->option[code - 1]);
		}
		free(text);
	}
	if (status == STATUS_DONE && code < -1) {
		const char *bad = poptBadOption(popt, POPT_BADOPTION_NOALIAS);

		if (code == POPT_ERROR_NOARG)
			say(_("%s needs a value"), bad);
		else if (code == POPT_ERROR_UNWANTEDARG)
			say(_("%s takes no value"), bad);
		else
			say(_("%s is not an option of this command"), bad);
		return usage_hint(call);
	}
	return status;
}

enum status
call_parse(struct call *call, int argc, const char **argv, bool *ret_help)
{
	const struct option *o = call->verb->options;
	struct poptOption table[CALL_OPTIONS + 3] = {
	    {"help", 'h', POPT_ARG_NONE, NULL, CODE_HELP, NULL, NULL},
	    {"json", 0, POPT_ARG_NONE, NULL, CODE_JSON, NULL, NULL}};
	poptContext popt;
	enum status status;
	int i;

	for (i = 0; o != NULL && o[i].kind != OPTION_END; i++) {
		if (i == CALL_OPTIONS)
			abort(); /* a verb with more options than there is room
				  */
		table[i + 2] = (struct poptOption){o[i].name, 0,
		    o[i].kind == OPTION_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING,
		    NULL, i + 1, NULL, NULL};
	}
	popt = poptGetContext(
	    "card-admin", argc, argv, table, POPT_CONTEXT_KEEP_FIRST);
	if (popt == NULL)
		return STATUS_UNREACHED;
	status = take_options(call, popt, ret_help);
	if (status == STATUS_DONE && !*ret_help)
		status = take_args(call, poptGetArgs(popt));
	(void)poptFreeContext(popt);
	return status;
}

void
call_clear(struct call *call)
{
	int i;

	for (i = 0; i < CALL_ARGS; i++)
		free(call->arg[i]);
	for (i = 0; i < CALL_OPTIONS; i++)
		free(call->option[i]);
	database_close(&call->database);
	localconf_clear(&call->conf);
}
