/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crl.h - reads a CRL of another issuer (RFC 5280 5) whole or not at all.
 * Taken are complete CRLs that the issuer itself signed; what changes the
 * meaning of a CRL (parts, deltas, other issuers, any critical extension that
 * is not known) is refused. An entry that takes another back (removeFromCRL)
 * is left out: it revokes nothing.
 */
#ifndef SEKISHO_CRYPTO_CRL_H
#define SEKISHO_CRYPTO_CRL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto/certificate.h"

enum { CRL_MAX = 16 << 20, CRL_ENTRIES_MAX = 1 << 19 };

struct crl_entry {
	char serial[CERTIFICATE_SERIAL]; /* as certificate.h shows it */
	int64_t at;
	bool hold; /* certificateHold: it may be taken back */
};

struct crl {
	int64_t number; /* 0: it has none */
	int64_t this_update, next_update;
	struct crl_entry *entry;
	size_t n;
};

/*
 * ERR_INPUT     malformed, or of a kind that is not taken
 * ERR_DENIED    another issuer's, or the issuer may not sign CRLs
 * ERR_MISMATCH  the signature is wrong, or of a kind that is too weak
 * ERR_NOMEM, ERR_CRYPTO
 * Whether it is current is the caller's question. Caller frees with crl_clear.
 */
MUST_CHECK enum error crl_read(const void *issuer, size_t issuer_len,
    const void *der, size_t len, struct crl *ret_crl);

void crl_clear(struct crl *crl);

#endif
