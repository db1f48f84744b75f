/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An attestationObject that is taken is of a format that we take, for us,
 * touched; and nobody is trusted who is not known. */
#include <string.h>

#include "common/crypto/webauthn.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct webauthn_demand demand = {
	    .rp_id = "rp", .hash = "the client data's", .now = 1767226600};
	struct webauthn_registration r;

	if (webauthn_registration(data, size, &demand, &r) != ERR_OK) {
		must(webauthn_fault()[0] != '\0');
		must(strlen(webauthn_fault()) < WEBAUTHN_FAULT - 1);
		return 0;
	}
	must(strcmp(r.format, "none") == 0 || strcmp(r.format, "packed") == 0 ||
	     strcmp(r.format, "fido-u2f") == 0);
	must((strcmp(r.format, "none") == 0) ==
	     (r.trust == WEBAUTHN_TRUST_NONE));
	must(r.trust != WEBAUTHN_TRUST_VERIFIED);
	must((r.authdata.flags & WEBAUTHN_UP) != 0);
	return 0;
}
