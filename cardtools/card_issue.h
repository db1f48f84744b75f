/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * card_issue.h - how a blank card becomes somebody's, or the stock's, in an
 * order in which any step may be the last: what was done is found again and
 * done again, and before the server has checked both keys the card is worth
 * nothing.
 */
#ifndef SEKISHO_CARDTOOLS_CARD_ISSUE_H
#define SEKISHO_CARDTOOLS_CARD_ISSUE_H

#include "cardtools/card_work.h"

enum status card_issue(struct call *call);
enum status card_replace(struct call *call);

/* Where the card in the reader stands. */
enum beginning {
	BEGIN_NEW,     /* nobody has begun with it */
	BEGIN_AGAIN,   /* this command was interrupted */
	BEGIN_DONE,    /* it is this person's card already */
	BEGIN_REFUSED, /* it is in use otherwise; said */
};

/* By what the database knows of it; writes card->id, guid and before. */
enum beginning card_judge(struct card *card, const json_t *found);

/*
 * Secrets into escrow, then into the card; after an interruption out of
 * escrow, and into the card as far as they are not there yet.
 */
enum status card_open(
    struct card *card, const json_t *found, const char *number);

/*
 * From keys to proof: requests, certificates, proof. The PIN is set and known;
 * with secrets the card is opened for management already.
 */
enum status card_finish(struct card *card, const struct secret *pin);

/* What was done, as a sentence or as JSON. */
enum status card_report(struct call *call, const char *id, const char *text);

#endif
