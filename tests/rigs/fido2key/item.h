/* SPDX-License-Identifier: GPL-2.0-or-later */
/* item.h - CBOR maps as CTAP2 has them, by libcbor. */
#ifndef SEKISHO_FIDO2KEY_ITEM_H
#define SEKISHO_FIDO2KEY_ITEM_H

#include <cbor.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member of a map, which keeps it; NULL where there is none, or no map. */
cbor_item_t *item_at(const cbor_item_t *map, int key);
cbor_item_t *item_named(const cbor_item_t *map, const char *name);

/* False for another type, one that does not fit, and for NULL. */
bool item_bytes(const cbor_item_t *item, const uint8_t **ret, size_t *ret_len);
bool item_text(const cbor_item_t *item, char *ret_text, size_t size);
bool item_number(const cbor_item_t *item, int *ret_number);

/* 1 or 0 of a boolean; -1 for anything else. */
int item_truth(const cbor_item_t *item);

/* Adds a member, and takes the value over. In the order they are called. */
void item_put(cbor_item_t *map, int key, cbor_item_t *value);
void item_put_named(cbor_item_t *map, const char *name, cbor_item_t *value);
void item_push(cbor_item_t *array, cbor_item_t *value);

cbor_item_t *item_int(int number);

#endif
