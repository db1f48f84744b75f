/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cbor.h - is this one item of CBOR in the narrow form that CTAP2 prescribes
 * (CTAP 2.1, 8: canonical encoding)? What is, libcbor may read: no length is
 * larger than what is there, nothing is nested deeply, no map has a key twice.
 */
#ifndef SEKISHO_CRYPTO_CBOR_H
#define SEKISHO_CRYPTO_CBOR_H

#include <cbor.h>
#include <stddef.h>

#include "common/base/error.h"

enum { CBOR_DEPTH = 4, CBOR_ENTRIES = 32, CBOR_NAME = 32 };

/*
 * Looks at the item that octets begin with; *ret_used is its length. ERR_INPUT
 * for indefinite lengths, numbers that could be shorter, tags, floats,
 * undefined and other simple values, text that is not UTF-8, more than
 * CBOR_DEPTH levels (a map's key is a number or text), more than CBOR_ENTRIES
 * elements of a list or map, a key that stands twice, and what is cut off. The
 * order of keys is not looked at.
 */
MUST_CHECK enum error cbor_strict(
    const void *octets, size_t len, size_t *ret_used);

/*
 * The item, all of octets and strict. *ret_item is the caller's, for
 * cbor_decref. ERR_INPUT if it is not such; ERR_NOMEM.
 */
MUST_CHECK enum error cbor_item(
    const void *octets, size_t len, cbor_item_t **ret_item);

/* A map's value under a text or a number, borrowed; NULL if there is none. */
cbor_item_t *cbor_under(const cbor_item_t *map, const char *name);
cbor_item_t *cbor_at(const cbor_item_t *map, int64_t number);

/* Whether item is a number that fits, or octets (borrowed). NULL is neither. */
bool cbor_number(const cbor_item_t *item, int64_t *ret_number);
bool cbor_octets(
    const cbor_item_t *item, const unsigned char **ret_octets, size_t *ret_len);

#endif
