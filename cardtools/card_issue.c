/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_issue.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

enum { ISSUE_STEPS = 7 };

enum status
card_report(struct call *call, const char *id, const char *text)
{
	enum status status;
	json_t *cards;

	if (!call->json) {
		out("%s\n", text);
		return STATUS_DONE;
	}
	status = database_call(
	    call, "card_show", PARAMETERS({"p_card", id}), &cards);
	if (status == STATUS_DONE) {
		out_json(json_array_get(cards, 0), false);
		json_decref(cards);
	}
	return status;
}

static enum piv_algorithm
algorithm_of(const char *text)
{
	if (text != NULL && strcmp(text, "p384") == 0)
		return PIV_P384;
	if (text != NULL && strcmp(text, "rsa2048") == 0)
		return PIV_RSA2048;
	return PIV_P256;
}

static bool
ended(const char *state)
{
	return strcmp(state, "revoked") == 0 ||
	       strcmp(state, "returned") == 0 || strcmp(state, "expired") == 0;
}

enum beginning
card_judge(struct card *card, const json_t *found)
{
	const char *state = field(found, "state"), *id = field(found, "id");
	const char *holder = field(found, "login");

	uuid_random(card->id);
	if (json_is_null(found))
		return BEGIN_NEW;
	if (!uuid_valid(id))
		return BEGIN_REFUSED;
	if (ended(state)) { /* a card may have a second life */
		memcpy(card->before, id, UUID_TEXT);
		return json_is_true(json_object_get(found, "escrow"))
			   ? BEGIN_AGAIN
			   : BEGIN_NEW;
	}
	if (uuid_valid(field(found, "before")))
		memcpy(card->before, field(found, "before"), UUID_TEXT);
	if (strcmp(holder, card->login) == 0 &&
	    strcmp(state, holder[0] != '\0' ? "active" : "prepared") == 0)
		return BEGIN_DONE;
	/* announced by the supplier's list, or begun */
	if (strcmp(state, "new") == 0 &&
	    (strcmp(holder, card->login) == 0 || holder[0] == '\0')) {
		const char *guid = field(found, "guid");
		size_t len;

		memcpy(card->id, id, UUID_TEXT);
		if (hex_decode(guid, strlen(guid), card->guid, PIV_GUID,
			&len) != ERR_OK)
			sodium_memzero(card->guid, PIV_GUID);
		return json_is_true(json_object_get(found, "escrow"))
			   ? BEGIN_AGAIN
			   : BEGIN_NEW;
	}
	say(_("that card is in use: %s, %s. “card-admin card show %.8s” says "
	      "more"),
	    holder[0] != '\0' ? holder : _("stock"), term_words(state), id);
	return BEGIN_REFUSED;
}

enum status
card_open(struct card *card, const json_t *found, const char *number)
{
	struct desk *desk = card->desk;
	const bool begun = strcmp(field(found, "id"), card->id) == 0 &&
			   json_is_true(json_object_get(found, "escrow"));
	enum status status = STATUS_DONE;

	if (begun) {
		desk_step(desk, _("its PUK and management key come out of "
				  "escrow"));
		status = card_release(card, _("issuing was interrupted"));
	} else {
		desk_step(desk, _("its PUK and management key go into escrow"));
		if (card->before[0] == '\0')
			status = card_is_new(desk);
		if (status == STATUS_DONE)
			status = card_mark(card, card->before[0] == '\0');
		if (status == STATUS_DONE) {
			card_secrets_random(&card->secrets);
			status = card_escrow(card, number, desk->call);
		}
	}
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the card gets them"));
	status = card_take_over(card);
	return status == STATUS_DONE ? card_mark(card, true) : status;
}

enum status
card_finish(struct card *card, const struct secret *pin)
{
	struct desk *desk = card->desk;
	enum status status;
	int tries = 0;

	desk_step(desk, _("the card is examined"));
	status = card_examine(card);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("certificates are made and written"));
	status = desk_took(
	    desk, piv_verify(desk->piv, (const char *)pin->bytes, &tries));
	if (status == STATUS_DONE)
		status = card_certify(card);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the card proves its keys to the server"));
	return card_prove(card);
}

static enum status
restart(struct card *card, const char *number)
{
	enum status status;
	json_t *answer;

	status = database_call(card->desk->call, "card_restart",
	    PARAMETERS({"p_token", card->id}, {"p_login", card->login},
		{"p_number", number}),
	    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

static enum status
issue(struct card *card, const json_t *found, const char *number,
    const struct secret *pin)
{
	struct desk *desk = card->desk;
	enum status status;

	status = card_open(card, found, number);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the holder's PIN is set"));
	status = desk_took(desk, piv_set_pin(desk->piv, card->secrets.puk,
				     (const char *)pin->bytes));
	if (status == STATUS_DONE)
		status = restart(card, number);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the card makes its keys"));
	status =
	    card_make_keys(card, algorithm_of(option(desk->call, "algorithm")));
	return status == STATUS_DONE ? card_finish(card, pin) : status;
}

/* What the database has of the login, before anything is asked or touched. */
static enum status
check_person(struct call *call, const char *login)
{
	enum status status;
	json_t *person;

	status = database_call(
	    call, "person_show", PARAMETERS({"p_login", login}), &person);
	if (status == STATUS_DONE)
		json_decref(person);
	return status;
}

/* The cards that this one replaces end when it counts. */
static enum status
end_others(struct call *call, const char *id)
{
	const char *why = option(call, "why");
	enum status status;
	json_t *card;

	status = database_call(call, "card_replaced",
	    PARAMETERS(
		{"p_token", id}, {"p_login", call->arg[0]}, {"p_why", why}),
	    &card);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(card, false);
	else
		out(_("Issued: the card counts from now on. Cards that ended: "
		      "%d.\n"),
		    (int)json_integer_value(json_object_get(card, "replaced")));
	json_decref(card);
	return STATUS_DONE;
}

static enum status
run(struct call *call, bool replace)
{
	const char *number = option(call, "number");
	struct secret *pin = NULL;
	struct desk desk = {0};
	struct card card = {.desk = &desk, .login = call->arg[0]};
	const char *known[] = {card.login, number, NULL};
	json_t *found = NULL;
	enum status status;
	enum beginning at;

	if (number == NULL)
		number = "";
	status = check_person(call, card.login);
	if (status == STATUS_DONE)
		status = desk_open(call, ISSUE_STEPS, &desk);
	if (status == STATUS_DONE)
		status = card_find(&desk, &found);
	if (status != STATUS_DONE)
		goto out;
	at = card_judge(&card, found);
	if (at == BEGIN_REFUSED) {
		status = STATUS_REFUSED;
		goto out;
	}
	if (at == BEGIN_DONE && !replace) {
		status = card_report(call, field(found, "id"),
		    _("That card is issued already, and counts. Nothing was "
		      "changed."));
		goto out;
	}
	if (at != BEGIN_DONE) {
		known[2] = field(found, "number");
		status = desk_new_pin(known, 3, &pin);
		if (status == STATUS_DONE)
			status = issue(&card, found, number, pin);
		if (status != STATUS_DONE)
			goto out;
		desk_done(&desk);
	}
	status = replace ? end_others(call,
			       at == BEGIN_DONE ? field(found, "id") : card.id)
			 : card_report(call, card.id,
			       _("Issued: the card counts from now on."));
out:
	json_decref(found);
	secret_free(&pin);
	card_clear(&card);
	desk_close(&desk);
	return status;
}

enum status
card_issue(struct call *call)
{
	return run(call, false);
}

enum status
card_replace(struct call *call)
{
	return run(call, true);
}
