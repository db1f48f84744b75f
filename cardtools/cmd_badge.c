/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_badge.c - cards with a number and nothing else: whose name they fill in.
 */
#include <string.h>

#include "cardtools/badge_reader.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/base/hex.h"
#include "common/db/db.h"

enum { NUMBER_TEXT = 2 * BADGE_MAX + 3, TYPED_MAX = 3 * BADGE_MAX };

/* As readers and lists write it: 04a1b2c3, 04:A1:B2:C3 or 04 A1 B2 C3. */
static enum status
typed_number(const char *text, char ret_number[NUMBER_TEXT])
{
	unsigned char number[BADGE_MAX];
	char hex[TYPED_MAX + 1];
	size_t len, n = 0;

	for (; *text != '\0' && n < TYPED_MAX; text++) {
		char c = *text;

		if (strchr(": -", c) != NULL)
			continue;
		if (c >= 'A' && c <= 'F')
			c = "abcdef"[c - 'A'];
		hex[n++] = c;
	}
	if (*text != '\0' ||
	    hex_decode(hex, n, number, sizeof number, &len) != ERR_OK ||
	    !badge_valid(number, len)) {
		say("%s", _("that is not a card's number: 4, 7, 8 or 10 octets "
			    "in hexadecimal; a telephone's changes each time "
			    "(08…) and is of no use"));
		return STATUS_USAGE;
	}
	db_bytea(number, len, ret_number);
	return STATUS_DONE;
}

static enum status
read_number(struct call *call, char ret_number[NUMBER_TEXT])
{
	const char *wanted = option(call, "reader");
	unsigned char number[BADGE_MAX];
	size_t len;

	if (wanted == NULL && call->conf.reader[0] != '\0')
		wanted = call->conf.reader;
	switch (badge_read(wanted, number, &len)) {
	case ERR_OK:
		db_bytea(number, len, ret_number);
		return STATUS_DONE;
	case ERR_BUSY:
		say("%s", _("several readers have a card; name one with "
			    "--reader"));
		return STATUS_READER;
	case ERR_CLOSED:
		say("%s", _("the card service does not answer; is pcscd "
			    "running?"));
		return STATUS_READER;
	default:
		say("%s", _("no reader has a card with a number of its own; "
			    "lay it on the reader, or give --number"));
		return STATUS_READER;
	}
}

static enum status
number_of(struct call *call, char ret_number[NUMBER_TEXT])
{
	const char *typed = option(call, "number");

	return typed != NULL ? typed_number(typed, ret_number)
			     : read_number(call, ret_number);
}

static enum status
change(struct call *call, const char *function,
    const struct parameter *parameters, const char *format)
{
	enum status status;
	json_t *badge;

	status = database_call(call, function, parameters, &badge);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(badge, false);
	else
		out("%s: %s (%s)\n", field(badge, "login"), format,
		    field(badge, "number"));
	json_decref(badge);
	return STATUS_DONE;
}

static enum status
badge_add(struct call *call)
{
	char number[NUMBER_TEXT];
	enum status status = number_of(call, number);

	if (status != STATUS_DONE)
		return status;
	return change(call, "badge_add",
	    PARAMETERS({"p_login", call->arg[0]}, {"p_number", number}),
	    _("the card fills in this name at terminals; it proves nothing"));
}

static enum status
badge_remove(struct call *call)
{
	char number[NUMBER_TEXT];
	enum status status = number_of(call, number);

	if (status != STATUS_DONE)
		return status;
	return change(call, "badge_remove", PARAMETERS({"p_number", number}),
	    _("the card is nobody's any more"));
}

static enum status
badge_list(struct call *call)
{
	const char *const headings[] = {
	    _("NUMBER"), _("LOGIN"), _("STATE"), _("ADDED"), _("BY")};
	enum status status;
	struct sheet *sheet;
	const json_t *badge;
	json_t *list;
	size_t i;

	status = database_call(call, "badge_list",
	    PARAMETERS({"p_login", option(call, "login")}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(5, headings);
	json_array_foreach(list, i, badge)
	{
		sheet_cell(sheet, field(badge, "number"));
		sheet_cell(sheet, field(badge, "login"));
		sheet_cell(sheet, term_words(field(badge, "status")));
		sheet_moment(sheet, field(badge, "added_at"));
		sheet_cell(sheet, field(badge, "added_by"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static const struct option number_options[] = {
    {.name = "number",
	.kind = OPTION_TEXT,
	.value = "HEX",
	.max = TYPED_MAX,
	.help = N_("the number, instead of reading it from a card")},
    {.name = "reader",
	.kind = OPTION_TEXT,
	.value = "NAME",
	.max = 128,
	.help = N_("part of the reader's name, if several have a card")},
    {0},
};

static const struct option list_options[] = {
    {.name = "login",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("one person's")},
    {0},
};

const struct verb badge_verbs[] = {
    {"add", "LOGIN", badge_add, number_options,
	N_("let a card's number fill in a name at terminals"),
	N_("For cards that can do nothing but be read (FeliCa, MIFARE). "
	   "Everybody can read\nand copy such a number, so it is no factor: "
	   "the person still logs in with two.\n\n"
	   "  card-admin badge add suzuki\n"
	   "  card-admin badge add suzuki --number 01:2E:4C:11:9A:07:33:F0")},
    {"remove", "", badge_remove, number_options, N_("let a number be nobody's"),
	N_("  card-admin badge remove\n"
	   "  card-admin badge remove --number 012e4c119a0733f0")},
    {"list", "", badge_list, list_options, N_("list numbers and their names"),
	NULL},
    {0},
};
