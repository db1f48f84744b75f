/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_work.h - the pieces of which issuing, activating, renewing and
 * unblocking are made. Each can be done again after an interruption; none
 * makes a card count but card_prove, which is the server's decision.
 */
#ifndef SEKISHO_CARDTOOLS_CARD_WORK_H
#define SEKISHO_CARDTOOLS_CARD_WORK_H

#include <jansson.h>

#include "cardtools/desk.h"
#include "common/base/hex.h"
#include "common/crypto/signature.h"

/* What opens a card to its office, and never leaves this process in clear. */
struct card_secrets {
	unsigned char management[PIV_MANAGEMENT];
	char puk[PIV_PUK + 1];
};

struct card_key {
	enum piv_slot slot;
	unsigned char spki[SPKI_MAX];
	size_t spki_len;
};

struct card {
	struct desk *desk;
	const char *login; /* "": nobody's yet */
	char id[UUID_TEXT];
	struct card_secrets secrets;
	char before[UUID_TEXT]; /* whose secrets it may have still, or "" */
	unsigned char guid[PIV_GUID];
	struct card_key key[2]; /* 9A, 9E */
	json_t *attestation;
};

enum { CARD_KEYS = 2 };

/* What a card says of itself and its keys, as JSON. */
enum { CARD_ABOUT = 8 * SPKI_MAX + CARD_KEYS * 3 * PIV_OBJECT_MAX };

/* Wipes. */
void card_clear(struct card *card);

void card_secrets_random(struct card_secrets *ret_secrets);

/* Says no unless the card has its maker's keys and PUK. */
enum status card_is_new(struct desk *desk);

/* The GUID by which the card is known again: its own, else card->guid or a
 * random one. To write, the card must be open for management. */
enum status card_mark(struct card *card, bool write);

/* What the database knows of the card in the reader; JSON null if nothing. */
enum status card_find(struct desk *desk, json_t **ret_found);

/*
 * New secrets, sealed and stored under card->id before the card is touched;
 * card->guid goes with them.
 */
enum status card_escrow(
    struct card *card, const char *number, struct call *call);

/* The escrowed secrets, released to this process; why is recorded. */
enum status card_release(struct card *card, const char *why);

/* The card's own management key and PUK become the escrowed ones; also where
 * an interrupted run has done a part of it. */
enum status card_take_over(struct card *card);

/* Makes both keys. */
enum status card_make_keys(struct card *card, enum piv_algorithm algorithm);

/* 9A must not sign before the PIN; then what the card attests. */
enum status card_examine(struct card *card);

/* Requests, certificates from the server, onto the card and read back. The
 * PIN must be verified. */
enum status card_certify(struct card *card);

/* What the card is to sign for the server; guid and about may be NULL. */
enum status card_ask_challenge(struct call *call, const char *id,
    const char *guid, const char *about, unsigned char ret_challenge[32]);

/* Both keys sign the server's challenge; from then on the card counts. */
enum status card_prove(struct card *card);

#endif
