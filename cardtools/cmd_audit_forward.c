/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/syslog_line.h"
#include "cardtools/text.h"

enum { PATH = 4096, PAUSE_S = 2, MANY = 1000 };

/* Where it got to; 0 for a file that is not there yet. */
static enum status
read_state(const char *path, long long *ret_after)
{
	FILE *f = fopen(path, "re");
	char text[32] = "", *end;

	*ret_after = 0;
	if (f == NULL && errno == ENOENT)
		return STATUS_DONE;
	if (f == NULL) {
		say("%s: %s", path, strerror(errno));
		return STATUS_USAGE;
	}
	if (fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	(void)fclose(f);
	*ret_after = strtoll(text, &end, 10);
	if (end != text && (*end == '\n' || *end == '\0') && *ret_after >= 0)
		return STATUS_DONE;
	say(_("%s does not say how far it got: it holds the number of an "
	      "event. Remove it to begin anew"),
	    path);
	return STATUS_USAGE;
}

/* In one step: after a crash it is the old one or the new one. */
static enum status
write_state(const char *path, long long after)
{
	char temporary[PATH];
	FILE *f;
	bool good;
	int n = snprintf(temporary, sizeof temporary, "%s.new", path);

	if (n < 0 || (size_t)n >= sizeof temporary) {
		errno = ENAMETOOLONG;
		f = NULL;
	} else {
		f = fopen(temporary, "we");
	}
	good = f != NULL && fprintf(f, "%lld\n", after) > 0 && fflush(f) == 0 &&
	       fsync(fileno(f)) == 0;
	if (f != NULL && fclose(f) != 0)
		good = false;
	if (good && rename(temporary, path) == 0)
		return STATUS_DONE;
	say("%s: %s", path, strerror(errno));
	return STATUS_UNREACHED;
}

static enum status
ask(struct call *call, long long after, json_t **ret_answer)
{
	char text[24], many[16];

	(void)snprintf(text, sizeof text, "%lld", after);
	(void)snprintf(many, sizeof many, "%d", MANY);
	return database_call(call, "audit_forward",
	    PARAMETERS({"p_after", text}, {"p_limit", many}), ret_answer);
}

/* Written out before anything says so: what is not taken comes again. */
static enum status
put_events(struct call *call, const json_t *events, const char *host)
{
	const char *format = option(call, "format");
	const bool json = format == NULL || strcmp(format, "json") == 0;
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		if (json)
			out_json(event, true);
		else
			syslog_line(stdout, event, host);
	}
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return STATUS_DONE;
	say(_("nobody takes the events any more: %s"), strerror(errno));
	return STATUS_UNREACHED;
}

enum status
audit_forward(struct call *call)
{
	const struct timespec pause = {PAUSE_S, 0};
	const char *path = option(call, "state");
	const bool once = option(call, "once") != NULL;
	char host[256] = "";
	enum status status = STATUS_DONE;
	long long after = -1;

	(void)gethostname(host, sizeof host - 1);
	if (path != NULL)
		status = read_state(path, &after);
	while (status == STATUS_DONE) {
		const json_t *events;
		json_t *answer = NULL;
		long long last;
		size_t n;

		status = ask(call, after, &answer);
		if (status != STATUS_DONE)
			break;
		events = json_object_get(answer, "events");
		n = json_array_size(events);
		last = (long long)json_integer_value(
		    json_object_get(answer, "last"));
		status = put_events(call, events, host);
		json_decref(answer);
		if (status == STATUS_DONE && path != NULL && last != after)
			status = write_state(path, last);
		after = last;
		if (n < MANY && once)
			break;
		if (n < MANY)
			(void)nanosleep(&pause, NULL);
	}
	return status;
}

const struct option audit_forward_options[] = {
    {.name = "format",
	.kind = OPTION_CHOICE,
	.choices = "json|rfc5424",
	.help = N_("one JSON object a line, or syslog messages; json if left "
		   "out")},
    {.name = "state",
	.kind = OPTION_TEXT,
	.value = "FILE",
	.help = N_("remembers how far it got; without it begins with now")},
    {.name = "once",
	.kind = OPTION_FLAG,
	.help = N_("end when nothing more is there")},
    {0},
};
