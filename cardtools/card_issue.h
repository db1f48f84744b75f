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
enum status card_prepare(struct call *call);
enum status card_activate(struct call *call);

/*
 * From keys to proof: requests, certificates, proof. The PIN is set and known;
 * with secrets the card is opened for management already.
 */
enum status card_finish(struct card *card, const struct secret *pin);

/* What was done, as a sentence or as JSON. */
enum status card_report(struct call *call, const char *id, const char *text);

#endif
