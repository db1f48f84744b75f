/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order.h - what only the keyring can do is placed in the database as an
 * order, its arguments sealed; the server's clerk executes it once.
 */
#ifndef SEKISHO_CARDTOOLS_ORDER_H
#define SEKISHO_CARDTOOLS_ORDER_H

#include "cardtools/command.h"
#include "common/base/secret.h"

/*
 * Places the order and waits for its end. STATUS_REFUSED if the server
 * refused it, STATUS_UNREACHED if it did not answer; both have been said.
 */
enum status order_run(struct call *call, const char *kind, const char *login,
    const char *token, const struct secret *payload);

/*
 * The same about a card (functions card_order and card_*). The answer goes
 * into ret_answer of cap octets; NULL if none is wanted.
 */
enum status order_card(struct call *call, const char *kind, const char *token,
    const char *why, const struct secret *payload, unsigned char *ret_answer,
    size_t cap, size_t *ret_len);

#endif
