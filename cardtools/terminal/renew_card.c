/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/renew_card.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/piv.h"
#include "common/crypto/certificate.h"
#include "common/crypto/signature.h"
#include "common/wire/signed.h"

enum { PROOF_HEAD = SPKI_KEY_ID + 3, PIN_ROOM = PIV_PIN_MAX + 1 };

static const enum piv_slot slots[RENEWAL_KEYS] = {PIV_9A, PIV_9E};

static void
put_outcome(struct frame *frame, enum card_outcome outcome)
{
	const char digit[2] = {(char)('0' + (int)outcome), '\0'};

	frame_put_text(frame, digit);
}

void
renew_failure(struct frame *frame, enum frame_kind kind,
    enum card_outcome outcome, const char *why)
{
	frame_begin(frame, kind);
	put_outcome(frame, outcome);
	if (kind == FRAME_PROVEN)
		frame_put_text(frame, "");
	frame_put_text(frame, why);
}

struct proving {
	char reader[CARD_READER];
	char pin[PIN_ROOM];
	char server_id[PACKET_STRING], client_id[PACKET_STRING];
	char login[PACKET_STRING];
	unsigned char digest[SIGNED_DIGEST];
	size_t len;
	unsigned char proof[RENEWAL_PROOF_MAX];
};

static enum error
take_question(const struct frame *q, struct proving *p)
{
	unsigned char challenge[RENEWAL_CHALLENGE];
	const struct signed_fields fields = {
	    RENEWAL_PURPOSE, p->server_id, p->client_id, p->login, challenge};

	if (q->n != 8 || q->field[7].len != SPKI_KEY_ID ||
	    q->field[5].len != RENEWAL_CHALLENGE ||
	    q->field[6].len != RENEWAL_PUBLIC ||
	    frame_text(q, 0, p->reader, sizeof p->reader) != ERR_OK ||
	    frame_text(q, 1, p->pin, sizeof p->pin) != ERR_OK ||
	    frame_text(q, 2, p->server_id, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 3, p->client_id, PACKET_STRING) != ERR_OK ||
	    frame_text(q, 4, p->login, PACKET_STRING) != ERR_OK)
		return ERR_INPUT;
	renewal_challenge(q->field[5].bytes, q->field[6].bytes, challenge);
	return signed_digest(&fields, p->digest);
}

/* The proof of one key behind those that stand there already. */
static enum error
prove_one(struct piv *piv, enum piv_slot slot, struct proving *p)
{
	unsigned char der[PIV_OBJECT_MAX], made[PIV_SIGNATURE_MAX];
	struct certificate certificate;
	struct spki spki;
	unsigned char *at = p->proof + p->len;
	enum scheme scheme;
	size_t len, n;
	enum error err;

	err = piv_read_certificate(piv, slot, der, &len);
	if (err == ERR_OK)
		err = certificate_parse(der, len, &certificate);
	if (err == ERR_OK)
		err = spki_parse(
		    certificate.spki.octets, certificate.spki.len, &spki);
	if (err == ERR_OK)
		err = piv_sign(piv, slot, certificate.spki.octets,
		    certificate.spki.len, p->digest, made, &n);
	if (err != ERR_OK)
		return err;
	scheme = spki.kind == KEY_RSA ? SCHEME_RSA_PKCS1_SHA256
				      : SCHEME_ECDSA_SHA256;
	if (n > sizeof p->proof - p->len - PROOF_HEAD ||
	    signature_verify(certificate.spki.octets, certificate.spki.len,
		scheme, p->digest, made, n) != ERR_OK)
		return ERR_SYSTEM;
	memcpy(at, certificate.key_id, SPKI_KEY_ID);
	at[SPKI_KEY_ID] = (unsigned char)scheme;
	at[SPKI_KEY_ID + 1] = (unsigned char)(n >> 8);
	at[SPKI_KEY_ID + 2] = (unsigned char)n;
	memcpy(at + PROOF_HEAD, made, n);
	p->len += PROOF_HEAD + n;
	return ERR_OK;
}

static enum card_outcome
outcome_of(enum error err)
{
	return err == ERR_CLOSED     ? CARD_GONE
	       : err == ERR_MISMATCH ? CARD_PIN_WRONG
	       : err == ERR_DENIED   ? CARD_PIN_BLOCKED
				     : CARD_FAILED;
}

static void
fail(struct frame *answer, enum frame_kind kind, enum error err,
    const struct piv *piv)
{
	char why[200];

	(void)snprintf(why, sizeof why, "%s%s%s", error_text(err),
	    piv != NULL ? ": " : "", piv != NULL ? piv_why(piv) : "");
	renew_failure(answer, kind, outcome_of(err), why);
}

