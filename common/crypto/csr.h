/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csr.h - a request for a certificate (PKCS#10, RFC 2986). Of it only two
 * things are believed: the key, and that whoever made the request has its
 * private half. Names and extensions that it asks for are left out, because
 * what goes into a certificate is decided by the CA.
 */
#ifndef SEKISHO_CRYPTO_CSR_H
#define SEKISHO_CRYPTO_CSR_H

#include "common/crypto/spki.h"

enum { CSR_MAX = 8192 };

struct csr {
	struct der spki; /* points into the caller's octets */
	enum key_kind kind;
	unsigned bits;
	unsigned char key_id[SPKI_KEY_ID];
};

/*
 * ERR_INPUT   it is malformed, its key is not acceptable (spki.h), or it is
 *             signed in a way that algorithm.h does not have
 * ERR_MISMATCH  the signature is not that key's
 * ERR_CRYPTO  OpenSSL failed
 */
MUST_CHECK enum error csr_verify(
    const void *der, size_t len, struct csr *ret_csr);

#endif
