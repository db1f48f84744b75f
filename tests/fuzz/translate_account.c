/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Octets are attributes: number, length, value. What translates fits into a
 * message and is read back.
 */
#include <string.h>

#include "common/wire/message.h"
#include "radius-plugin/translate.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct origin origin = {
	    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};
	static uint8_t octets[MESSAGE_MAX];
	static struct arena *arena;
	struct attribute attrs[64];
	Sekisho__AccountRequest r;
	struct message m = {.kind = MESSAGE_ACCOUNT_REQUEST};
	size_t n = 0, len;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK);
	while (n < 64 && size >= 2) {
		size_t part = data[1] < size - 2 ? data[1] : size - 2;

		attrs[n++] = (struct attribute){.vendor = VENDOR_NONE,
		    .number = data[0],
		    .value = data + 2,
		    .len = part};
		data += 2 + part;
		size -= 2 + part;
	}
	if (translate_account(attrs, n, &origin, arena, &r) == ERR_OK) {
		m.account_request = &r;
		must(message_encode(&m, octets, &len) == ERR_OK);
		must(message_decode(octets, len, arena, &m) == ERR_OK);
		must(m.account_request->status == r.status);
		must(m.account_request->session_id.len == r.session_id.len);
		must(m.account_request->octets_in == r.octets_in);
	}
	arena_reset(arena);
	return 0;
}
