/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_order.c - orders that need the approval of other officers. */
#include <stdio.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/card_escrow.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/order.h"
#include "cardtools/order_key.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

/* Whose card, as people would say it. */
static const char *
about(const json_t *order)
{
	const char *text = field(order, "number");

	if (text[0] == '\0')
		text = field(order, "login");
	if (text[0] == '\0')
		text = field(order, "device");
	return text;
}

static void
cell_id(struct sheet *sheet, const json_t *order)
{
	char id[PICK_SHOWN + 1];

	(void)snprintf(id, sizeof id, "%.*s", PICK_SHOWN, field(order, "id"));
	sheet_cell(sheet, id);
}

/* "1 of 2", and who. */
static void
cell_approvals(struct sheet *sheet, const json_t *order)
{
	const json_t *given = json_object_get(order, "approved_by"), *one;
	char text[512];
	size_t i, at;

	at = (size_t)snprintf(text, sizeof text, _("%zu of %lld"),
	    json_array_size(given),
	    (long long)json_integer_value(json_object_get(order, "approvals")));
	json_array_foreach(given, i, one)
	{
		if (at < sizeof text)
			at += (size_t)snprintf(text + at, sizeof text - at,
			    "%s %s", i == 0 ? ":" : ",", field(one, "officer"));
	}
	sheet_cell(sheet, text);
}

