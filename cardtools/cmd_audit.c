/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"

enum {
	FOLLOW_SECONDS = 1,
	/* Events become visible when their transaction commits, not in the
	 * order of their ids: look back so far, and show each once. */
	LOOK_BACK = 64,
	FOLLOW_LIMIT = 1000,
	EARLIER_SECONDS = 600,
};

/* Whether a proof was given long before the event it carried. */
static bool
earlier(const json_t *piece, const json_t *event, char ret_shown[WHEN_TEXT])
{
	json_int_t at = json_integer_value(json_object_get(piece, "at"));
	char utc[WHEN_TEXT];
	time_t when;

	if (at <= 0 ||
	    when_parse(field(event, "at"), 0, false, &when) != ERR_OK ||
	    (at > when - EARLIER_SECONDS &&
		json_object_get(piece, "earlier") == NULL))
		return false;
	when_utc((time_t)at, utc);
	when_local(utc, false, ret_shown);
	return true;
}

/* Where and when only if other than the event's own. */
static void
put_piece(FILE *to, const json_t *piece, const json_t *event)
{
	const char *token = field(piece, "token"),
		   *label = field(piece, "label");
	const char *client = field(piece, "client");
	char shown[WHEN_TEXT];

	(void)fprintf(to, "%s: %s", term_words(field(piece, "category")),
	    term_words(field(piece, "method")));
	if (label[0] != '\0')
		(void)fprintf(to, " %s", label);
	else if (token[0] != '\0')
		(void)fprintf(to, " %.*s", PICK_SHOWN, token);
	if (client[0] != '\0' && strcmp(client, field(event, "client")) != 0)
		(void)fprintf(to, " @ %s", client);
	if (earlier(piece, event, shown))
		(void)fprintf(to, " (%s)", shown);
}

