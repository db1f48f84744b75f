/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Three lengths of two octets, then statement, attester, a certificate above
 * it, and the key in question: what is taken has been signed, and says one of
 * the policies there are or none. */
#include <string.h>

#include "common/crypto/attestation.h"
#include "tests/fuzz/fuzz.h"

enum { PARTS = 3, NOW = 1767226600 /* 2026-01-01 */ };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *part[PARTS + 1];
	size_t len[PARTS + 1], left, i;
	struct attestation found;

	if (size < 2 * PARTS)
		return 0;
	left = size - 2 * PARTS;
	part[0] = data + 2 * PARTS;
	for (i = 0; i < PARTS; i++) {
		len[i] = (size_t)data[2 * i] << 8 | data[2 * i + 1];
		if (len[i] > left)
			return 0;
		left -= len[i];
		part[i + 1] = part[i] + len[i];
	}
	len[PARTS] = left;
	if (attestation_check(part[0], len[0], part[1], len[1], part[PARTS],
		len[PARTS], &found) == ERR_OK) {
		must(strspn(found.attester, "0123456789abcdef") == 40);
		must(found.pin_policy >= 0 && found.pin_policy <= 255);
	}
	if (attestation_rooted(part[1], len[1], part[2], len[2], NOW) == ERR_OK)
		must(len[1] > 0 && len[2] > 0);
	return 0;
}
