/* SPDX-License-Identifier: GPL-2.0-or-later */
/* person_import.c - the personnel system's list: all of it, or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uninorm.h>
#include <unistd.h>

#include "cardtools/csv.h"
#include "cardtools/database.h"
#include "cardtools/file.h"
#include "cardtools/name_forms.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"
#include "common/guess/birth.h"

enum { SHOWN = 20, EVERY = 500, IMPORT_MS = 600000 };

enum kind {
	KIND_TEXT,
	KIND_LOGIN,
	KIND_NAME,
	KIND_KANA,
	KIND_DATE,
	KIND_SINCE,
	KIND_UNTIL
};

/* What may stand in the first line, and what the database calls it. */
static const struct column {
	const char *name; /* also of the field of the database */
	enum kind kind;
	const char *japanese[3];
} columns[] = {
    {"login", KIND_LOGIN, {"ログイン", "ログイン名", "利用者ID"}},
    {"name", KIND_NAME, {"氏名", "名前", "漢字氏名"}},
    {"kana", KIND_KANA, {"カナ", "フリガナ", "カナ氏名"}},
    {"birth", KIND_DATE, {"生年月日", NULL, NULL}},
    {"staff_number", KIND_TEXT, {"職員番号", "社員番号", NULL}},
    {"unit", KIND_TEXT, {"所属", "部署", NULL}},
    {"sponsor", KIND_TEXT, {"保証人", "責任者", NULL}},
    {"since", KIND_SINCE, {"開始日", "採用日", NULL}},
    {"until", KIND_UNTIL, {"終了日", "退職日", NULL}},
    {"lang", KIND_TEXT, {"言語", NULL, NULL}},
    {"kind", KIND_TEXT, {"種別", NULL, NULL}},
    {"rule", KIND_TEXT, {"パスワード規則", NULL, NULL}},
    {"pledge", KIND_DATE, {"誓約日", NULL, NULL}},
    {"training", KIND_DATE, {"研修日", NULL, NULL}},
    {"contract", KIND_DATE, {"契約終了日", NULL, NULL}},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct import {
	struct call *call;
	const struct column *of[CSV_FIELDS];
	size_t n;
	json_t *rows;
	unsigned refused;
};

static void
refuse(struct import *import, const struct csv_row *row, const char *what,
    const char *why)
{
	char *clean = out_clean(what);

	if (import->refused++ < SHOWN)
		say(_("line %u: %s: %s"), row->line, clean, why);
	free(clean);
}

static const struct column *
column_of(const char *heading)
{
	size_t i, k;

	for (i = 0; i < COLUMNS; i++) {
		if (strcmp(columns[i].name, heading) == 0)
			return &columns[i];
		for (k = 0; k < 3 && columns[i].japanese[k] != NULL; k++) {
			if (strcmp(columns[i].japanese[k], heading) == 0)
				return &columns[i];
		}
	}
	return NULL;
}

/* The first line says which column is what. */
static enum status
take_headings(struct import *import, const struct csv_row *row)
{
	bool login = false, name = false;
	size_t i;

	for (i = 0; i < row->n; i++) {
		import->of[i] = column_of(row->field[i]);
		if (import->of[i] == NULL && row->field[i][0] != '\0')
			say(_("column “%s” is left out: it is none of login, "
			      "name, kana, birth, staff_number, unit, sponsor, "
			      "since, until, lang, kind, rule, pledge, "
			      "training, contract"),
			    row->field[i]);
		login = login || import->of[i] == &columns[0];
		name = name || import->of[i] == &columns[1];
	}
	import->n = row->n;
	if (login && name)
		return STATUS_DONE;
	say("%s", _("the first line names the columns; login (ログイン) and "
		    "name (氏名) must be among them"));
	return STATUS_USAGE;
}

/* Half-width kana become what they are, names stay as they are written. */
static bool
normalise(const char *text, bool width, char ret[512])
{
	size_t n = 511;
	uint8_t *result = u8_normalize(width ? UNINORM_NFKC : UNINORM_NFC,
	    (const uint8_t *)text, strlen(text), (uint8_t *)ret, &n);

	if (result != (uint8_t *)ret) {
		free(result);
		return false;
	}
	ret[n] = '\0';
	return out_characters(ret) <= 200;
}

static const char *
moment(const char *date, bool until, char ret[WHEN_TEXT])
{
	time_t when;

	if (when_parse(date, time(NULL), until, &when) != ERR_OK)
		return NULL;
	when_utc(when, ret);
	return ret;
}

/* One cell into its row; false if it cannot be that. */
static bool
take_cell(const struct column *column, const char *text, json_t *o)
{
	char buffer[512], date[BIRTH_DATE], utc[WHEN_TEXT];
	char login[NAME_MAX_OCTETS + 1];
	const char *value = text;

	switch (column->kind) {
	case KIND_LOGIN:
		if (name_canonical(text, strlen(text), login) != ERR_OK)
			return false;
		value = login;
		break;
	case KIND_TEXT:
	case KIND_NAME:
	case KIND_KANA:
		if (!normalise(text, column->kind == KIND_KANA, buffer))
			return false;
		value = buffer;
		break;
	case KIND_DATE:
		if (birth_read(text, date) != ERR_OK)
			return false;
		value = date;
		break;
	case KIND_SINCE:
	case KIND_UNTIL:
		if (birth_read(text, date) != ERR_OK)
			return false;
		value = moment(date, column->kind == KIND_UNTIL, utc);
		break;
	}
	return value != NULL &&
	       json_object_set_new(o, column->name, json_string(value)) == 0;
}

/* "{a,b}" of name_forms() as JSON has arrays. */
static json_t *
forms_of(const char *name, const char *kana)
{
	char forms[NAME_FORMS_TEXT], *at, *save = NULL;
	json_t *array = json_array();

	name_forms(name, kana, forms);
	for (at = strtok_r(forms, "{},\"", &save); at != NULL;
	     at = strtok_r(NULL, "{},\"", &save))
		(void)json_array_append_new(array, json_string(at));
	return array;
}

static void
take_row(struct import *import, const struct csv_row *row)
{
	json_t *o = json_pack("{s:i}", "line", (int)row->line);
	size_t i;

	if (row->n > import->n)
		refuse(import, row, row->field[import->n],
		    _("more columns than the first line names"));
	for (i = 0; i < row->n && i < import->n; i++) {
		const char *text = row->field[i];

		if (import->of[i] == NULL || text[0] == '\0')
			continue;
		if (!take_cell(import->of[i], text, o))
			refuse(import, row, text,
			    import->of[i]->kind >= KIND_DATE
				? _("is no date such as 1985-04-03, S60.4.3 or "
				    "昭和60年4月3日")
				: _("cannot be that, or is too long"));
	}
	if (json_object_get(o, "login") == NULL ||
	    json_object_get(o, "name") == NULL)
		refuse(
		    import, row, row->field[0], _("login or name is missing"));
	(void)json_object_set_new(
	    o, "forms", forms_of(field(o, "name"), field(o, "kana")));
	(void)json_array_append_new(import->rows, o);
}

static const char *
line_words(const char *done)
{
	static const char *const words[][2] = {
	    {"login_twice", N_("that login stands in the file twice")},
	    {"staff_number_twice",
		N_("that staff number stands in the file twice")},
	    {"staff_number_taken", N_("somebody else has that staff number")},
	    {"value_unknown", N_("language or kind is none that there is")},
	    {"password_rule_unknown",
		N_("there is no such rule for passwords")},
	    {"until_is_past", N_("the end is past, or before the beginning")},
	    {"person_left", N_("has left for good: choose another login")},
	    {"added", N_("added")},
	    {"changed", N_("changed")},
	    {"same", N_("there already")},
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i][0], done) == 0)
			return _(words[i][1]);
	}
	return done;
}

