/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is strict, libcbor reads to its last octet, and writes again so. */
#include "common/crypto/cbor.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cbor_load_result loaded;
	unsigned char *back = NULL;
	cbor_item_t *item = NULL;
	size_t used, cap = 0;

	if (cbor_strict(data, size, &used) != ERR_OK) {
		must(cbor_item(data, size, &item) != ERR_OK && item == NULL);
		return 0;
	}
	must(used >= 1 && used <= size);
	must((cbor_item(data, size, &item) == ERR_OK) == (used == size));
	if (item != NULL)
		cbor_decref(&item);
	item = cbor_load(data, size, &loaded);
	must(item != NULL && loaded.read == used);
	must(cbor_serialize_alloc(item, &back, &cap) == used);
	must(memcmp(back, data, used) == 0);
	free(back);
	cbor_decref(&item);
	return 0;
}
