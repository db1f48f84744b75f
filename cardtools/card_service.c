/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_service.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/card_issue.h"
#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

enum { UNBLOCK_STEPS = 3, RENEW_STEPS = 5 };

/* Opens the card in the reader, which must be this person's and in use. */
static enum status
open_own(struct call *call, int steps, struct desk *desk, struct card *card,
    json_t **ret_found)
{
	const char *guid;
	enum status status;
	size_t len;

	status = desk_open(call, steps, desk);
	if (status == STATUS_DONE)
		status = card_find(desk, ret_found);
	if (status != STATUS_DONE)
		return status;
	if (strcmp(field(*ret_found, "login"), card->login) != 0 ||
	    strcmp(field(*ret_found, "state"), "active") != 0 ||
	    !uuid_valid(field(*ret_found, "id"))) {
		say(_("that card is not one of %s that counts now; “card-admin "
		      "card list --login %s” shows those"),
		    card->login, card->login);
		return STATUS_REFUSED;
	}
	memcpy(card->id, field(*ret_found, "id"), UUID_TEXT);
	guid = field(*ret_found, "guid");
	if (hex_decode(guid, strlen(guid), card->guid, PIV_GUID, &len) !=
	    ERR_OK)
		return card_mark(card, false);
	return STATUS_DONE;
}

