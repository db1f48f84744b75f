/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first octet: bit 0, made or used; the rest is clientDataJSON. What is
 * taken has our challenge and one of our origins in it, as it stands or behind
 * escapes, and its hash is that of its octets.
 */
#include <sodium.h>
#include <string.h>

#include "common/crypto/webauthn.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const origins[] = {"https://a", "https://b", NULL};
	static const unsigned char challenge[] = "abcdef";
	static const char text[] = "YWJjZGVm";
	unsigned char hash[WEBAUTHN_HASH], known[WEBAUTHN_HASH];
	bool escaped;

	if (size == 0)
		return 0;
	if (webauthn_clientdata(data + 1, size - 1,
		(data[0] & 1) != 0 ? "webauthn.create" : "webauthn.get",
		challenge, sizeof challenge - 1, origins, hash) != ERR_OK) {
		must(webauthn_fault()[0] != '\0');
		return 0;
	}
	data++;
	size--;
	must(size <= WEBAUTHN_CLIENTDATA_MAX);
	crypto_hash_sha256(known, data, size);
	must(memcmp(hash, known, sizeof hash) == 0);
	escaped = memchr(data, '\\', size) != NULL;
	must(escaped || memmem(data, size, text, strlen(text)) != NULL);
	must(escaped || memmem(data, size, "https://", 8) != NULL);
	return 0;
}
