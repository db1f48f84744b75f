/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlv.h - BER-TLV as smart cards use it (ISO/IEC 7816-4 5.2): tags of one to
 * three octets, definite lengths up to 65535. Reading never copies.
 */
#ifndef SEKISHO_PIV_TLV_H
#define SEKISHO_PIV_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

struct tlv {
	uint32_t tag;
	const uint8_t *value;
	size_t len;
};

struct tlv_reader {
	const uint8_t *at;
	size_t left;
};

/* The next object. ERR_NOTFOUND at the end, ERR_INPUT if it is cut short. */
MUST_CHECK enum error tlv_next(struct tlv_reader *reader, struct tlv *ret_tlv);

/* The first object of that tag at the top level. */
MUST_CHECK enum error tlv_find(
    const uint8_t *bytes, size_t len, uint32_t tag, struct tlv *ret_tlv);

/* Octets that grow up to a bound; the first failure sticks. */
struct buf {
	uint8_t *bytes;
	size_t cap, len;
	bool failed;
};

void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_put_head(struct buf *buf, uint32_t tag, size_t len);
void buf_put_tlv(struct buf *buf, uint32_t tag, const void *value, size_t len);

/* How many octets tag and length of such an object take. */
size_t tlv_head_len(uint32_t tag, size_t len);

#endif
