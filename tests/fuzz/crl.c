/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two octets of length, an issuer's certificate, a CRL: what is taken has a
 * number, two moments and serials that are hexadecimal. */
#include <string.h>

#include "common/crypto/crl.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crl crl;
	size_t issuer, i;

	if (size < 2)
		return 0;
	issuer = (size_t)data[0] << 8 | data[1];
	if (issuer > size - 2)
		return 0;
	if (crl_read(data + 2, issuer, data + 2 + issuer, size - 2 - issuer,
		&crl) != ERR_OK)
		return 0;
	must(crl.number >= 0);
	for (i = 0; i < crl.n; i++)
		must(strspn(crl.entry[i].serial, "0123456789abcdef") ==
			 strlen(crl.entry[i].serial) &&
		     crl.entry[i].serial[0] != '\0');
	crl_clear(&crl);
	return 0;
}
