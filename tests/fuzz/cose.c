/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key that is taken is whole: libfido2 takes it too, and what it signs not
 * is a wrong signature and no fault of ours. */
#include <sodium.h>
#include <string.h>

#include "common/crypto/webauthn.h"
#include "tests/fuzz/fuzz.h"

static const char rp[] = "rp";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char hash[WEBAUTHN_HASH];
	unsigned char authdata[WEBAUTHN_AUTHDATA_MIN] = {0};
	struct webauthn_authdata a;
	struct webauthn_key key;
	enum error err;

	if (webauthn_cose_key(data, size, &key) != ERR_OK) {
		must(webauthn_fault()[0] != '\0');
		return 0;
	}
	switch (key.algorithm) {
	case WEBAUTHN_ES256:
		must(key.len == 64);
		break;
	case WEBAUTHN_ES384:
		must(key.len == 96);
		break;
	case WEBAUTHN_EDDSA:
		must(key.len == 32);
		break;
	case WEBAUTHN_RS256:
		must(key.len == 259);
		break;
	}
	must(key.algorithm < 0);
	crypto_hash_sha256(authdata, (const unsigned char *)rp, strlen(rp));
	authdata[WEBAUTHN_HASH] = WEBAUTHN_UP;
	err = webauthn_assertion(&key, rp, hash, authdata, sizeof authdata,
	    "\x30\x06\x02\x01\x01\x02\x01\x01", 8, false, &a);
	must(err == ERR_MISMATCH || err == ERR_INPUT);
	return 0;
}
