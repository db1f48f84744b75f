/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order.h - what only the keyring can do is placed in the database as an
 * order, its arguments sealed; the server's clerk executes it once.
 */
#ifndef SEKISHO_CARDTOOLS_ORDER_H
#define SEKISHO_CARDTOOLS_ORDER_H

#include <jansson.h>

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

/*
 * What officers compare before one approves what another asks: the first
 * octets of the order's digest, in hexadecimal groups of four. hex: the digest
 * as the database writes it; "" if it is none.
 */
enum { ORDER_DIGEST = 25 };
void order_digest_shown(const char *hex, char ret_text[ORDER_DIGEST]);

/*
 * The same from what was placed, without asking the database: it must not be
 * believed about the arguments. args: a box as keyring_seal writes it.
 */
enum status order_digest_own(const json_t *order, const char *kind,
    const char *args, char ret_text[ORDER_DIGEST]);

#endif