/* "knowledge: password; possession: one-time code phone". Caller frees. */
static char *
evidence_words(const json_t *event)
{
	const json_t *evidence = json_object_get(event, "evidence"), *piece;
	char *text = NULL;
	size_t size, i;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return NULL;
	json_array_foreach(evidence, i, piece)
	{
		if (i > 0)
			(void)fputs("; ", to);
		put_piece(to, piece, event);
	}
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Why, and of a sum how many. */
static void
reason_cell(struct sheet *sheet, const json_t *event)
{
	const char *reason = reason_words(field(event, "reason"));
	json_int_t count = json_integer_value(json_object_get(event, "count"));
	char text[256];

	if (count > 1)
		(void)snprintf(
		    text, sizeof text, "%s ×%lld", reason, (long long)count);
	else
		(void)snprintf(text, sizeof text, "%s", reason);
	sheet_cell(sheet, text);
}

static void
event_row(struct sheet *sheet, const json_t *event)
{
	const char *client = field(event, "client");
	char *evidence = evidence_words(event);
	char at[WHEN_TEXT];

	when_local(field(event, "at"), true, at);
	sheet_cell(sheet, at);
	sheet_cell(sheet, field(event, "login"));
	/* What an operator did, by whom; a login, from where. */
	sheet_cell(sheet,
	    client[0] != '\0' || strcmp(field(event, "kind"), "login") == 0
		? client
		: field(event, "actor"));
	sheet_cell(sheet, outcome_words(field(event, "outcome")));
	reason_cell(sheet, event);
	sheet_cell(sheet, evidence);
	sheet_cell(sheet, field(event, "ref"));
	free(evidence);
}

/* As it was read out on the telephone: width and case do not matter. */
static const char *
written_ref(const char *typed, char buffer[NAME_MAX_OCTETS + 1])
{
	char *c;

	if (typed == NULL ||
	    name_canonical(typed, strlen(typed), buffer) != ERR_OK)
		return typed;
	for (c = buffer; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return buffer;
}

static enum status
ask(struct call *call, const char *after, const char *limit, json_t **ret_list)
{
	char ref[NAME_MAX_OCTETS + 1];

	return database_call(call, "audit_show",
	    PARAMETERS({"p_login", option(call, "login")},
		{"p_ref", written_ref(option(call, "ref"), ref)},
		{"p_since", option(call, "since")}, {"p_after", after},
		{"p_limit", limit}, {"p_kind", option(call, "kind")}),
	    ret_list);
}

/* The ids shown last, so that none is shown twice. */
struct shown {
	json_int_t id[4 * LOOK_BACK];
	size_t n;
	json_int_t lowest, highest; /* of the first batch; of all */
};

static bool
new_to_us(struct shown *shown, json_int_t id)
{
	const size_t room = sizeof shown->id / sizeof shown->id[0];
	size_t i;

	for (i = 0; i < room && i < shown->n; i++) {
		if (shown->id[i] == id)
			return false;
	}
	if (id < shown->lowest)
		return false;
	shown->id[shown->n++ % room] = id;
	if (id > shown->highest)
		shown->highest = id;
	return true;
}

static json_int_t
least(const struct shown *shown)
{
	json_int_t id = shown->highest;
	size_t i;

	for (i = 0; i < sizeof shown->id / sizeof shown->id[0] && i < shown->n;
	     i++)
		id = shown->id[i] < id ? shown->id[i] : id;
	return id;
}

static void
show_new(const struct call *call, const json_t *list, struct shown *shown)
{
	const json_t *event;
	size_t i;

	json_array_foreach(list, i, event)
	{
		const json_t *id = json_object_get(event, "id");
		struct sheet *sheet;

		/* A sum that still grows has no id; it comes when it is done.
		 */
		if (!json_is_integer(id) ||
		    !new_to_us(shown, json_integer_value(id)))
			continue;
		if (call->json) {
			out_json(event, true);
			continue;
		}
		sheet = sheet_new(7, NULL);
		event_row(sheet, event);
		sheet_end(&sheet);
	}
	(void)fflush(stdout);
}

/* Until interrupted, or until nobody reads. */
static enum status
follow(struct call *call)
{
	const struct timespec pause = {FOLLOW_SECONDS, 0};
	struct shown shown = {.n = 0};
	const char *limit = option(call, "limit");
	enum status status;
	json_t *list;

	status = ask(call, "-1", limit != NULL ? limit : "10", &list);
	while (status == STATUS_DONE) {
		char after[24], many[16];

		show_new(call, list, &shown);
		json_decref(list);
		if (shown.lowest == 0 && shown.n > 0)
			shown.lowest = least(&shown);
		if (ferror(stdout) != 0)
			return STATUS_UNREACHED;
		(void)nanosleep(&pause, NULL);
		(void)snprintf(after, sizeof after, "%lld",
		    (long long)(shown.highest > LOOK_BACK
				    ? shown.highest - LOOK_BACK
				    : -1));
		(void)snprintf(many, sizeof many, "%d", FOLLOW_LIMIT);
		status = ask(call, after, many, &list);
	}
	return status;
}

static enum status
audit_show(struct call *call)
{
	const char *const headings[] = {_("TIME"), _("LOGIN"), _("CLIENT"),
	    _("OUTCOME"), _("REASON"), _("EVIDENCE"), _("REF")};
	const json_t *event;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	if (option(call, "follow") != NULL)
		return follow(call);
	status = ask(call, NULL, option(call, "limit"), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
	} else {
		sheet = sheet_new(7, headings);
		json_array_foreach(list, i, event) event_row(sheet, event);
		sheet_end(&sheet);
	}
	json_decref(list);
	return STATUS_DONE;
}

/* The batch as two kinds of lines: what was signed, then each event as it was
 * hashed. False if nobody takes them any more. */
static bool
write_batch(const json_t *batch)
{
	const json_t *events = json_object_get(batch, "events"), *event;
	size_t i;

	out_json(json_object_get(batch, "seal"), true);
	json_array_foreach(events, i, event)(void)
	    puts(json_string_value(event));
	return ferror(stdout) == 0;
}

static enum status
audit_export(struct call *call)
{
	const char *from = option(call, "from-batch");
	const bool watched = isatty(STDERR_FILENO) != 0;
	long long number = from != NULL ? strtoll(from, NULL, 10) : 1;
	long long batches = 0, events = 0, unsealed = 0;
	enum status status;
	char text[24];

	for (;; number++) {
		json_t *batch = NULL;

		(void)snprintf(text, sizeof text, "%lld", number);
		status = database_call(call, "audit_export",
		    PARAMETERS({"p_batch", text}), &batch);
		if (status != STATUS_DONE || !json_is_object(batch)) {
			json_decref(batch);
			break;
		}
		batches++;
		events += (long long)json_array_size(
		    json_object_get(batch, "events"));
		unsealed = (long long)json_integer_value(
		    json_object_get(batch, "unsealed"));
		if (!write_batch(batch))
			status = STATUS_UNREACHED;
		json_decref(batch);
		if (status != STATUS_DONE)
			break;
		if (watched) {
			(void)fputc('\r', stderr);
			(void)fprintf(stderr, _("batch %lld, %lld events"),
			    number, events);
		}
	}
	if (watched && batches > 0)
		(void)fputc('\n', stderr);
	if (status == STATUS_DONE)
		(void)fprintf(stderr,
		    _("%lld batches with %lld events; %lld newer events are "
		      "not sealed yet\n"),
		    batches, events, unsealed);
	return status;
}

static const struct option export_options[] = {
    {.name = "from-batch",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = INT_MAX,
	.help = N_("from this batch on; all if left out")},
    {0},
};

static const struct option show_options[] = {
    {.name = "login",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("only of this login")},
    {.name = "ref",
	.kind = OPTION_TEXT,
	.value = "REF",
	.max = 32,
	.help = N_("only the refusal with this reference")},
    {.name = "kind",
	.kind = OPTION_CHOICE,
	.choices = "login|entry|station|admin|order|system",
	.help = N_("only such events")},
    {.name = "since",
	.kind = OPTION_FROM,
	.value = "WHEN",
	.help = N_("only from then on: 2h, 09:00, 2027-03-31")},
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100000,
	.help = N_("the latest so many; 100 if left out")},
    {.name = "follow",
	.kind = OPTION_FLAG,
	.help = N_("go on showing what happens, until stopped")},
    {0},
};

const struct verb audit_verbs[] = {
    {"show", "", audit_show, show_options,
	N_("show who logged in, who was refused, and what was changed"),
	N_("Oldest first. Each accept names the evidence that carried it; each "
	   "refusal its\nreason and the reference that the person was told. "
	   "With --follow --json there\nis one object a line.\n\n"
	   "  card-admin audit show --login suzuki --since 2h\n"
	   "  card-admin audit show --ref K7-4821\n"
	   "  card-admin audit show --follow")},
    {"export", "", audit_export, export_options,
	N_("write the sealed audit, for sekisho-audit to verify"),
	N_("To standard output: a line for each batch that was sealed, then "
	   "one "
	   "for each of\nits events. Whoever has it needs nothing but the "
	   "public "
	   "key ('sekisho-authd keys\naudit') to find what was altered since; "
	   "see "
	   "sekisho-audit(1).\n\n"
	   "  card-admin audit export >audit.jsonl\n"
	   "  sekisho-audit verify --key 5b2f... audit.jsonl")},
    {"forward", "", audit_forward, audit_forward_options,
	N_("hand every event on to a SIEM, once and in order"),
	N_("To standard output, seconds after it happened: when nothing can "
	   "come "
	   "before it\nany more. With --state it goes on where it was, also "
	   "after a "
	   "crash; the last events\nmay then come twice, with the same id.\n\n"
	   "  card-admin audit forward --state /var/lib/sekisho-siem/position "
	   "--format rfc5424")},
    {0},
};
