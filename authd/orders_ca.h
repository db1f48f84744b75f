/* SPDX-License-Identifier: GPL-2.0-or-later */
/* orders_ca.h - what the card CA signs because somebody ordered it. */
#ifndef SEKISHO_AUTHD_ORDERS_CA_H
#define SEKISHO_AUTHD_ORDERS_CA_H

#include "authd/card_order.h"

/* A certificate for a key of a card; args are opened. */
MUST_CHECK enum error orders_ca_certificate(
    struct duty *duty, struct card_order *order);

/* The CA's own key and certificate. */
MUST_CHECK enum error orders_ca_init(
    struct duty *duty, struct card_order *order);

#endif
