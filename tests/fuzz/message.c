/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever decodes can be encoded, and says the same afterwards. */
#include <string.h>

#include "common/wire/message.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t once[MESSAGE_MAX], twice[MESSAGE_MAX];
	static struct arena *arena, *other;
	size_t len, again;
	struct message m;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK &&
		     arena_new(MESSAGE_ARENA, &other) == ERR_OK);
	if (message_decode(data, size, arena, &m) == ERR_OK &&
	    message_encode(&m, once, &len) == ERR_OK &&
	    message_decode(once, len, other, &m) == ERR_OK) {
		must(message_encode(&m, twice, &again) == ERR_OK);
		must(len == again && memcmp(once, twice, len) == 0);
	}
	arena_reset(arena);
	arena_reset(other);
	return 0;
}
