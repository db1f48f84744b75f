/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_work.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/order.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/crypto/attestation.h"
#include "common/crypto/request.h"
#include "common/crypto/seal.h"
#include "common/db/db.h"
#include "common/wire/signed.h"

enum {
	SLOT_TEXT = 4,
	PROOF_HEAD = 32 + 1 + 2,
	OBJECT_TEXT = 4 * PIV_OBJECT_MAX / 3 + 8
};

void
card_clear(struct card *card)
{
	json_decref(card->attestation);
	sodium_memzero(card, sizeof *card);
}

void
card_secrets_random(struct card_secrets *ret_secrets)
{
	size_t i;

	randombytes_buf(ret_secrets->management, PIV_MANAGEMENT);
	/* Digits: what every card and every reader with keys can take. */
	for (i = 0; i < PIV_PUK; i++)
		ret_secrets->puk[i] = (char)('0' + randombytes_uniform(10));
	ret_secrets->puk[PIV_PUK] = '\0';
}

static const char *
slot_text(enum piv_slot slot)
{
	switch (slot) {
	case PIV_9A:
		return "9a";
	case PIV_9E:
		return "9e";
	}
	return "";
}

enum status
card_find(struct desk *desk, json_t **ret_found)
{
	unsigned char guid[PIV_GUID];
	char text[2 * PIV_GUID + 3];
	enum error err;

	err = piv_read_guid(desk->piv, guid);
	if (err == ERR_OK)
		db_bytea(guid, sizeof guid, text);
	else if (err != ERR_NOTFOUND)
		return desk_took(desk, err);
	return database_call(desk->call, "card_find",
	    PARAMETERS({"p_device", piv_device(desk->piv)},
		{"p_guid", err == ERR_OK ? text : NULL}),
	    ret_found);
}

