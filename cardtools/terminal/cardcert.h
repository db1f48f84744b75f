/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cardcert.h - what a card's certificate says, and forms of signatures. */
#ifndef SEKISHO_TERMINAL_CARDCERT_H
#define SEKISHO_TERMINAL_CARDCERT_H

#include <stddef.h>
#include <stdint.h>

#include "cardtools/terminal/card.h"
#include "common/crypto/signature.h"
#include "common/crypto/spki.h"

enum { CERTIFICATE_MAX = 8192, ISSUER_MAX = 512 };

struct cardcert {
	char login[CARD_LOGIN]; /* a hint, believed by nobody; "" if none */
	char issuer[ISSUER_MAX];
	size_t spki_len;
	unsigned char spki[SPKI_MAX];
	unsigned char key_id[SPKI_KEY_ID];
	enum key_kind kind;
	int64_t not_after; /* seconds since the epoch */
};

/* ERR_INPUT unless it is one X.509 certificate with a key that we take. */
MUST_CHECK enum error cardcert_read(
    const unsigned char *der, size_t len, struct cardcert *ret_certificate);

/*
 * r and s of the same length after each other, as PKCS#11 has them, to the
 * DER that X9.62 has.
 */
MUST_CHECK enum error cardcert_ecdsa_der(const unsigned char *raw, size_t len,
    unsigned char ret_der[SIGNATURE_MAX], size_t *ret_len);

#endif