/* The new PUK into escrow beside the old; without one, the card has it. */
static enum status
puk_next(struct card *card, const char *puk)
{
	struct call *call = card->desk->call;
	struct keyring keyring;
	char box[BOX_TEXT];
	enum status status = STATUS_DONE;
	json_t *answer;

	if (puk != NULL) {
		status = keyring_trusted(call, &keyring);
		if (status == STATUS_DONE)
			status = keyring_seal(
			    &keyring, SEAL_PUK, card->id, puk, PIV_PUK, box);
	}
	if (status == STATUS_DONE)
		status = database_call(call, "card_puk_next",
		    PARAMETERS({"p_token", card->id},
			{"p_puk", puk != NULL ? box : NULL},
			{"p_key_version",
			    puk != NULL ? keyring.version : NULL}),
		    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

static enum status
unblock(struct card *card, const json_t *found, const char *proof,
    const struct secret *pin)
{
	const char *new_pin = (const char *)pin->bytes;
	struct desk *desk = card->desk;
	struct card_secrets next;
	enum status status;
	enum error err;

	desk_step(desk, _("its PUK comes out of escrow"));
	status = card_release(card, proof);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the holder's PIN is set"));
	err = piv_set_pin(desk->piv, card->secrets.puk, new_pin);
	if (err == ERR_MISMATCH &&
	    json_is_true(json_object_get(found, "puk_next"))) {
		/* interrupted between the card and the database */
		status = puk_next(card, NULL);
		if (status == STATUS_DONE)
			status = card_release(card, proof);
		if (status != STATUS_DONE)
			return status;
		err = piv_set_pin(desk->piv, card->secrets.puk, new_pin);
	}
	status = desk_took(desk, err);
	if (status != STATUS_DONE)
		return status;
	desk_step(desk, _("the card gets a new PUK"));
	card_secrets_random(&next);
	status = puk_next(card, next.puk);
	if (status == STATUS_DONE)
		status = desk_took(desk,
		    piv_change_puk(desk->piv, card->secrets.puk, next.puk));
	sodium_memzero(&next, sizeof next);
	return status == STATUS_DONE ? puk_next(card, NULL) : status;
}

enum status
card_unblock(struct call *call)
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
	status = open_own(call, UNBLOCK_STEPS, &desk, &card, &found);
	if (status == STATUS_DONE) {
		known[1] = field(found, "number");
		status = desk_new_pin(known, 2, &pin);
	}
	if (status == STATUS_DONE)
		status = unblock(&card, found, proof, pin);
	if (status == STATUS_DONE) {
		desk_done(&desk);
		status = card_report(
		    call, card.id, _("Unblocked: the new PIN counts."));
	}
	json_decref(found);
	secret_free(&pin);
	card_clear(&card);
	desk_close(&desk);
	return status;
}

static enum status
say_wrong_pin(const struct desk *desk, enum error err, int tries)
{
	if (err == ERR_MISMATCH) {
		say(_("wrong PIN; tries left: %d"), tries);
		return STATUS_REFUSED;
	}
	if (err == ERR_DENIED) {
		say("%s", _("the PIN is blocked; “card-admin card unblock” "
			    "sets a new one"));
		return STATUS_REFUSED;
	}
	return desk_took(desk, err);
}

/* The PIN that the card has, tried. */
static enum status
ask_pin(struct desk *desk, struct secret **ret_pin)
{
	struct secret *pin = NULL;
	enum status status;
	enum error err;
	int tries = 0;

	err = ask_line(_("PIN: "), true, &pin);
	if (err != ERR_OK)
		return ask_failed(err);
	if (pin->len < PIV_PIN_MIN || pin->len > PIV_PIN_MAX) {
		say("%s", _("a PIN has 6 to 8 digits"));
		secret_free(&pin);
		return STATUS_USAGE;
	}
	err = piv_verify(desk->piv, (const char *)pin->bytes, &tries);
	status = err == ERR_OK ? STATUS_DONE : say_wrong_pin(desk, err, tries);
	if (status == STATUS_DONE)
		*ret_pin = pin;
	else
		secret_free(&pin);
	return status;
}

enum status
card_pin_change(struct call *call)
{
	const char *known[] = {NULL, NULL};
	struct secret *old_pin = NULL, *pin = NULL;
	struct desk desk = {0};
	json_t *found = NULL;
	enum status status;

	status = desk_open(call, 1, &desk);
	if (status == STATUS_DONE)
		status = card_find(&desk, &found);
	if (status == STATUS_DONE)
		status = ask_pin(&desk, &old_pin);
	if (status == STATUS_DONE) {
		known[0] = field(found, "login");
		known[1] = field(found, "number");
		status = desk_new_pin(known, 2, &pin);
	}
	if (status == STATUS_DONE && old_pin != NULL && pin != NULL)
		status = desk_took(&desk,
		    piv_change_pin(desk.piv, (const char *)old_pin->bytes,
			(const char *)pin->bytes));
	if (status == STATUS_DONE && call->json)
		out_json(found, false);
	else if (status == STATUS_DONE)
		out("%s\n", _("The new PIN counts."));
	json_decref(found);
	secret_free(&old_pin);
	secret_free(&pin);
	desk_close(&desk);
	return status;
}

static enum piv_algorithm
algorithm_of(const char *text)
{
	return text == NULL || strcmp(text, "p256") == 0 ? PIV_P256
	       : strcmp(text, "p384") == 0		 ? PIV_P384
							 : PIV_RSA2048;
}

/*
 * New keys and certificates in the same card. From the first new certificate
 * to the proof the card does not count; run again it is whole again.
 */
enum status
card_renew(struct call *call)
{
	struct secret *pin = NULL;
	struct desk desk = {0};
	struct card card = {.desk = &desk, .login = call->arg[0]};
	json_t *found = NULL;
	enum status status;

	status = open_own(call, RENEW_STEPS, &desk, &card, &found);
	if (status == STATUS_DONE)
		status = ask_pin(&desk, &pin);
	if (status != STATUS_DONE)
		goto out;
	desk_step(&desk, _("its PUK and management key come out of escrow"));
	status = card_release(&card, _("certificates are renewed"));
	if (status == STATUS_DONE)
		status = desk_took(
		    &desk, piv_manage(desk.piv, card.secrets.management));
	if (status != STATUS_DONE)
		goto out;
	desk_step(&desk, _("the card makes its keys"));
	/* before it, the PIN must not be open: the examination would say so */
	status = desk_took(&desk, piv_forget_pin(desk.piv));
	if (status == STATUS_DONE)
		status = card_make_keys(
		    &card, algorithm_of(option(call, "algorithm")));
	if (status == STATUS_DONE)
		status = card_finish(&card, pin);
	if (status == STATUS_DONE) {
		desk_done(&desk);
		status = card_report(
		    call, card.id, _("Renewed: the new certificates count."));
	}
out:
	json_decref(found);
	secret_free(&pin);
	card_clear(&card);
	desk_close(&desk);
	return status;
}
