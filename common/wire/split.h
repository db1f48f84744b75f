/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * split.h - a value that needs more than one vendor attribute (docs/
 * protocol.md). Each piece is one octet of index, counted from 1, one octet
 * of total, and 1 to 245 octets of the value. Pieces are joined in the order
 * in which they stand in the packet, which is the order of their indices;
 * anything missing, doubled, moved or disagreeing refuses the whole value.
 */
#ifndef SEKISHO_WIRE_SPLIT_H
#define SEKISHO_WIRE_SPLIT_H

#include <stddef.h>

#include "common/base/error.h"

enum {
	SPLIT_HEAD = 2,
	SPLIT_PART = 245,			 /* of the value in a piece */
	SPLIT_PIECE = SPLIT_HEAD + SPLIT_PART,	 /* fills an attribute */
	SPLIT_PIECES = 15,			 /* more fill a packet */
	SPLIT_VALUE = SPLIT_PIECES * SPLIT_PART, /* 3,675 octets */
};

/* How many pieces a value of len octets needs; 0 if it cannot be split. */
size_t split_count(size_t len);

/*
 * Piece i of split_count(len), counted from 0. All but the last are full.
 */
MUST_CHECK enum error split_piece(const void *value, size_t len, size_t i,
    unsigned char ret_piece[SPLIT_PIECE], size_t *ret_len);

/* A value being joined, in the caller's own buffer of cap octets. */
struct split {
	unsigned char *value;
	size_t cap;
	size_t len;
	unsigned seen, total;
	enum error err; /* the first fault; no later call undoes it */
};

void split_begin(struct split *split, unsigned char *value, size_t cap);

/* The next piece as it stands in the packet. */
MUST_CHECK enum error split_add(
    struct split *split, const void *piece, size_t len);

/* ERR_INPUT unless every piece came; else the length of the value. */
MUST_CHECK enum error split_end(const struct split *split, size_t *ret_len);

#endif
