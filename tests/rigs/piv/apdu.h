/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apdu.h - commands and answers (ISO/IEC 7816-4 5.1): short and extended
 * lengths, command chaining, and answers fetched in pieces by GET RESPONSE.
 * An applet sees whole commands and gives whole answers.
 */
#ifndef SEKISHO_PIV_APDU_H
#define SEKISHO_PIV_APDU_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "tests/rigs/piv/tlv.h"

enum {
	APDU_MAX = 65535,     /* the driver's two octets of length */
	APDU_DATA_MAX = 8192, /* of a chained command, and of an answer */
};

enum sw {
	SW_OK = 0x9000,
	SW_MORE = 0x6100,
	SW_TRIES = 0x63c0, /* + tries left */
	SW_FAILURE = 0x6400,
	SW_MEMORY = 0x6581,
	SW_LENGTH = 0x6700,
	SW_CHAIN = 0x6883,
	SW_SECURITY = 0x6982,
	SW_BLOCKED = 0x6983,
	SW_CONDITIONS = 0x6985,
	SW_NO_EF = 0x6986,
	SW_DATA = 0x6a80,
	SW_FUNCTION = 0x6a81,
	SW_NOT_FOUND = 0x6a82,
	SW_P1P2 = 0x6a86,
	SW_REFERENCE = 0x6a88,
	SW_OFFSET = 0x6b00,
	SW_INS = 0x6d00,
	SW_CLA = 0x6e00,
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	const uint8_t *data;
	size_t len;
	size_t le; /* how many octets the answer may have; 256 if not said */
};

/* What an applet answers. */
struct reply {
	uint8_t bytes[APDU_DATA_MAX];
	struct buf data;    /* over bytes */
	bool has_signature; /* it ends with one, for the fault that spoils it */
};

/* A card's application. self is its own. */
struct applet {
	const char *kind;
	const uint8_t *atr;
	size_t atr_len;
	void (*reset)(void *self); /* power on, or a warm reset */
	uint16_t (*run)(
	    void *self, const struct apdu *apdu, struct reply *reply);
	bool (*signs)(void *self, const struct apdu *apdu);
	void (*count)(void *self, json_t *object); /* tries left and the like */
	void (*free)(void *self);
	void *self;
};

/* A conversation with one card since its last reset. */
struct talk {
	uint8_t chain[APDU_DATA_MAX];
	size_t chain_len;
	uint8_t chain_head[4];
	bool chained;
	struct reply reply;
	size_t given; /* of the reply */
	uint16_t sw;
};

MUST_CHECK enum error apdu_parse(
    const uint8_t *bytes, size_t len, struct apdu *ret_apdu);

void talk_reset(struct talk *talk);

/*
 * Adds to a chain. ERR_OK: *ret_apdu is a whole command; ERR_BUSY: more is
 * to come; else *ret_sw is the refusal.
 */
MUST_CHECK enum error talk_take(struct talk *talk, const struct apdu *part,
    struct apdu *ret_apdu, uint16_t *ret_sw);

/* The next piece of the answer and its status word into out of le + 2. */
size_t talk_give(struct talk *talk, size_t le, uint8_t *out);

#endif
