/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What gateways write of machines and people: addresses and names in whichever
 * characters, and what an accept grants as the database keeps it. */
#include <string.h>

#include "authd/grants.h"
#include "common/rules/charset.h"
#include "common/rules/mac.h"
#include "common/rules/name.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
address(const uint8_t *data, size_t size)
{
	char mac[MAC_TEXT], again[MAC_TEXT];

	if (mac_canonical(data, size, mac) != ERR_OK)
		return;
	must(strlen(mac) == MAC_TEXT - 1);
	must(strspn(mac, "0123456789abcdef") == MAC_TEXT - 1);
	must(mac_canonical(mac, strlen(mac), again) == ERR_OK);
	must(strcmp(mac, again) == 0);
}

static void
name(const uint8_t *data, size_t size)
{
	static const enum charset sets[] = {
	    CHARSET_UTF8, CHARSET_CP932, CHARSET_LATIN1};
	char canonical[NAME_MAX_OCTETS + 1];
	uint8_t text[NAME_MAX_OCTETS];
	size_t i, len;

	for (i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		if (charset_to_utf8(
			sets[i], data, size, text, sizeof text, &len) != ERR_OK)
			continue;
		must(len <= sizeof text);
		(void)!name_canonical(text, len, canonical);
	}
}

static void
granted(const uint8_t *data, size_t size)
{
	Sekisho__AuthReply reply = SEKISHO__AUTH_REPLY__INIT;
	static struct arena *arena;
	static char json[4096];
	size_t i;

	if (arena == NULL)
		must(arena_new(MESSAGE_ARENA, &arena) == ERR_OK);
	if (size >= sizeof json)
		return;
	memcpy(json, data, size);
	json[size] = '\0';
	if (grants_add(json, arena, &reply) == ERR_OK) {
		must(reply.n_grants <= MESSAGE_GRANTS);
		for (i = 0; i < reply.n_grants; i++)
			must(reply.grants[i]->value.len <= 253);
	}
	arena_reset(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must(charset_prepare() == ERR_OK);
	address(data, size);
	name(data, size);
	granted(data, size);
	return 0;
}
