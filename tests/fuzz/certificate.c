/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates, requests for them, and files that hold either as text. */
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/crypto/certificate.h"
#include "common/crypto/csr.h"
#include "common/crypto/pem.h"
#include "tests/fuzz/fuzz.h"

static void
certificate(const uint8_t *data, size_t size)
{
	struct certificate c;
	enum error err = certificate_parse(data, size, &c);

	must(err == ERR_OK || err == ERR_INPUT);
	if (err != ERR_OK)
		return;
	must(size <= CERTIFICATE_MAX && c.whole.len == size);
	must(utf8_plain(c.issuer_text) && utf8_plain(c.subject_text));
	must(utf8_plain(c.upn) && utf8_plain(c.sid));
	must(strlen(c.serial) >= 2 && strlen(c.serial) <= 40);
	must(strspn(c.serial, "0123456789abcdef") == strlen(c.serial));
	must(c.spki.octets > data && c.spki.octets + c.spki.len < data + size);
}

static void
request(const uint8_t *data, size_t size)
{
	struct csr csr;
	enum error err = csr_verify(data, size, &csr);

	must(err == ERR_OK || err == ERR_INPUT || err == ERR_MISMATCH);
	if (err == ERR_OK)
		must(csr.spki.octets > data &&
		     csr.spki.octets + csr.spki.len < data + size);
}

static void
text(const uint8_t *data, size_t size)
{
	static const char *const labels[] = {PEM_CERTIFICATE, PEM_CRL, PEM_CSR};
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *at = (const char *)data;
		size_t left = size, before = size + 1, len;
		unsigned char *der;
		enum error err;

		while ((err = pem_next(&at, &left, labels[i], &der, &len)) ==
		       ERR_OK) {
			must(left < before && len > 0);
			before = left;
			certificate(der, len);
			request(der, len);
			free(der);
		}
		must(err == ERR_NOTFOUND || err == ERR_INPUT);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	certificate(data, size);
	request(data, size);
	text(data, size);
	return 0;
}
