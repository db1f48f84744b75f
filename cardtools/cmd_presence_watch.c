/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_presence_watch.c - who comes into a zone and goes, while it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/door_words.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"

enum { WATCH_SECONDS = 2 };

/* The stable words of JSON, and how people read them. */
static const struct word changes[] = {
    {"here", N_("is here")},
    {"came", N_("came in")},
    {"went", N_("went out")},
    {"counts", N_("counts")},
    {"void", N_("counts no more")},
    {0},
};

static json_t *
find(const json_t *list, const char *login)
{
	json_t *person;
	size_t i;

	json_array_foreach(list, i, person)
	{
		if (strcmp(field(person, "login"), login) == 0)
			return person;
	}
	return NULL;
}

static void
put_json(const char *utc, const char *what, json_t *person)
{
	json_t *line = json_pack("{s:s, s:s}", "at", utc, "event", what);

	if (line != NULL && json_object_update(line, person) == 0)
		out_json(line, true);
	json_decref(line);
}

static void
put(const struct call *call, const char *what, json_t *person)
{
	const char *fault = field(person, "fault");
	char utc[WHEN_TEXT], at[WHEN_TEXT];
	struct sheet *sheet;

	when_utc(time(NULL), utc);
	if (call->json) {
		put_json(utc, what, person);
		return;
	}
	when_local(utc, true, at);
	sheet = sheet_new(6, NULL);
	sheet_cell(sheet, at);
	sheet_cell(sheet, look_up(changes, what));
	sheet_cell(sheet, field(person, "login"));
	sheet_cell(sheet, field(person, "name"));
	sheet_cell(sheet, field(person, "door"));
	sheet_cell(sheet, fault[0] != '\0' && strcmp(what, "went") != 0
			      ? door_why_words(fault)
			      : door_method_words(field(person, "method")));
	sheet_end(&sheet);
}

/* What differs between two answers; before NULL: all are simply here. Who left
 * and came again between them is both. */
static void
compare(const struct call *call, const json_t *before, const json_t *now)
{
	json_t *person, *other;
	size_t i;

	json_array_foreach(before, i, person)
	{
		other = find(now, field(person, "login"));
		if (other == NULL ||
		    strcmp(field(other, "since"), field(person, "since")) != 0)
			put(call, "went", person);
	}
	json_array_foreach(now, i, person)
	{
		other = find(before, field(person, "login"));
		if (other == NULL ||
		    strcmp(field(other, "since"), field(person, "since")) != 0)
			put(call, before == NULL ? "here" : "came", person);
		else if (strcmp(field(other, "fault"),
			     field(person, "fault")) != 0)
			put(call,
			    field(person, "fault")[0] != '\0' ? "void"
							      : "counts",
			    person);
	}
	(void)fflush(stdout);
}

/* Until interrupted, or until nobody reads. */
enum status
presence_watch(struct call *call)
{
	const struct timespec pause = {WATCH_SECONDS, 0};
	json_t *before = NULL, *now;
	enum status status;

	for (;;) {
		status = database_call(call, "presence_who",
		    PARAMETERS({"p_zone", call->arg[0]}), &now);
		if (status != STATUS_DONE)
			break;
		compare(call, before, now);
		json_decref(before);
		before = now;
		if (ferror(stdout) != 0) {
			status = STATUS_UNREACHED;
			break;
		}
		(void)nanosleep(&pause, NULL);
	}
	json_decref(before);
	return status;
}