enum status
card_escrow(struct card *card, const char *number, struct call *call)
{
	char puk[BOX_TEXT], management[BOX_TEXT], guid[2 * PIV_GUID + 3];
	struct keyring keyring;
	enum status status;
	json_t *answer;

	status = keyring_trusted(call, &keyring);
	if (status == STATUS_DONE)
		status = keyring_seal(&keyring, SEAL_PUK, card->id,
		    card->secrets.puk, PIV_PUK, puk);
	if (status == STATUS_DONE)
		status = keyring_seal(&keyring, SEAL_MANAGEMENT, card->id,
		    card->secrets.management, PIV_MANAGEMENT, management);
	if (status != STATUS_DONE)
		return status;
	db_bytea(card->guid, PIV_GUID, guid);
	status = database_call(call, "card_begin",
	    PARAMETERS({"p_token", card->id},
		{"p_device", piv_device(card->desk->piv)}, {"p_guid", guid},
		{"p_puk", puk}, {"p_management", management},
		{"p_key_version", keyring.version}, {"p_login", card->login},
		{"p_number", number}),
	    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

/* One secret of a card, len octets, for a key pair that lives as long as this
 * call. */
static enum status
release_one(struct card *card, const char *id, const char *kind,
    const char *why, unsigned char *ret_secret, size_t len)
{
	unsigned char secret_key[crypto_box_SECRETKEYBYTES];
	unsigned char answer[crypto_box_SEALBYTES + 64];
	struct secret *public_key = NULL;
	enum status status = STATUS_UNREACHED;
	size_t answer_len;

	if (secret_new(crypto_box_PUBLICKEYBYTES, &public_key) != ERR_OK ||
	    crypto_box_keypair(public_key->bytes, secret_key) != 0)
		goto out;
	status = order_card(card->desk->call, kind, id, why, public_key, answer,
	    sizeof answer, &answer_len);
	if (status != STATUS_DONE)
		goto out;
	if (answer_len != crypto_box_SEALBYTES + len ||
	    crypto_box_seal_open(ret_secret, answer, answer_len,
		public_key->bytes, secret_key) != 0) {
		say("%s", _("the secret that the server released does not "
			    "open here"));
		status = STATUS_UNREACHED;
	}
out:
	sodium_memzero(secret_key, sizeof secret_key);
	secret_free(&public_key);
	return status;
}

static enum status
release(struct card *card, const char *id, const char *why,
    struct card_secrets *ret_secrets)
{
	enum status status;

	status = release_one(card, id, "card_management", why,
	    ret_secrets->management, PIV_MANAGEMENT);
	if (status == STATUS_DONE)
		status = release_one(card, id, "card_puk", why,
		    (unsigned char *)ret_secrets->puk, PIV_PUK);
	ret_secrets->puk[PIV_PUK] = '\0';
	return status;
}

enum status
card_release(struct card *card, const char *why)
{
	return release(card, card->id, why, &card->secrets);
}

static enum status
say_not_new(void)
{
	say("%s",
	    _("that is not a new card: its PUK or management key is neither "
	      "its maker's nor in escrow here. Reset it with its maker's tool "
	      "and try again"));
	return STATUS_READER;
}

enum status
card_is_new(struct desk *desk)
{
	enum error err;

	if (piv_version(desk->piv)[0] == '\0') {
		say("%s", _("that card has no command to change its management "
			    "key; it can only be bound (card bind)"));
		return STATUS_READER;
	}
	err = piv_manage(desk->piv, NULL);
	if (err == ERR_OK)
		err =
		    piv_change_puk(desk->piv, PIV_PUK_DEFAULT, PIV_PUK_DEFAULT);
	return err == ERR_MISMATCH || err == ERR_DENIED ? say_not_new()
							: desk_took(desk, err);
}

enum status
card_mark(struct card *card, bool write)
{
	struct piv *piv = card->desk->piv;
	unsigned char guid[PIV_GUID];
	enum error err = piv_read_guid(piv, guid);

	if (err == ERR_OK) {
		memcpy(card->guid, guid, sizeof guid);
	} else if (err == ERR_NOTFOUND) {
		if (sodium_is_zero(card->guid, sizeof card->guid))
			randombytes_buf(card->guid, sizeof card->guid);
		err = write ? piv_write_guid(piv, card->guid) : ERR_OK;
	}
	return desk_took(card->desk, err);
}

/* The card has these, and gets ours. */
static enum error
exchange(struct card *card, const unsigned char *management, const char *puk)
{
	struct piv *piv = card->desk->piv;
	enum error err = piv_manage(piv, management);

	if (err == ERR_OK)
		err = piv_set_management(piv, card->secrets.management);
	if (err == ERR_OK)
		err = piv_change_puk(piv, puk, card->secrets.puk);
	return err;
}

/*
 * The management key tells how far an interrupted run came. Ours: it is
 * set, and the PUK may be; ours is tried first, so that a wrong one costs a
 * try only in the one place where an interruption can have left the old.
 */
enum status
card_take_over(struct card *card)
{
	struct piv *piv = card->desk->piv;
	const char *puk = card->secrets.puk;
	struct card_secrets before = {0};
	const bool used = card->before[0] != '\0';
	const char *old_puk = PIV_PUK_DEFAULT;
	enum status status;
	enum error err;

	err = piv_manage(piv, card->secrets.management);
	if (err == ERR_OK) {
		err = piv_change_puk(piv, puk, puk);
		if (err != ERR_MISMATCH)
			return desk_took(card->desk, err);
	} else if (err == ERR_MISMATCH && !used) {
		err = exchange(card, NULL, PIV_PUK_DEFAULT);
		return err == ERR_MISMATCH ? say_not_new()
					   : desk_took(card->desk, err);
	} else if (err != ERR_MISMATCH) {
		return desk_took(card->desk, err);
	}
	/* an old PUK, or all of what a former life of the card left in it */
	if (used) {
		status = release(card, card->before, "used again", &before);
		if (status != STATUS_DONE)
			return status;
		old_puk = before.puk;
	}
	if (piv_manage(piv, card->secrets.management) == ERR_OK)
		err = piv_change_puk(piv, old_puk, puk);
	else
		err = exchange(card, before.management, old_puk);
	if (err == ERR_MISMATCH && used) /* its maker's tool has reset it */
		err = exchange(card, NULL, PIV_PUK_DEFAULT);
	sodium_memzero(&before, sizeof before);
	return err == ERR_MISMATCH ? say_not_new() : desk_took(card->desk, err);
}

enum status
card_make_keys(struct card *card, enum piv_algorithm algorithm)
{
	static const enum piv_slot slots[CARD_KEYS] = {PIV_9A, PIV_9E};
	enum error err = ERR_OK;
	int i;

	for (i = 0; i < CARD_KEYS && err == ERR_OK; i++) {
		struct card_key *key = &card->key[i];

		key->slot = slots[i];
		err = piv_generate(card->desk->piv, key->slot, algorithm,
		    key->spki, &key->spki_len);
	}
	return desk_took(card->desk, err);
}

/* The certificates themselves: the server judges whose word they are. */
static void
add_base64(
    json_t *about, const char *name, const unsigned char *der, size_t len)
{
	char text[OBJECT_TEXT];

	(void)sodium_bin2base64(
	    text, sizeof text, der, len, sodium_base64_VARIANT_ORIGINAL);
	(void)json_object_set_new(about, name, json_string(text));
}

/* What the card says about a key that it made, if it can say such things. */
static enum error
attest(struct card *card, const struct card_key *key)
{
	unsigned char said[PIV_OBJECT_MAX], by[PIV_OBJECT_MAX];
	struct piv *piv = card->desk->piv;
	struct attestation found;
	size_t said_len, by_len;
	json_t *about;
	enum error err;

	err = piv_attest(piv, key->slot, said, &said_len);
	if (err == ERR_OK)
		err = piv_attester(piv, by, &by_len);
	if (err != ERR_OK) /* most cards do not know how */
		return err == ERR_CLOSED ? err : ERR_OK;
	err = attestation_check(
	    said, said_len, by, by_len, key->spki, key->spki_len, &found);
	if (err == ERR_OK)
		about = json_pack("{s:s, s:s, s:I, s:i, s:i, s:s}", "chain",
		    "own", "firmware", found.version, "serial",
		    (json_int_t)found.serial, "pin_policy", found.pin_policy,
		    "touch_policy", found.touch_policy, "attester",
		    found.attester);
	else
		about = json_pack("{s:s}", "chain", "wrong");
	add_base64(about, "statement", said, said_len);
	add_base64(about, "attester_certificate", by, by_len);
	(void)json_object_set_new(
	    card->attestation, slot_text(key->slot), about);
	return ERR_OK;
}

enum status
card_examine(struct card *card)
{
	const unsigned char digest[32] = {0};
	unsigned char signature[PIV_SIGNATURE_MAX];
	struct card_key *login = &card->key[0];
	size_t len;
	enum error err;
	int i;

	json_decref(card->attestation);
	card->attestation =
	    json_pack("{s:s}", "version", piv_version(card->desk->piv));
	err = piv_sign(card->desk->piv, login->slot, login->spki,
	    login->spki_len, digest, signature, &len);
	if (err == ERR_OK) {
		say("%s", _("the card signs without its PIN; a login with it "
			    "would prove less than it says. Such a card cannot "
			    "be used"));
		return STATUS_READER;
	}
	if (err != ERR_DENIED)
		return desk_took(card->desk, err);
	(void)json_object_set_new(
	    card->attestation, "refused_before_pin", json_true());
	err = ERR_OK;
	for (i = 0; i < CARD_KEYS && err == ERR_OK; i++)
		err = attest(card, &card->key[i]);
	return desk_took(card->desk, err);
}

static enum scheme
scheme_of(const struct card_key *key)
{
	struct spki spki;

	return spki_parse(key->spki, key->spki_len, &spki) == ERR_OK &&
		       spki.kind == KEY_RSA
		   ? SCHEME_RSA_PKCS1_SHA256
		   : SCHEME_ECDSA_SHA256;
}

/* "9a  " and the request, signed by the card. */
static enum status
write_request(
    struct card *card, const struct card_key *key, struct secret **ret_payload)
{
	const char *subject =
	    card->login[0] != '\0' && strlen(card->login) <= 64 ? card->login
								: "card";
	unsigned char digest[SIGNATURE_DIGEST], der[REQUEST_MAX];
	unsigned char signature[PIV_SIGNATURE_MAX];
	struct request *request = NULL;
	struct secret *payload = NULL;
	enum status status;
	size_t len, der_len;
	enum error err;

	err = request_new(key->spki, key->spki_len, subject, &request);
	if (err == ERR_OK)
		err = request_digest(request, digest);
	if (err != ERR_OK)
		return desk_took(card->desk, err);
	err = piv_sign(card->desk->piv, key->slot, key->spki, key->spki_len,
	    digest, signature, &len);
	status = desk_took(card->desk, err);
	if (status != STATUS_DONE)
		goto out;
	err = request_finish(
	    request, scheme_of(key), signature, len, der, &der_len);
	if (err == ERR_OK)
		err = secret_new(SLOT_TEXT + der_len, &payload);
	if (err != ERR_OK) {
		status = desk_took(card->desk, err);
		goto out;
	}
	memcpy(payload->bytes, "    ", SLOT_TEXT);
	memcpy(
	    payload->bytes, slot_text(key->slot), strlen(slot_text(key->slot)));
	memcpy(payload->bytes + SLOT_TEXT, der, der_len);
	*ret_payload = payload;
out:
	request_free(&request);
	return status;
}

static enum status
certify(struct card *card, const struct card_key *key)
{
	unsigned char der[PIV_OBJECT_MAX], back[PIV_OBJECT_MAX];
	struct piv *piv = card->desk->piv;
	struct secret *payload = NULL;
	size_t len, back_len = 0;
	enum status status;
	enum error err;

	status = write_request(card, key, &payload);
	if (status == STATUS_DONE)
		status = order_card(card->desk->call, "card_certificate",
		    card->id, NULL, payload, der, sizeof der, &len);
	secret_free(&payload);
	if (status != STATUS_DONE)
		return status;
	err = piv_write_certificate(piv, key->slot, der, len);
	if (err == ERR_OK)
		err = piv_read_certificate(piv, key->slot, back, &back_len);
	status = desk_took(card->desk, err);
	if (status == STATUS_DONE &&
	    (back_len != len || memcmp(back, der, len) != 0)) {
		say("%s", _("the card does not give back what was written to "
			    "it; it is faulty"));
		status = STATUS_READER;
	}
	return status;
}

enum status
card_certify(struct card *card)
{
	enum status status = STATUS_DONE;
	int i;

	for (i = 0; i < CARD_KEYS && status == STATUS_DONE; i++)
		status = certify(card, &card->key[i]);
	return status;
}

/* The proof of one key behind those that stand there already. */
static enum status
put_proof(struct card *card, const struct card_key *key,
    const unsigned char digest[SIGNED_DIGEST], struct secret *proofs)
{
	unsigned char *at = proofs->bytes + proofs->len;
	size_t len;
	enum error err;

	err = piv_sign(card->desk->piv, key->slot, key->spki, key->spki_len,
	    digest, at + PROOF_HEAD, &len);
	if (err != ERR_OK)
		return desk_took(card->desk, err);
	spki_key_id(key->spki, key->spki_len, at);
	at[32] = (unsigned char)scheme_of(key);
	at[33] = (unsigned char)(len >> 8);
	at[34] = (unsigned char)len;
	proofs->len += PROOF_HEAD + len;
	return STATUS_DONE;
}

enum status
card_ask_challenge(struct call *call, const char *id, const char *guid,
    const char *about, unsigned char ret_challenge[32])
{
	const char *hex;
	enum status status;
	json_t *answer;
	size_t len;

	status = database_call(call, "card_challenge",
	    PARAMETERS(
		{"p_token", id}, {"p_guid", guid}, {"p_attestation", about}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	hex = field(answer, "challenge");
	if (hex_decode(hex, strlen(hex), ret_challenge, SIGNED_CHALLENGE,
		&len) != ERR_OK ||
	    len != SIGNED_CHALLENGE) {
		say("%s", _("the database's answer makes no sense"));
		status = STATUS_UNREACHED;
	}
	json_decref(answer);
	return status;
}

static enum status
ask_challenge(struct card *card, unsigned char ret[SIGNED_CHALLENGE])
{
	char guid[2 * PIV_GUID + 3], about[CARD_ABOUT + 1] = "{}";
	size_t n;

	db_bytea(card->guid, PIV_GUID, guid);
	n = json_dumpb(card->attestation, about, CARD_ABOUT, JSON_COMPACT);
	if (n > CARD_ABOUT)
		return desk_took(card->desk, ERR_INPUT);
	if (n > 0)
		about[n] = '\0';
	return card_ask_challenge(card->desk->call, card->id, guid, about, ret);
}

enum status
card_prove(struct card *card)
{
	enum { ROOM = CARD_KEYS * (PROOF_HEAD + PIV_SIGNATURE_MAX) };
	unsigned char challenge[SIGNED_CHALLENGE], digest[SIGNED_DIGEST];
	const struct signed_fields fields = {.purpose = "enrolment",
	    .server_id = card->desk->call->conf.server_id,
	    .client_id = card->id,
	    .login = card->login,
	    .challenge = challenge};
	struct secret *proofs = NULL;
	enum status status;
	enum error err;
	int i;

	status = ask_challenge(card, challenge);
	if (status != STATUS_DONE)
		return status;
	err = signed_digest(&fields, digest);
	if (err == ERR_OK)
		err = secret_new(ROOM, &proofs);
	if (err != ERR_OK)
		return desk_took(card->desk, err);
	proofs->len = 0;
	for (i = 0; i < CARD_KEYS && status == STATUS_DONE; i++)
		status = put_proof(card, &card->key[i], digest, proofs);
	if (status == STATUS_DONE)
		status = order_card(card->desk->call, "card_prove", card->id,
		    NULL, proofs, NULL, 0, NULL);
	proofs->len = ROOM;
	secret_free(&proofs);
	return status;
}
