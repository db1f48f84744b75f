/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * der.h - a reader of DER (X.690 10, 11) that takes no other encoding: tags
 * of one octet, definite lengths in their shortest form. It copies nothing.
 * OpenSSL's own reader takes BER as well, so two texts would be one key.
 */
#ifndef SEKISHO_CRYPTO_DER_H
#define SEKISHO_CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>

struct der {
	const unsigned char *octets;
	size_t len;
};

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_SEQUENCE = 0x30
};

/* Takes one value with this tag off the front; false if there is none. */
bool der_take(struct der *in, unsigned tag, struct der *ret_contents);

/* The same, but tag and length stay with it. */
bool der_take_whole(struct der *in, unsigned tag, struct der *ret_value);

/* Like der_take, and nothing may follow. */
bool der_only(struct der in, unsigned tag, struct der *ret_contents);

/* A positive INTEGER: its octets without the 00 that keeps it positive. */
bool der_positive(struct der *in, struct der *ret_number);

/* True if the octets begin with these. */
bool der_skip(struct der *in, const void *octets, size_t len);

#endif