/* Every refusal is said; of the others the first few, then how many. */
static enum status
report(const json_t *answer, bool dry)
{
	const json_t *lines = json_object_get(answer, "lines"), *line;
	unsigned added = 0, changed = 0, same = 0, refused = 0;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		const char *done = field(line, "done");
		const bool good = strcmp(done, "added") == 0 ||
				  strcmp(done, "changed") == 0 ||
				  strcmp(done, "same") == 0;
		const unsigned shown = added + changed;

		added += strcmp(done, "added") == 0 ? 1 : 0;
		changed += strcmp(done, "changed") == 0 ? 1 : 0;
		same += strcmp(done, "same") == 0 ? 1 : 0;
		refused += good ? 0 : 1;
		if (!good || (shown < SHOWN && strcmp(done, "same") != 0))
			out(_("line %u: %s: %s\n"),
			    (unsigned)json_integer_value(
				json_object_get(line, "line")),
			    field(line, "login"), line_words(done));
	}
	out(_("added: %u, changed: %u, there already: %u, refused: %u\n"),
	    added, changed, same, refused);
	if (refused > 0)
		out(_("Nothing was done: mend these lines, and run it again."
		      "\n"));
	else if (dry)
		out(_("Nothing was done yet: run it without --dry-run.\n"));
	return refused > 0 ? STATUS_REFUSED : STATUS_DONE;
}

