/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

static void
put_number(struct sheet *sheet, const json_t *work, const char *name)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld",
	    (long long)json_integer_value(json_object_get(work, name)));
	sheet_cell(sheet, text);
}

static void
put_clients(struct sheet *sheet, const json_t *work)
{
	const json_t *clients = json_object_get(work, "clients"), *client;
	char text[512] = "";
	size_t i, used = 0;

	json_array_foreach(clients, i, client)
	{
		int n = snprintf(text + used, sizeof text - used, "%s%s",
		    i > 0 ? ", " : "", json_string_value(client));

		if (n < 0 || (size_t)n >= sizeof text - used)
			break;
		used += (size_t)n;
	}
	sheet_cell(sheet, text);
}

static void
show_list(const json_t *list)
{
	const char *const headings[] = {_("WORK"), _("LOGIN"), _("TICKET"),
	    _("FROM"), _("UNTIL"), _("CLIENTS"), _("STATUS"), _("LOGINS")};
	struct sheet *sheet = sheet_new(8, headings);
	const json_t *work;
	size_t i;

	json_array_foreach(list, i, work)
	{
		put_number(sheet, work, "id");
		sheet_cell(sheet, field(work, "login"));
		sheet_cell(sheet, field(work, "ticket"));
		sheet_moment(sheet, field(work, "from"));
		sheet_moment(sheet, field(work, "until"));
		put_clients(sheet, work);
		sheet_cell(sheet, term_words(field(work, "status")));
		put_number(sheet, work, "logins");
	}
	sheet_end(&sheet);
}

static void
show_work(const json_t *work)
{
	const json_t *personal = json_object_get(work, "personal_data");
	struct sheet *sheet = sheet_new(2, NULL);

	sheet_cell(sheet, _("work"));
	put_number(sheet, work, "id");
	sheet_cell(sheet, _("login"));
	sheet_cell(sheet, field(work, "login"));
	sheet_cell(sheet, _("name"));
	sheet_cell(sheet, field(work, "name"));
	sheet_cell(sheet, _("ticket"));
	sheet_cell(sheet, field(work, "ticket"));
	sheet_cell(sheet, _("plan"));
	sheet_cell(sheet, field(work, "plan"));
	sheet_cell(sheet, _("from"));
	sheet_moment(sheet, field(work, "from"));
	sheet_cell(sheet, _("until"));
	sheet_moment(sheet, field(work, "until"));
	sheet_cell(sheet, _("clients"));
	put_clients(sheet, work);
	sheet_cell(sheet, _("acting as"));
	sheet_cell(sheet, field(work, "acting_as"));
	sheet_cell(sheet, _("status"));
	sheet_cell(sheet, term_words(field(work, "status")));
	sheet_cell(sheet, _("asked for by"));
	sheet_cell(sheet, field(work, "requested_by"));
	sheet_cell(sheet, _("decided by"));
	sheet_cell(sheet, field(work, "decided_by"));
	sheet_cell(sheet, _("logins in the window"));
	put_number(sheet, work, "logins");
	if (json_is_boolean(personal)) {
		sheet_cell(sheet, _("personal data accessed"));
		sheet_cell(sheet, json_is_true(personal) ? _("yes") : _("no"));
		sheet_cell(sheet, _("whose"));
		sheet_cell(sheet, field(work, "whose"));
		sheet_cell(sheet, _("work done"));
		sheet_cell(sheet, field(work, "work"));
		sheet_cell(sheet, _("closed by"));
		sheet_cell(sheet, field(work, "closed_by"));
	}
	sheet_end(&sheet);
}

static enum status
answer(struct call *call, const char *function,
    const struct parameter *parameters, void (*show)(const json_t *))
{
	enum status status;
	json_t *answered;

	status = database_call(call, function, parameters, &answered);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answered, false);
	else
		show(answered);
	json_decref(answered);
	return STATUS_DONE;
}

/* "W3-07,W3-08" as PostgreSQL writes an array; names have no quotation marks
 * that matter there, or they are no clients. */
static enum status
write_clients(const char *text, char ret_array[1024])
{
	size_t to = 0;

	if (text == NULL || text[0] == '\0' ||
	    strpbrk(text, "\"\\{}") != NULL || strlen(text) > 400) {
		say("%s", _("--clients is missing: where will the work be "
			    "done? Names with commas between"));
		return STATUS_USAGE;
	}
	to += (size_t)snprintf(ret_array, 3, "{\"");
	for (; *text != '\0'; text++) {
		if (*text == ',')
			to += (size_t)snprintf(ret_array + to, 4, "\",\"");
		else
			ret_array[to++] = *text;
	}
	(void)snprintf(ret_array + to, 3, "\"}");
	return STATUS_DONE;
}

