/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_args.h - the arguments of orders about cards, as docs/protocol.md,
 * "Orders", writes them. ERR_INPUT for anything else. Results point into what
 * was given. */
#ifndef SEKISHO_AUTHD_CARD_ARGS_H
#define SEKISHO_AUTHD_CARD_ARGS_H

#include "common/crypto/der.h"
#include "common/crypto/signature.h"

enum { CARD_SLOT = 5, CARD_CA_NAME = 193, CARD_CA_YEARS_MAX = 30 };

struct card_request { /* card_certificate */
	char slot[CARD_SLOT];
	struct der csr;
};

MUST_CHECK enum error card_args_request(
    const void *octets, size_t len, struct card_request *ret_request);

struct card_proof {		     /* one of card_prove */
	const unsigned char *key_id; /* SPKI_KEY_ID octets */
	enum scheme scheme;
	struct der signature;
};

/* Takes one off the front. */
MUST_CHECK enum error card_args_proof(
    struct der *in, struct card_proof *ret_proof);

struct card_ca { /* ca_init: "P-384 20 NAME" */
	char kind[8];
	int years;
	char name[CARD_CA_NAME]; /* at most 64 characters */
};

MUST_CHECK enum error card_args_ca(
    const void *octets, size_t len, struct card_ca *ret_ca);

#endif
