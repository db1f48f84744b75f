/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A State is 32 characters of base64url and nothing else. */
#include <string.h>

#include "common/wire/state.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t hash[STATE_HASH];
	char text[STATE_TEXT];
	size_t i;
	int good = size == STATE_TEXT - 1;

	for (i = 0; i < size; i++)
		good &= data[i] != '\0' &&
			strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
			       "qrstuvwxyz0123456789-_",
			    (char)data[i]) != NULL;
	must((state_hash(data, size, hash) == ERR_OK) == good);
	if (size >= STATE_RANDOM) {
		state_format(data, text);
		must(strlen(text) == STATE_TEXT - 1);
		must(state_hash(text, STATE_TEXT - 1, hash) == ERR_OK);
	}
	return 0;
}
