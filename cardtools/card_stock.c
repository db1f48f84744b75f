/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_stock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/card_issue.h"
#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

enum { PREPARE_STEPS = 4, HAND_OUT_STEPS = 5 };

static const char *const slots[CARD_KEYS] = {"9a", "9e"};
static const enum piv_slot slot_numbers[CARD_KEYS] = {PIV_9A, PIV_9E};

/* The public halves go into the database, for the card does not show them. */
static enum status
record_keys(struct card *card)
{
	char hex[2 * SPKI_MAX + 1], about[CARD_ABOUT];
	json_t *keys = json_object(), *answer;
	enum status status;
	size_t n;
	int i;

	for (i = 0; i < CARD_KEYS; i++) {
		hex_encode(card->key[i].spki, card->key[i].spki_len, hex);
		(void)json_object_set_new(keys, slots[i], json_string(hex));
	}
	(void)json_object_set_new(card->attestation, "keys", keys);
	n = json_dumpb(
	    card->attestation, about, sizeof about - 1, JSON_COMPACT);
	if (n == 0 || n > sizeof about - 1)
		return desk_took(card->desk, ERR_INPUT);
	about[n] = '\0';
	status = database_call(card->desk->call, "card_prepared",
	    PARAMETERS({"p_token", card->id}, {"p_attestation", about}),
	    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

/* False unless the database has both keys of the card. */
static bool
recall_keys(struct card *card, const json_t *found)
{
	const json_t *keys =
	    json_object_get(json_object_get(found, "attestation"), "keys");
	int i;

	for (i = 0; i < CARD_KEYS; i++) {
		const char *hex = field(keys, slots[i]);
		struct spki spki;

		card->key[i].slot = slot_numbers[i];
		if (hex_decode(hex, strlen(hex), card->key[i].spki, SPKI_MAX,
			&card->key[i].spki_len) != ERR_OK ||
		    spki_parse(card->key[i].spki, card->key[i].spki_len,
			&spki) != ERR_OK)
			return false;
	}
	return true;
}

static enum piv_algorithm
algorithm_of(const char *text)
{
	return text == NULL || strcmp(text, "p256") == 0 ? PIV_P256
	       : strcmp(text, "p384") == 0		 ? PIV_P384
							 : PIV_RSA2048;
}

static enum status
prepare(struct card *card, const json_t *found, const char *number)
{
	struct desk *desk = card->desk;
	struct card_secrets nobody;
	enum status status;

	status = card_open(card, found, number);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the card makes its keys"));
	card_secrets_random(&nobody); /* eight digits that nobody learns */
	status = desk_took(
	    desk, piv_set_pin(desk->piv, card->secrets.puk, nobody.puk));
	sodium_memzero(&nobody, sizeof nobody);
	if (status == STATUS_DONE)
		status = card_make_keys(
		    card, algorithm_of(option(desk->call, "algorithm")));
	if (status == STATUS_DONE) {
		desk_step(desk, _("the card is examined"));
		status = card_examine(card);
	}
	return status == STATUS_DONE ? record_keys(card) : status;
}

static enum status
prepare_one(struct call *call, const char *number)
{
	struct desk desk = {0};
	struct card card = {.desk = &desk, .login = ""};
	json_t *found = NULL;
	enum status status;
	enum beginning at;

	status = desk_open(call, PREPARE_STEPS, &desk);
	if (status == STATUS_DONE)
		status = card_find(&desk, &found);
	if (status != STATUS_DONE)
		goto out;
	at = card_judge(&card, found);
	if (at == BEGIN_REFUSED)
		status = STATUS_REFUSED;
	else if (at == BEGIN_DONE)
		status = card_report(call, field(found, "id"),
		    _("That card is prepared already. Nothing was changed."));
	else
		status = prepare(&card, found, number);
	if (status == STATUS_DONE && at != BEGIN_DONE) {
		desk_done(&desk);
		status = card_report(
		    call, card.id, _("Prepared: the card waits in stock."));
	}
out:
	json_decref(found);
	card_clear(&card);
	desk_close(&desk);
	return status;
}

enum status
card_prepare(struct call *call)
{
	const char *count = option(call, "count");
	const char *number = option(call, "number");
	long n = count != NULL ? strtol(count, NULL, 10) : 1, i;
	enum status status = STATUS_DONE;

	if (number != NULL && n > 1) {
		say("%s", _("--number names one card; leave --count out, or "
			    "announce the numbers with “card-admin card "
			    "import”"));
		return STATUS_USAGE;
	}
	for (i = 0; i < n && status == STATUS_DONE; i++) {
		if (i > 0 && !desk_next(call)) {
			say(_("no further card came; prepared: %ld"), i);
			return STATUS_READER;
		}
		status = prepare_one(call, number != NULL ? number : "");
	}
	return status;
}

static enum status
assign(struct card *card, const char *until, const char *proof)
{
	struct call *call = card->desk->call;
	enum status status;
	json_t *answer;

	if (until != NULL)
		status = database_call(call, "card_temporary",
		    PARAMETERS({"p_token", card->id}, {"p_login", card->login},
			{"p_until", until}, {"p_proof", proof}),
		    &answer);
	else
		status = database_call(call, "card_activate",
		    PARAMETERS({"p_token", card->id}, {"p_login", card->login},
			{"p_proof", proof}),
		    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

static enum status
hand_out(struct card *card, const struct secret *pin)
{
	struct desk *desk = card->desk;
	enum status status;

	desk_step(desk, _("its PUK and management key come out of escrow"));
	status = card_release(card, _("handed out"));
	if (status == STATUS_DONE)
		status = card_take_over(card);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the holder's PIN is set"));
	status = desk_took(desk, piv_set_pin(desk->piv, card->secrets.puk,
				     (const char *)pin->bytes));
	return status == STATUS_DONE ? card_finish(card, pin) : status;
}

/* Whether the card in the reader can be handed out to this person. */
static bool
from_stock(struct card *card, const json_t *found)
{
	const char *state = field(found, "state"), *id = field(found, "id");
	const char *holder = field(found, "login");
	const char *guid = field(found, "guid");
	size_t len;

	if (!uuid_valid(id) || !recall_keys(card, found) ||
	    !(strcmp(state, "prepared") == 0 ||
		(strcmp(state, "new") == 0 &&
		    strcmp(holder, card->login) == 0)))
		return false;
	memcpy(card->id, id, UUID_TEXT);
	return hex_decode(guid, strlen(guid), card->guid, PIV_GUID, &len) ==
		   ERR_OK &&
	       len == PIV_GUID;
}

static enum status
from_stock_to(struct call *call, const char *until, const char *sentence)
{
	const char *proof = option(call, "identity-proof");
	const char *known[] = {call->arg[0], NULL};
	struct secret *pin = NULL;
	struct desk desk = {0};
	struct card card = {.desk = &desk, .login = call->arg[0]};
	json_t *found = NULL;
	enum status status;

	if (proof == NULL) {
		say("%s", _("--identity-proof is missing: how the holder's "
			    "identity was checked"));
		return STATUS_USAGE;
	}
	status = desk_open(call, HAND_OUT_STEPS, &desk);
	if (status == STATUS_DONE)
		status = card_find(&desk, &found);
	if (status != STATUS_DONE)
		goto out;
	if (strcmp(field(found, "state"), "active") == 0 &&
	    strcmp(field(found, "login"), card.login) == 0) {
		status = card_report(call, field(found, "id"),
		    _("That card is this person's already, and counts. Nothing "
		      "was changed."));
		goto out;
	}
	if (!from_stock(&card, found)) {
		say("%s", _("that card is not a prepared one; “card-admin card "
			    "prepare” makes them"));
		status = STATUS_REFUSED;
		goto out;
	}
	known[1] = field(found, "number");
	status = desk_new_pin(known, 2, &pin);
	if (status == STATUS_DONE)
		status = assign(&card, until, proof);
	if (status == STATUS_DONE)
		status = hand_out(&card, pin);
	if (status == STATUS_DONE) {
		desk_done(&desk);
		status = card_report(call, card.id, sentence);
	}
out:
	json_decref(found);
	secret_free(&pin);
	card_clear(&card);
	desk_close(&desk);
	return status;
}

enum status
card_activate(struct call *call)
{
	return from_stock_to(
	    call, NULL, _("Handed out: the card counts from now on."));
}

enum status
card_temporary(struct call *call)
{
	const char *until = option(call, "until");

	if (until == NULL) {
		say("%s", _("--until is missing: when the shift ends, such as "
			    "09:00 or \"2027-03-31 09:00\""));
		return STATUS_USAGE;
	}
	return from_stock_to(call, until,
	    _("Handed out for now: the card counts until its end, or until the "
	      "own card is used again."));
}
