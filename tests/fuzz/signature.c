/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A key, and a signature of one digest: two octets of the key's length, one
 * of the scheme, the key, the signature.
 */
#include <string.h>

#include "common/crypto/signature.h"
#include "tests/fuzz/fuzz.h"

static void
key(const uint8_t *der, size_t len)
{
	struct spki spki;

	if (spki_parse(der, len, &spki) != ERR_OK)
		return;
	if (spki.kind == KEY_RSA) {
		must(spki.bits >= 2048 && spki.bits <= 4096);
		must((spki.modulus.len * 8 - spki.bits) < 8);
		must(spki.exponent.len >= 3 && spki.exponent.len <= 8);
	} else {
		must(spki.point.len == 1 + 2 * (size_t)(spki.bits / 8));
	}
}

/* Right or not, it is said of the signature, and it is said twice alike. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char digest[SIGNATURE_DIGEST] = "the digest";
	enum scheme scheme;
	enum error err;
	size_t len;

	if (size < 3)
		return 0;
	len = (size_t)data[0] << 8 | data[1];
	scheme = (enum scheme)(data[2] % 3);
	data += 3;
	size -= 3;
	len = len < size ? len : size;
	key(data, len);
	err =
	    signature_verify(data, len, scheme, digest, data + len, size - len);
	must(err == ERR_OK || err == ERR_MISMATCH || err == ERR_INPUT);
	must(signature_verify(
		 data, len, scheme, digest, data + len, size - len) == err);
	if (err == ERR_OK) {
		unsigned char other[SIGNATURE_DIGEST];

		memcpy(other, digest, sizeof other);
		other[0] ^= 1;
		must(signature_verify(data, len, scheme, other, data + len,
			 size - len) == ERR_MISMATCH);
	}
	return 0;
}
