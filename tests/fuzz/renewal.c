/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server says that a card's holder has proven to be due. */
#include <string.h>

#include "common/wire/renewal.h"
#include "tests/fuzz/fuzz.h"

/* There is one way to write it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char again[RENEWAL_MAX];
	struct renewal renewal;
	size_t len;

	if (renewal_read(data, size, &renewal) != ERR_OK)
		return 0;
	must(renewal.n >= 1 && renewal.n <= RENEWAL_KEYS);
	must(renewal_write(&renewal, again, &len) == ERR_OK);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
