/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * orders_renew.h - new certificates over the keys of a card whose holder has
 * proven, with all of them and the PIN, that it is there; and the card's
 * management key for whoever holds the one-time key that they signed.
 */
#ifndef SEKISHO_AUTHD_ORDERS_RENEW_H
#define SEKISHO_AUTHD_ORDERS_RENEW_H

#include "authd/card_order.h"

/* args are opened: client (36), one-time key (32), proofs. */
MUST_CHECK enum error orders_renew(struct duty *duty, struct card_order *order);

#endif
