/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Octets are attributes: number (bit 7 of the first octet: a vendor's, bit 6:
 * ours), length, value. What translates fits into a message and is read back.
 */
#include <string.h>

#include "common/wire/message.h"
#include "radius-plugin/translate.h"
#include "tests/fuzz/fuzz.h"

static uint32_t
vendor(uint8_t octet)
{
	if ((octet & 0x80) == 0)
		return VENDOR_NONE;
	return (octet & 0x40) != 0 ? VENDOR_SEKISHO : VENDOR_MICROSOFT;
}

/* Numbers that nothing of RADIUS has are those of a certificate. */
static uint32_t
number(uint8_t octet)
{
	if (octet == 0x7e)
		return ATTR_TLS_CLIENT_CERT_SERIAL;
	if (octet == 0x7f)
		return ATTR_TLS_CLIENT_CERT_ISSUER;
	return octet & (octet & 0x80 ? 0x3f : 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct origin origin = {
	    "6f1c9a52-0000-4000-8000-000000000001", 7, "192.0.2.1", {1, 2, 3}};
	static uint8_t octets[MESSAGE_MAX];
	static struct arena *arena;
	struct attribute attrs[64];
	Sekisho__AuthRequest r;
	struct message m = {.kind = MESSAGE_AUTH_REQUEST};
	size_t n = 0, len;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK);
	while (n < 64 && size >= 2) {
		size_t part = data[1] < size - 2 ? data[1] : size - 2;

		attrs[n++] = (struct attribute){.vendor = vendor(data[0]),
		    .number = number(data[0]),
		    .value = data + 2,
		    .len = part};
		data += 2 + part;
		size -= 2 + part;
	}
	if (translate_request(attrs, n, &origin, arena, &r) == ERR_OK) {
		m.auth_request = &r;
		must(message_encode(&m, octets, &len) == ERR_OK);
		must(message_decode(octets, len, arena, &m) == ERR_OK);
		must(strcmp(m.auth_request->client_id, origin.client_id) == 0);
		must(m.auth_request->client_version == 7);
		must(m.auth_request->password.len == r.password.len);
		must(m.auth_request->state.len == r.state.len);
		must(m.auth_request->signature.len == r.signature.len);
		must(m.auth_request->auth_data.len == r.auth_data.len);
		must(r.auth_data.len == 0 ||
		     r.scheme == SEKISHO__SCHEME__SCHEME_SIGNATURE);
	}
	arena_reset(arena);
	return 0;
}
