/* SPDX-License-Identifier: GPL-2.0-or-later */
/* station_import.c - thousands of machines from a list, line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/csv.h"
#include "cardtools/database.h"
#include "cardtools/file.h"
#include "cardtools/grant.h"
#include "cardtools/output.h"
#include "cardtools/station.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

enum { NAME, ADDRESS, NEEDED, EVERY = 200, SHOWN = 20 };

struct import {
	struct call *call;
	bool device, json;
	json_t *report;
	unsigned added, same, refused;
};

/* Where the others stand: a device's two grants come first. */
struct line {
	const char *vlan, *filter, *owner, *until;
};

static struct line
line_of(const struct import *import, const struct csv_row *row)
{
	const size_t first = NEEDED;
	const char *rest[4] = {"", "", "", ""};
	size_t i, most = import->device ? 4 : 2;

	for (i = 0; i < most && first + i < row->n; i++)
		rest[i] = row->field[first + i];
	return import->device
		   ? (struct line){rest[0], rest[1], rest[2], rest[3]}
		   : (struct line){"", "", rest[0], rest[1]};
}

static void
report(struct import *import, const struct csv_row *row, const char *outcome,
    const char *text)
{
	char *name = out_clean(row->field[NAME]);

	if (import->json)
		(void)json_array_append_new(import->report,
		    json_pack("{s:i, s:s, s:s}", "line", (int)row->line, "name",
			row->field[NAME], "outcome", outcome));
	else if (strcmp(outcome, "added") != 0 || import->added <= SHOWN)
		out(_("line %u: %s: %s\n"), row->line, name, text);
	free(name);
}

static void
refuse(struct import *import, const struct csv_row *row, const char *why)
{
	import->refused++;
	report(import, row, "refused", why);
}

/* The grants as JSON; NULL if they cannot be. Caller frees. */
static char *
grants_of(const struct line *line)
{
	const char *const values[] = {line->vlan, line->filter};
	const char *const names[] = {"vlan", "filter-id"};
	json_t *all = json_array(), *list;
	const char *name;
	char *text = NULL;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (values[i][0] == '\0')
			continue;
		if (grant_make(names[i], values[i], &name, &list) !=
		    STATUS_DONE)
			goto out;
		(void)json_array_extend(all, list);
		json_decref(list);
	}
	text = out_json_text(all);
out:
	json_decref(all);
	return text;
}

static enum status
add(struct import *import, const struct csv_row *row, const char *name,
    const char *mac, const struct line *line, const char *until)
{
	const bool dry = option(import->call, "dry-run") != NULL;
	char *grants = grants_of(line);
	enum status status;
	const char *done;
	json_t *answer;

	if (grants == NULL) {
		refuse(import, row, _("refused, see above"));
		return STATUS_DONE;
	}
	status = database_call(import->call, "station_add",
	    PARAMETERS({"p_kind", STATION_KIND(import->call)}, {"p_name", name},
		{"p_mac", mac}, {"p_owner", line->owner}, {"p_until", until},
		{"p_grants", grants}, {"p_dry", dry ? "true" : "false"}),
	    &answer);
	free(grants);
	if (status == STATUS_REFUSED) {
		refuse(import, row, _("refused, see above"));
		return STATUS_DONE;
	}
	if (status != STATUS_DONE)
		return status;
	done = field(answer, "done");
	if (strcmp(done, "same") == 0) {
		import->same++;
	} else {
		import->added++;
		report(import, row, dry ? "would_add" : "added",
		    dry ? _("would be added") : _("added"));
	}
	json_decref(answer);
	return STATUS_DONE;
}

static enum status
take(struct import *import, const struct csv_row *row)
{
	char name[NAME_MAX_OCTETS + 1], mac[MAC_TEXT], until[WHEN_TEXT];
	struct line line = line_of(import, row);
	time_t end;

	if (row->n < NEEDED || row->n > NEEDED + (import->device ? 4u : 2u)) {
		refuse(import, row,
		    import->device
			? _("must be: name, address, vlan, filter-id, owner, "
			    "until")
			: _("must be: name, address, owner, until"));
		return STATUS_DONE;
	}
	if (name_canonical(row->field[NAME], strlen(row->field[NAME]), name) !=
	    ERR_OK) {
		refuse(import, row, _("that cannot be a name"));
		return STATUS_DONE;
	}
	if (mac_canonical(row->field[ADDRESS], strlen(row->field[ADDRESS]),
		mac) != ERR_OK) {
		refuse(import, row, _("that is no MAC address"));
		return STATUS_DONE;
	}
	if (line.until[0] != '\0' &&
	    when_parse(line.until, time(NULL), true, &end) != ERR_OK) {
		refuse(import, row, _("that is no date like 2028-03-31"));
		return STATUS_DONE;
	}
	if (line.until[0] != '\0')
		when_utc(end, until);
	if (mac_is_random(mac))
		report(import, row, "random",
		    _("the address is made up and will change"));
	return add(import, row, name, mac, &line,
	    line.until[0] != '\0' ? until : NULL);
}

static enum status
take_rows(struct import *import, const struct csv *csv)
{
	enum status status = STATUS_DONE;
	size_t i;

	for (i = 0; i < csv->n && status == STATUS_DONE; i++) {
		if (i == 0 && strcasecmp(csv->row[i].field[NAME], "name") == 0)
			continue;
		status = take(import, &csv->row[i]);
		if ((i + 1) % EVERY == 0 && isatty(STDERR_FILENO) == 1)
			(void)fprintf(stderr, "%zu/%zu\r", i + 1, csv->n);
	}
	if (status != STATUS_DONE)
		say(_("stopped after line %u; run it again, what is there "
		      "already is left alone"),
		    i > 0 ? csv->row[i - 1].line : 0);
	return status;
}

enum status
station_import(struct call *call)
{
	struct import import = {.call = call,
	    .json = call->json,
	    .device = strcmp(STATION_KIND(call), "device") == 0};
	char *bytes = NULL;
	struct csv *csv = NULL;
	enum status status;
	unsigned line = 0;
	enum error err;
	size_t len;

	status = file_read(call->arg[0], CSV_BYTES_MAX, &bytes, &len);
	if (status != STATUS_DONE)
		return status;
	err = csv_parse(bytes, len, &csv, &line);
	free(bytes);
	if (err != ERR_OK) {
		say(_("%s, line %u: not comma separated values in UTF-8 or "
		      "CP932"),
		    call->arg[0], line);
		return STATUS_USAGE;
	}
	call->json = false; /* refusals are lines, not answers */
	import.report = json_array();
	status = take_rows(&import, csv);
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