static enum status
send_rows(struct import *import)
{
	const bool dry = option(import->call, "dry-run") != NULL;
	char *text = out_json_text(import->rows);
	enum status status;
	json_t *answer;

	if (text == NULL) {
		say("%s", error_text(ERR_NOMEM));
		return STATUS_UNREACHED;
	}
	/* thousands of people take their time, and it is all or nothing */
	import->call->patience_ms = IMPORT_MS;
	status = database_call(import->call, "person_import",
	    PARAMETERS({"p_rows", text}, {"p_dry", dry ? "true" : "false"}),
	    &answer);
	free(text);
	if (status != STATUS_DONE)
		return status;
	if (import->call->json) {
		out_json(answer, false);
		if (!dry &&
		    !json_is_true(json_object_get(answer, "carried_out")))
			status = STATUS_REFUSED;
	} else {
		status = report(answer, dry);
	}
	json_decref(answer);
	return status;
}

enum status
person_import(struct call *call)
{
	struct import import = {.call = call};
	struct csv *csv = NULL;
	char *bytes = NULL;
	enum status status;
	unsigned line = 0;
	enum error err;
	size_t len, i;

	status = file_read(call->arg[0], CSV_BYTES_MAX, &bytes, &len);
	if (status != STATUS_DONE)
		return status;
	err = csv_parse(bytes, len, &csv, &line);
	free(bytes);
	if (err != ERR_OK || csv->n == 0) {
		say(_("%s, line %u: not comma separated values in UTF-8 or "
		      "CP932"),
		    call->arg[0], line);
		csv_free(&csv);
		return STATUS_USAGE;
	}
	import.rows = json_array();
	status = take_headings(&import, &csv->row[0]);
	for (i = 1; status == STATUS_DONE && i < csv->n; i++) {
		take_row(&import, &csv->row[i]);
		if (i % EVERY == 0 && isatty(STDERR_FILENO) == 1)
			(void)fprintf(stderr, "%zu/%zu\r", i, csv->n - 1);
	}
	if (status == STATUS_DONE && import.refused > 0) {
		say(_("%u faults; nothing was done"), import.refused);
		status = STATUS_REFUSED;
	}
	if (status == STATUS_DONE)
		status = send_rows(&import);
	json_decref(import.rows);
	csv_free(&csv);
	return status;
}

const struct option person_import_options[] = {
    {.name = "dry-run",
	.kind = OPTION_FLAG,
	.help = N_("say what would happen, and do nothing")},
    {0},
};
