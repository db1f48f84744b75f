/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/csv.h"
#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/base/secret.h"
#include "common/rules/name.h"

enum { COLUMN_NUMBER, COLUMN_DEVICE, COLUMN_LOGIN, COLUMNS, EVERY = 50 };

struct import {
	struct call *call;
	bool json; /* what was asked; refusals are lines, not answers */
	json_t *report;
	unsigned added, same, refused;
};

static void
report(struct import *import, const struct csv_row *row, const char *outcome,
    const char *text)
{
	char *number = out_clean(row->field[COLUMN_NUMBER]);

	if (import->json)
		(void)json_array_append_new(import->report,
		    json_pack("{s:i, s:s, s:s}", "line", (int)row->line,
			"number", row->field[COLUMN_NUMBER], "outcome",
			outcome));
	else
		out(_("line %u: %s: %s\n"), row->line, number, text);
	free(number);
}

/* One line: number, device, login (may be empty or left out). */
static enum status
announce(struct import *import, const struct csv_row *row)
{
	const bool dry = option(import->call, "dry-run") != NULL;
	char login[NAME_MAX_OCTETS + 1] = "";
	const char *said, *text;
	enum status status;
	json_t *answer;

	if (row->n < COLUMN_LOGIN || row->n > COLUMNS) {
		import->refused++;
		report(import, row, "refused",
		    _("must be: number, device, login"));
		return STATUS_DONE;
	}
	text = row->n == COLUMNS ? row->field[COLUMN_LOGIN] : "";
	if (text[0] != '\0' &&
	    name_canonical(text, strlen(text), login) != ERR_OK) {
		import->refused++;
		report(import, row, "refused", _("that cannot be a login"));
		return STATUS_DONE;
	}
	status = database_call(import->call, "card_announce",
	    PARAMETERS({"p_number", row->field[COLUMN_NUMBER]},
		{"p_device", row->field[COLUMN_DEVICE]}, {"p_login", login},
		{"p_dry", dry ? "true" : "false"}),
	    &answer);
	if (status == STATUS_REFUSED) {
		import->refused++;
		report(import, row, "refused", _("refused, see above"));
		return STATUS_DONE;
	}
	if (status != STATUS_DONE)
		return status;
	said = field(answer, "done");
	if (strcmp(said, "same") == 0) {
		import->same++;
		report(import, row, "same", _("is there already"));
	} else {
		import->added++;
		report(import, row, dry ? "would_add" : "added",
		    dry ? _("would be added") : _("added"));
	}
	json_decref(answer);
	return STATUS_DONE;
}

static bool
is_heading(const struct csv_row *row)
{
	return row->n >= COLUMN_LOGIN &&
	       strcasecmp(row->field[COLUMN_NUMBER], "number") == 0;
}

static enum status
import_rows(struct import *import, const struct csv *csv)
{
	enum status status = STATUS_DONE;
	size_t i;

	for (i = 0; i < csv->n && status == STATUS_DONE; i++) {
		if (i == 0 && is_heading(&csv->row[i]))
			continue;
		status = announce(import, &csv->row[i]);
		if ((i + 1) % EVERY == 0 && isatty(STDERR_FILENO) == 1)
			(void)fprintf(stderr, "%zu/%zu\n", i + 1, csv->n);
	}
	if (status != STATUS_DONE)
		say(_("stopped after line %u; run it again, what is there "
		      "already is left alone"),
		    i > 0 ? csv->row[i - 1].line : 0);
	return status;
}

enum status
card_import(struct call *call)
{
	struct import import = {.call = call, .json = call->json};
	struct secret *bytes = NULL;
	struct csv *csv = NULL;
	enum status status;
	unsigned line = 0;
	enum error err;

	err = secret_read_file(call->arg[0], SECRET_MAX - 1, &bytes);
	if (err != ERR_OK) {
		say("%s: %s", call->arg[0],
		    err == ERR_SYSTEM ? strerror(errno) : error_text(err));
		return STATUS_USAGE;
	}
	err = csv_parse(bytes->bytes, bytes->len, &csv, &line);
	secret_free(&bytes);
	if (err != ERR_OK) {
		say(_("%s, line %u: not comma separated values in UTF-8 or "
		      "CP932"),
		    call->arg[0], line);
		return STATUS_USAGE;
	}
	call->json = false;
	import.report = json_array();
	status = import_rows(&import, csv);
	if (import.json)
		out_json(import.report, false);
	else
		out(_("added: %u, there already: %u, refused: %u\n"),
		    import.added, import.same, import.refused);
	if (status == STATUS_DONE && import.refused > 0)
		status = STATUS_REFUSED;
	json_decref(import.report);
	csv_free(&csv);
	return status;
}

enum status
card_review(struct call *call)
{
	const char *const headings[] = {
	    _("LINE"), _("TIME"), _("WHAT"), _("LOGIN"), _("BY"), _("PROOF")};
	enum status status;
	struct sheet *sheet;
	const json_t *act;
	json_t *list;
	char id[24];
	size_t i;

	status = database_call(call, "card_review",
	    PARAMETERS({"p_upto", option(call, "seen")}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(6, headings);
	json_array_foreach(list, i, act)
	{
		const json_t *about = json_object_get(act, "detail");

		(void)snprintf(id, sizeof id, "%lld",
		    (long long)json_integer_value(json_object_get(act, "id")));
		sheet_cell(sheet, id);
		sheet_moment(sheet, field(act, "at"));
		sheet_cell(sheet, reason_words(field(act, "reason")));
		sheet_cell(sheet, field(act, "login"));
		sheet_cell(sheet, field(act, "actor"));
		sheet_cell(sheet, field(about, "identity_proof")[0] != '\0'
				      ? field(about, "identity_proof")
				      : field(about, "why"));
	}
	sheet_end(&sheet);
	if (json_array_size(list) > 0)
		out(_("Seen all of it: card-admin card review --seen %s\n"),
		    id);
	json_decref(list);
	return STATUS_DONE;
}
