/* SPDX-License-Identifier: GPL-2.0-or-later */
/* orders_ca.h - what the card CA signs because somebody ordered it. */
#ifndef SEKISHO_AUTHD_ORDERS_CA_H
#define SEKISHO_AUTHD_ORDERS_CA_H

#include "authd/card_order.h"
#include "common/crypto/certificate.h"

/* A certificate for a key of a card; args are opened. */
MUST_CHECK enum error orders_ca_certificate(
    struct duty *duty, struct card_order *order);

/*
 * Another certificate for a key that a card of the order's person has in this
 * slot. *ret_why: why there is none, NULL if there is.
 */
struct orders_ca_made {
	char issuer[UUID_TEXT];
	size_t len;
	unsigned char der[CERTIFICATE_MAX];
};

MUST_CHECK enum error orders_ca_recertify(struct duty *duty,
    const struct card_order *order, const char *slot, const struct spki *spki,
    struct der spki_der, struct orders_ca_made *ret_made, const char **ret_why);

/* The CA's own key and certificate. */
MUST_CHECK enum error orders_ca_init(
    struct duty *duty, struct card_order *order);

#endif
