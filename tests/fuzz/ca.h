/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ca.h - a CA that is the same each time but for its signatures, so that
 * seeds' paths lead to it. Its private key is 1: it keeps no secret.
 */
#ifndef SEKISHO_TESTS_FUZZ_CA_H
#define SEKISHO_TESTS_FUZZ_CA_H

#include "common/crypto/issue.h"

/* 2026-01-01, 2036-01-01; and a day later, when everything is good */
enum { CA_FROM = 1767225600, CA_TO = 2082758400, CA_NOW = CA_FROM + 86400 };

struct ca {
	unsigned char spki[SPKI_MAX];
	size_t spki_len;
	struct issue_signer signer;
	unsigned char root[CERTIFICATE_MAX];
	size_t root_len;
};

/* Made at the first call and kept. */
const struct ca *fuzz_ca(void);

#endif
