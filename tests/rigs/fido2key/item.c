/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/fido2key/item.h"

#include <stdlib.h>
#include <string.h>

bool
item_number(const cbor_item_t *item, int *ret_number)
{
	uint64_t value;

	if (item == NULL || !cbor_is_int(item))
		return false;
	value = cbor_get_int(item);
	if (value > 0xffff)
		return false;
	*ret_number = cbor_isa_negint(item) ? -1 - (int)value : (int)value;
	return true;
}

cbor_item_t *
item_at(const cbor_item_t *map, int key)
{
	const struct cbor_pair *pair;
	size_t i;
	int is;

	if (map == NULL || !cbor_isa_map(map))
		return NULL;
	pair = cbor_map_handle(map);
	for (i = 0; i < cbor_map_size(map); i++) {
		if (item_number(pair[i].key, &is) && is == key)
			return pair[i].value;
	}
	return NULL;
}

cbor_item_t *
item_named(const cbor_item_t *map, const char *name)
{
	const struct cbor_pair *pair;
	char is[32];
	size_t i;

	if (map == NULL || !cbor_isa_map(map))
		return NULL;
	pair = cbor_map_handle(map);
	for (i = 0; i < cbor_map_size(map); i++) {
		if (item_text(pair[i].key, is, sizeof is) &&
		    strcmp(is, name) == 0)
			return pair[i].value;
	}
	return NULL;
}

bool
item_bytes(const cbor_item_t *item, const uint8_t **ret, size_t *ret_len)
{
	if (item == NULL || !cbor_isa_bytestring(item) ||
	    !cbor_bytestring_is_definite(item))
		return false;
	*ret = cbor_bytestring_handle(item);
	*ret_len = cbor_bytestring_length(item);
	return true;
}

bool
item_text(const cbor_item_t *item, char *ret_text, size_t size)
{
	size_t len;

	if (item == NULL || !cbor_isa_string(item) ||
	    !cbor_string_is_definite(item))
		return false;
	len = cbor_string_length(item);
	if (len >= size || memchr(cbor_string_handle(item), '\0', len) != NULL)
		return false;
	memcpy(ret_text, cbor_string_handle(item), len);
	ret_text[len] = '\0';
	return true;
}

int
item_truth(const cbor_item_t *item)
{
	if (item == NULL || !cbor_is_bool(item))
		return -1;
	return cbor_get_bool(item) ? 1 : 0;
}

/* A test's program: without memory there is nothing left to test. */
static void
must(bool done)
{
	if (!done)
		abort();
}

cbor_item_t *
item_int(int number)
{
	unsigned value =
	    number < 0 ? (unsigned)(-1 - number) : (unsigned)number;
	cbor_item_t *item;

	item = value > 0xff ? cbor_build_uint16((uint16_t)value)
			    : cbor_build_uint8((uint8_t)value);
	must(item != NULL);
	if (number < 0)
		cbor_mark_negint(item);
	return item;
}

static void
put(cbor_item_t *map, cbor_item_t *key, cbor_item_t *value)
{
	must(key != NULL && value != NULL);
	must(cbor_map_add(
	    map, (struct cbor_pair){cbor_move(key), cbor_move(value)}));
}

void
item_put(cbor_item_t *map, int key, cbor_item_t *value)
{
	put(map, item_int(key), value);
}

void
item_put_named(cbor_item_t *map, const char *name, cbor_item_t *value)
{
	put(map, cbor_build_string(name), value);
}

void
item_push(cbor_item_t *array, cbor_item_t *value)
{
	must(value != NULL);
	must(cbor_array_push(array, cbor_move(value)));
}
