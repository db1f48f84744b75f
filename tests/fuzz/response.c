/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RegistrationResponseJSON: what is taken is within its bounds. */
#include "common/crypto/webauthn.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct webauthn_response r;

	if (webauthn_response(data, size, &r) != ERR_OK) {
		must(webauthn_fault()[0] != '\0');
		return 0;
	}
	must(size <= WEBAUTHN_RESPONSE_MAX);
	must(r.credential_len <= sizeof r.credential);
	must(r.clientdata_len <= sizeof r.clientdata);
	must(r.object_len <= sizeof r.object);
	return 0;
}
