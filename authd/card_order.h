/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card_order.h - one order about a card or the card CA, in the clerk's hands.
 */
#ifndef SEKISHO_AUTHD_CARD_ORDER_H
#define SEKISHO_AUTHD_CARD_ORDER_H

#include <stdbool.h>

#include "authd/duty.h"
#include "common/base/hex.h"
#include "common/crypto/der.h"
#include "common/crypto/seal.h"
#include "common/wire/message.h"
#include "common/wire/signed.h"

/* The texts belong to the database's answer; "" where there is none. */
struct card_order {
	const char *id, *kind, *token, *login, *name, *sid, *realm, *crl_url,
	    *number;	      /* printed on the card */
	int64_t member_until; /* 0: no end; -1: no affiliation at all */
	int64_t days;	      /* of validity */
	int64_t now;	      /* the database's */
	bool has_challenge;
	unsigned char challenge[SIGNED_CHALLENGE];
	unsigned char args_bytes[SEAL_BOX_MAX], box_bytes[SEAL_BOX_MAX];
	Sekisho__SealedBox args, box; /* box: in escrow, or empty */
	struct der opened;	      /* the arguments, in the arena */
};

/* Ends the order with a reason that order_words() of card-admin knows. */
MUST_CHECK enum error card_order_refuse(
    struct duty *duty, const struct card_order *order, const char *reason);

/*
 * The escrowed secret of the order's card, opened and sealed again by the
 * keyring; kind is SEAL_PUK or SEAL_MANAGEMENT. In the arena. ERR_CRYPTO: it
 * does not open.
 */
MUST_CHECK enum error card_order_release(struct duty *duty,
    const struct card_order *order, const char *kind,
    const unsigned char public_key[SEAL_PUBLIC_KEY], struct der *ret_sealed);

#endif