static enum status
maintenance_request(struct call *call)
{
	char clients[1024];

	if (option(call, "ticket") == NULL || option(call, "plan") == NULL ||
	    option(call, "until") == NULL) {
		say("%s", _("--ticket, --plan and --until are needed: what is "
			    "the work, and when is it over?"));
		return STATUS_USAGE;
	}
	if (write_clients(option(call, "clients"), clients) != STATUS_DONE)
		return STATUS_USAGE;
	return answer(call, "maintenance_request",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_ticket", option(call, "ticket")},
		{"p_plan", option(call, "plan")}, {"p_clients", clients},
		{"p_from", option(call, "from") != NULL ? option(call, "from")
							: "now"},
		{"p_until", option(call, "until")},
		{"p_acting_as", option(call, "acting-as")}),
	    show_work);
}

static enum status
maintenance_approve(struct call *call)
{
	return answer(call, "maintenance_decide",
	    PARAMETERS({"p_id", call->arg[0]}, {"p_approve", "true"}),
	    show_work);
}

static enum status
maintenance_refuse(struct call *call)
{
	return answer(call, "maintenance_decide",
	    PARAMETERS({"p_id", call->arg[0]}, {"p_approve", "false"}),
	    show_work);
}

static enum status
maintenance_close(struct call *call)
{
	const char *personal = option(call, "personal-data");
	const char *work = option(call, "work");

	if (personal == NULL || work == NULL) {
		say("%s", _("--personal-data yes|no and --work are needed, "
			    "and --whose where it was accessed"));
		return STATUS_USAGE;
	}
	return answer(call, "maintenance_close",
	    PARAMETERS({"p_id", call->arg[0]},
		{"p_personal_data",
		    strcmp(personal, "yes") == 0 ? "true" : "false"},
		{"p_whose",
		    option(call, "whose") != NULL ? option(call, "whose") : ""},
		{"p_work", work}),
	    show_work);
}

static enum status
maintenance_show(struct call *call)
{
	return answer(call, "maintenance_show",
	    PARAMETERS({"p_id", call->arg[0]}), show_work);
}

static enum status
maintenance_list(struct call *call)
{
	return answer(call, "maintenance_list",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_open", option(call, "open") != NULL ? "true" : "false"},
		{"p_limit", option(call, "limit")}),
	    show_list);
}

static const struct option request_options[] = {
    {.name = "ticket",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("number of the ticket or contract")},
    {.name = "plan",
	.kind = OPTION_TEXT,
	.max = 2000,
	.value = "TEXT",
	.help = N_("what is to be done")},
    {.name = "clients",
	.kind = OPTION_TEXT,
	.max = 400,
	.value = "LIST",
	.help = N_("terminals or gateways, with commas between")},
    {.name = "from",
	.kind = OPTION_FROM,
	.value = "TIME",
	.help = N_("when it begins; now if left out")},
    {.name = "until",
	.kind = OPTION_UNTIL,
	.value = "TIME",
	.help = N_("when it is over")},
    {.name = "acting-as",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("whose view of something is to be looked at")},
    {0},
};

static const struct option close_options[] = {
    {.name = "personal-data",
	.kind = OPTION_CHOICE,
	.choices = "yes|no",
	.help = N_("whether personal data was accessed")},
    {.name = "whose",
	.kind = OPTION_TEXT,
	.max = 2000,
	.value = "TEXT",
	.help = N_("of whom")},
    {.name = "work",
	.kind = OPTION_TEXT,
	.max = 4000,
	.value = "TEXT",
	.help = N_("what was done, with what result")},
    {0},
};

static const struct option list_options[] = {
    {.name = "open", .kind = OPTION_FLAG, .help = N_("what is not closed yet")},
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100000,
	.help = N_("at most so many; 1000 if left out")},
    {0},
};

const struct verb maintenance_verbs[] = {
    {"request", "LOGIN", maintenance_request, request_options,
	N_("ask for a window in which a maintenance account works"),
	N_("An account of kind maintenance (card-admin person add --kind "
	   "maintenance) is one\nperson's, and opens nothing outside an "
	   "approved window and its clients. Pledge,\ntraining and contract "
	   "must hold until its end (card-admin person set).\n\n"
	   "  card-admin maintenance request ct-vendor --ticket T-17 \\\n"
	   "      --plan \"update of the CT console\" --clients CT-1,CT-2 "
	   "\\\n      --until 2027-04-05T18:00")},
    {"approve", "WORK", maintenance_approve, NULL,
	N_("approve what another officer asked for"), NULL},
    {"refuse", "WORK", maintenance_refuse, NULL,
	N_("refuse it, or take it back"), NULL},
    {"close", "WORK", maintenance_close, close_options,
	N_("end it, and write down what was seen and done"),
	N_("A window ends by itself, with its sessions; the work stays open, "
	   "and its account\ngets no other window, until this is said.\n\n"
	   "  card-admin maintenance close 12 --personal-data no --work "
	   "\"console "
	   "updated to 4.2\"\n"
	   "  card-admin maintenance close 13 --personal-data yes --whose "
	   "\"patients of 3 West\" \\\n      --work \"images restored\"")},
    {"show", "WORK", maintenance_show, NULL,
	N_("show one, with the logins in its window"), NULL},
    {"list", "[LOGIN]", maintenance_list, list_options,
	N_("list maintenance work, newest first"),
	N_("  card-admin maintenance list --open")},
    {0},
};
