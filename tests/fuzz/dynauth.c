/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Disconnect-Request and an answer in the same octets, as they come and
 * with the sums that they ought to have: the attributes are read before they
 * are proven, and nothing that is not proven may be told.
 */
#include <sodium.h>
#include <string.h>

#include "common/crypto/dynauth.h"
#include "common/crypto/ossl.h"
#include "tests/fuzz/fuzz.h"

static struct secret *secret;

/* The Authenticator that the packet ought to have; its attributes stay. */
static void
prove(uint8_t *octets, size_t len, const uint8_t zero[16])
{
	uint8_t all[DYNAUTH_MAX + 8];
	size_t n = 0;

	memcpy(all, octets, len);
	memcpy(all + 4, zero, 16);
	memcpy(all + len, secret->bytes, secret->len);
	must(EVP_Q_digest(ossl_context(), "MD5", NULL, all, len + secret->len,
		 octets + 4, &n) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zero[20] = {0}, asked[20] = {40};
	static uint8_t octets[DYNAUTH_MAX], again[DYNAUTH_MAX];
	struct dynauth_request r;
	struct dynauth_answer a;
	size_t len;

	if (secret == NULL)
		must(secret_copy("secret", 6, &secret) == ERR_OK);
	if (size > sizeof octets)
		return 0;
	memcpy(octets, data, size);
	(void)!dynauth_decode(octets, size, secret, &r);
	(void)!dynauth_decode_answer(octets, size, asked, secret, &a);
	if (size < 20)
		return 0;
	octets[2] = (uint8_t)(size >> 8);
	octets[3] = (uint8_t)size;
	prove(octets, size, zero);
	octets[1] = 0;
	prove(octets, size, zero);
	if (dynauth_decode_answer(octets, size, asked, secret, &a) == ERR_OK)
		must(octets[0] == 41 || octets[0] == 42);
	if (dynauth_decode(octets, size, secret, &r) == ERR_OK) {
		must(octets[0] == 40 && r.session_len > 0);
		must(dynauth_encode(&r, secret, 1, again, &len) == ERR_OK);
		must(dynauth_decode(again, len, secret, &r) == ERR_OK);
	}
	return 0;
}
