/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_session_watch.c - sessions that begin and end, while it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/session_words.h"
#include "cardtools/text.h"
#include "cardtools/when.h"

enum { WATCH_SECONDS = 2, BACK_SECONDS = 30 };

static const json_t *
find(const json_t *list, const json_t *session)
{
	const json_t *id = json_object_get(session, "id"), *other;
	size_t i;

	json_array_foreach(list, i, other)
	{
		if (json_equal(json_object_get(other, "id"), id) == 1)
			return other;
	}
	return NULL;
}

static void
put(const struct call *call, json_t *session)
{
	char utc[WHEN_TEXT], at[WHEN_TEXT], story[SESSION_WORDS];
	struct sheet *sheet;
	json_t *line;

	when_utc(time(NULL), utc);
	if (call->json) {
		line = json_pack(
		    "{s:s, s:s}", "at", utc, "event", field(session, "state"));
		if (line != NULL && json_object_update(line, session) == 0)
			out_json(line, true);
		json_decref(line);
		return;
	}
	when_local(utc, true, at);
	session_story(session, story);
	sheet = sheet_new(5, NULL);
	sheet_cell(sheet, at);
	sheet_cell(sheet, session_state_words(field(session, "state")));
	sheet_cell(sheet, field(session, "login"));
	sheet_cell(sheet, field(session, "client"));
	sheet_cell(sheet, story);
	sheet_end(&sheet);
}

/* What is new, or stands otherwise than before. */
static void
compare(const struct call *call, const json_t *before, json_t *now)
{
	const json_t *was;
	json_t *session;
	size_t i;

	json_array_foreach(now, i, session)
	{
		was = find(before, session);
		if (was == NULL && before == NULL &&
		    strcmp(field(session, "state"), "ended") == 0)
			continue;
		if (was == NULL ||
		    strcmp(field(was, "state"), field(session, "state")) != 0)
			put(call, session);
	}
	(void)fflush(stdout);
}

/* Until interrupted, or until nobody reads. */
enum status
session_watch(struct call *call)
{
	const struct timespec pause = {WATCH_SECONDS, 0};
	json_t *before = NULL, *now;
	char since[WHEN_TEXT];
	enum status status;

	for (;;) {
		/* those that ended between two looks are seen as well */
		when_utc(time(NULL) - BACK_SECONDS, since);
		status = database_call(call, "session_list",
		    PARAMETERS({"p_login", option(call, "person")},
			{"p_client", option(call, "client")},
			{"p_since", since}, {"p_limit", "100000"}),
		    &now);
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
