/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first octet: bit 0 for a registration; the rest is authenticatorData.
 * What is taken says what its octets say, and without the key's signature it
 * proves nothing.
 */
#include <string.h>

#include "common/crypto/webauthn.h"
#include "tests/fuzz/fuzz.h"

enum { COUNTER = 33, LENGTH = 53, ID = 55 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* the generator of P-256, whose private key is 1: nobody signs here */
	static const struct webauthn_key key = {WEBAUTHN_ES256, 64,
	    {0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6,
		0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d,
		0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2,
		0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e,
		0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
		0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37,
		0xbf, 0x51, 0xf5}};
	static const unsigned char hash[WEBAUTHN_HASH];
	struct webauthn_authdata a;
	bool with;

	if (size == 0)
		return 0;
	with = (data[0] & 1) != 0;
	data++;
	size--;
	if (webauthn_authdata_parse(data, size, with, &a) != ERR_OK) {
		must(webauthn_fault()[0] != '\0');
		return 0;
	}
	must(
	    size >= WEBAUTHN_AUTHDATA_MIN && size <= WEBAUTHN_REGISTRATION_MAX);
	must(memcmp(a.rp_hash, data, WEBAUTHN_HASH) == 0);
	must(a.flags == data[WEBAUTHN_HASH] && (a.flags & 0x22) == 0);
	must((uint8_t)a.counter == data[COUNTER + 3] &&
	     a.counter >> 24 == data[COUNTER]);
	must(((a.flags & WEBAUTHN_AT) != 0) == with);
	if (with) {
		must(a.credential_len >= WEBAUTHN_CREDENTIAL_MIN &&
		     a.credential_len <= WEBAUTHN_CREDENTIAL_MAX);
		must(a.credential_len ==
		     ((size_t)data[LENGTH] << 8 | data[LENGTH + 1]));
		must(memcmp(a.credential, data + ID, a.credential_len) == 0);
		return 0;
	}
	must(size <= WEBAUTHN_AUTHDATA_MAX);
	must(webauthn_assertion(&key, "rp", hash, data, size,
		 data + WEBAUTHN_AUTHDATA_MIN - 8, 8, false, &a) != ERR_OK);
	return 0;
}