/* Whose PIN it is not would lose a try for it. */
static enum error
is_same(struct piv *piv, const unsigned char key_id[SPKI_KEY_ID])
{
	unsigned char der[PIV_OBJECT_MAX];
	struct certificate certificate;
	enum error err;
	size_t len;

	err = piv_read_certificate(piv, PIV_9A, der, &len);
	if (err == ERR_OK)
		err = certificate_parse(der, len, &certificate);
	if (err == ERR_OK &&
	    !secret_equal(certificate.key_id, SPKI_KEY_ID, key_id, SPKI_KEY_ID))
		err = ERR_CLOSED;
	return err;
}

void
renew_prove(const struct settings *settings, const struct frame *question,
    struct frame *ret_answer)
{
	struct proving p = {.len = 0};
	char readers[PIV_READERS];
	struct piv *piv = NULL;
	int tries = 0;
	enum error err;
	size_t i;

	err = take_question(question, &p);
	/* Nothing is signed for another terminal, whoever may ask for it. */
	if (err == ERR_OK && strcmp(p.client_id, settings->client_id) != 0) {
		renew_failure(ret_answer, FRAME_PROVEN, CARD_FOREIGN,
		    "the challenge is not for this client");
		goto out;
	}
	if (err == ERR_OK)
		err = piv_open(p.reader, &piv, readers);
	if (err == ERR_OK)
		err = is_same(piv, question->field[7].bytes);
	if (err == ERR_OK)
		err = piv_verify(piv, p.pin, &tries);
	for (i = 0; i < RENEWAL_KEYS && err == ERR_OK; i++)
		err = prove_one(piv, slots[i], &p);
	if (err != ERR_OK) {
		fail(ret_answer, FRAME_PROVEN, err, piv);
		goto out;
	}
	frame_begin(ret_answer, FRAME_PROVEN);
	put_outcome(ret_answer, CARD_OK);
	frame_put(ret_answer, p.proof, p.len);
	frame_put_text(ret_answer, "");
out:
	sodium_memzero(p.pin, sizeof p.pin);
	piv_close(&piv);
}

static bool
takes_slot(const struct field *field, enum piv_slot *ret_slot)
{
	size_t i;

	for (i = 0; i < RENEWAL_KEYS && field->len == 1; i++) {
		if (field->bytes[0] == (unsigned char)slots[i]) {
			*ret_slot = slots[i];
			return true;
		}
	}
	return false;
}

/* Only for the key that the slot has already, and read back. */
static enum error
write_one(struct piv *piv, enum piv_slot slot, const struct field *new_der)
{
	unsigned char der[PIV_OBJECT_MAX];
	struct certificate was, is;
	enum error err;
	size_t len;

	err = piv_read_certificate(piv, slot, der, &len);
	if (err == ERR_OK)
		err = certificate_parse(der, len, &was);
	if (err == ERR_OK)
		err = certificate_parse(new_der->bytes, new_der->len, &is);
	if (err == ERR_OK &&
	    !secret_equal(was.key_id, SPKI_KEY_ID, is.key_id, SPKI_KEY_ID))
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = piv_write_certificate(
		    piv, slot, new_der->bytes, new_der->len);
	if (err == ERR_OK)
		err = piv_read_certificate(piv, slot, der, &len);
	if (err == ERR_OK &&
	    (len != new_der->len || memcmp(der, new_der->bytes, len) != 0))
		err = ERR_SYSTEM;
	return err;
}

void
renew_write(const struct frame *question, struct frame *ret_answer)
{
	char reader[CARD_READER], readers[PIV_READERS];
	struct piv *piv = NULL;
	enum piv_slot slot;
	enum error err = ERR_INPUT;
	size_t i;

	if (question->n >= 4 && question->n <= 2 + 2 * RENEWAL_KEYS &&
	    question->n % 2 == 0 && question->field[1].len == PIV_MANAGEMENT &&
	    frame_text(question, 0, reader, sizeof reader) == ERR_OK)
		err = piv_open(reader, &piv, readers);
	if (err == ERR_OK)
		err = piv_manage(piv, question->field[1].bytes);
	for (i = 2; i < question->n && err == ERR_OK; i += 2) {
		if (takes_slot(&question->field[i], &slot))
			err = write_one(piv, slot, &question->field[i + 1]);
		else
			err = ERR_INPUT;
	}
	if (err != ERR_OK) {
		fail(ret_answer, FRAME_WRITTEN, err, piv);
	} else {
		frame_begin(ret_answer, FRAME_WRITTEN);
		put_outcome(ret_answer, CARD_OK);
		frame_put_text(ret_answer, "");
	}
	piv_close(&piv);
}