static enum status
order_list(struct call *call)
{
	const char *const headings[] = {_("ORDER"), _("WHAT"), _("CARD"),
	    _("ASKED BY"), _("STATUS"), _("APPROVALS"), _("UNTIL")};
	const char *all = option(call, "all") != NULL ? "t" : NULL;
	struct sheet *sheet;
	const json_t *order;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "order_list", PARAMETERS({"p_all", all}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(7, headings);
	json_array_foreach(list, i, order)
	{
		cell_id(sheet, order);
		sheet_cell(sheet, term_words(field(order, "kind")));
		sheet_cell(sheet, about(order));
		sheet_cell(sheet, field(order, "placed_by"));
		sheet_cell(sheet, term_words(field(order, "status")));
		cell_approvals(sheet, order);
		sheet_moment(sheet, field(order, "expires_at"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static void
show(const json_t *order)
{
	const json_t *entry = json_object_get(order, "entry");
	struct sheet *sheet = sheet_new(2, NULL);
	char digest[ORDER_DIGEST];

	order_digest_shown(field(order, "digest"), digest);
	sheet_cell(sheet, _("order"));
	sheet_cell(sheet, field(order, "id"));
	sheet_cell(sheet, _("what"));
	sheet_cell(sheet, term_words(field(order, "kind")));
	sheet_cell(sheet, _("card"));
	sheet_cell(sheet, about(order));
	sheet_cell(sheet, _("holder"));
	sheet_cell(sheet, field(order, "login"));
	if (json_is_object(entry)) {
		sheet_cell(sheet, _("door"));
		sheet_cell(sheet, field(entry, "door"));
		sheet_cell(sheet, _("zone"));
		sheet_cell(sheet, field(entry, "zone"));
	}
	sheet_cell(sheet, _("asked by"));
	sheet_cell(sheet, field(order, "placed_by"));
	sheet_cell(sheet, _("asked at"));
	sheet_moment(sheet, field(order, "placed_at"));
	sheet_cell(sheet, _("why"));
	sheet_cell(sheet, field(order, "why"));
	sheet_cell(sheet, _("status"));
	sheet_cell(sheet, term_words(field(order, "status")));
	sheet_cell(sheet, _("approvals"));
	cell_approvals(sheet, order);
	sheet_cell(sheet, _("until"));
	sheet_moment(sheet, field(order, "expires_at"));
	sheet_cell(sheet, _("digest"));
	sheet_cell(sheet, digest);
	sheet_end(&sheet);
}

static enum status
find(struct call *call, json_t **ret_order)
{
	return database_call(call, "order_find",
	    PARAMETERS({"p_order", call->arg[0]}), ret_order);
}

static enum status
order_show(struct call *call)
{
	enum status status;
	json_t *order;

	status = find(call, &order);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(order, false);
	else
		show(order);
	json_decref(order);
	return STATUS_DONE;
}

/* What the asker read out: the shown digits, blanks do not count. */
static bool
same_digest(const char *given, const char *shown)
{
	for (;; given++, shown++) {
		given += strspn(given, " ");
		shown += strspn(shown, " ");
		if (*given != *shown || *given == '\0')
			return *given == *shown;
	}
}

/*
 * The officer must have seen this order as it is: by the digits that the asker
 * told, or by saying yes to it on a terminal.
 */
static enum status
agree(const struct call *call, const json_t *order)
{
	const char *given = option(call, "digest");
	char digest[ORDER_DIGEST];

	order_digest_shown(field(order, "digest"), digest);
	if (given != NULL && digest[0] != '\0' && same_digest(given, digest))
		return STATUS_DONE;
	if (given != NULL) {
		say(_("the digest is not %s; is it the same order?"), given);
		return STATUS_REFUSED;
	}
	if (!ask_interactive()) {
		say("%s", _("without a terminal --digest must say which order "
			    "is meant, as who placed it was shown"));
		return STATUS_USAGE;
	}
	show(order);
	(void)fflush(stdout);
	if (ask_yes(_("Does who asks see the same digest, and do you approve? "
		      "(yes/no) ")))
		return STATUS_DONE;
	say("%s", _("Nothing was approved."));
	return STATUS_REFUSED;
}

static enum status
answer(struct call *call, json_t *order, const char *sentence)
{
	if (call->json)
		out_json(order, false);
	else
		out("%s\n", sentence);
	json_decref(order);
	return STATUS_DONE;
}

static enum status
order_approve(struct call *call)
{
	char digest[80];
	json_t *order, *after;
	enum status status;

	status = find(call, &order);
	if (status != STATUS_DONE)
		return status;
	status = agree(call, order);
	(void)snprintf(digest, sizeof digest, "\\x%s", field(order, "digest"));
	if (status == STATUS_DONE)
		status = database_call(call, "order_approve",
		    PARAMETERS(
			{"p_order", field(order, "id")}, {"p_digest", digest}),
		    &after);
	json_decref(order);
	if (status != STATUS_DONE)
		return status;
	return answer(call, after,
	    strcmp(field(after, "status"), "waiting") == 0
		? _("Approved. Others must approve it, too.")
	    : strcmp(field(after, "status"), "done") == 0
		? _("Approved, and done.")
		: _("Approved. The server executes it now."));
}

static enum status
order_refuse(struct call *call)
{
	enum status status;
	json_t *order;

	status = database_call(call, "order_refuse",
	    PARAMETERS(
		{"p_order", call->arg[0]}, {"p_why", option(call, "why")}),
	    &order);
	if (status != STATUS_DONE)
		return status;
	order_key_remove(field(order, "id")); /* if it was our own */
	return answer(call, order, _("Refused: it will not be executed."));
}

static enum status
order_collect(struct call *call)
{
	const char *state, *reason;
	enum status status;
	json_t *order;

	status = find(call, &order);
	if (status != STATUS_DONE)
		return status;
	state = field(order, "status");
	reason = field(order, "reason");
	if (strcmp(state, "done") == 0) {
		status = card_escrow_collect(call, order);
		json_decref(order);
		return status;
	}
	status = STATUS_REFUSED;
	if (strcmp(state, "waiting") == 0) {
		say("%s", _("it still waits for the approval of another "
			    "officer"));
	} else if (strcmp(state, "new") == 0) {
		say("%s", _("it is approved; the server has not executed it "
			    "yet"));
		status = STATUS_UNREACHED;
	} else {
		say_about(order_words(
			      reason[0] != '\0' ? reason : "approval_expired"),
		    reason);
		order_key_remove(field(order, "id"));
	}
	json_decref(order);
	return status;
}

static enum status
order_rules(struct call *call)
{
	const char *const headings[] = {
	    _("KIND"), _("WHAT"), _("APPROVALS"), _("AT LEAST")};
	struct sheet *sheet;
	const json_t *rule;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "order_rule_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(4, headings);
	json_array_foreach(list, i, rule)
	{
		char number[2][24];

		(void)snprintf(number[0], sizeof number[0], "%lld",
		    (long long)json_integer_value(
			json_object_get(rule, "approvals")));
		(void)snprintf(number[1], sizeof number[1], "%lld",
		    (long long)json_integer_value(
			json_object_get(rule, "least")));
		sheet_cell(sheet, field(rule, "kind"));
		sheet_cell(sheet, term_words(field(rule, "kind")));
		sheet_cell(sheet, number[0]);
		sheet_cell(sheet, number[1]);
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
order_demand(struct call *call)
{
	const char *approvals = option(call, "approvals");
	enum status status;
	json_t *rule;

	if (approvals == NULL) {
		say("%s", _("--approvals is missing: how many?"));
		return STATUS_USAGE;
	}
	status = database_call(call, "order_rule_set",
	    PARAMETERS({"p_kind", call->arg[0]}, {"p_approvals", approvals}),
	    &rule);
	if (status != STATUS_DONE)
		return status;
	return answer(call, rule, _("Orders placed from now on need that."));
}

static const struct option list_options[] = {
    {.name = "all",
	.kind = OPTION_FLAG,
	.help = N_("ended ones of the last 90 days, too")},
    {0},
};
static const struct option approve_options[] = {
    {.name = "digest",
	.kind = OPTION_TEXT,
	.value = "DIGEST",
	.max = 40,
	.help = N_("as who placed it was shown; asked about if left out")},
    {0},
};
static const struct option refuse_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("the reason, for the audit")},
    {0},
};
static const struct option demand_options[] = {
    {.name = "approvals",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 0,
	.max = 3,
	.help = N_("of so many others; must be given")},
    {0},
};

const struct verb order_verbs[] = {
    {"list", "", order_list, list_options,
	N_("what waits for approval, or for who asked"), NULL},
    {"show", "ORDER", order_show, NULL,
	N_("show an order: what, about which card, asked by whom and why"),
	NULL},
    {"approve", "ORDER", order_approve, approve_options,
	N_("agree to what another officer asks"),
	N_("ORDER is the beginning of its id. Compare the digest with what the "
	   "asker's screen\nshows: it stands for exactly this order and the "
	   "key its answer goes to.\n\n"
	   "  card-admin order approve 3f9c41d2\n"
	   "  card-admin order approve 3f9c41d2 --digest \"1f00 a3c4 99be 02d7 "
	   "5511\"")},
    {"refuse", "ORDER", order_refuse, refuse_options,
	N_("say no to it, or take one's own back"), NULL},
    {"collect", "ORDER", order_collect, NULL,
	N_("show the secret that was asked for and approved, once"),
	N_("By who asked, with the same account on the same PC. Standard "
	   "output has the\nsecret and nothing else.")},
    {"rules", "", order_rules, NULL,
	N_("how many approvals each kind of order needs"), NULL},
    {"demand", "KIND", order_demand, demand_options,
	N_("let a kind of order need more approvals"),
	N_("Fewer can be set by who administers the database alone.\n\n"
	   "  card-admin order demand card_puk --approvals 1")},
    {0},
};
