/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attestation.h - what a card says about a key that it made: a certificate of
 * that key signed by a key of its maker's (Yubico's slot F9). Worth what the
 * maker's root is worth to who compares it: attestation_check looks at the
 * card's own chain alone, attestation_rooted at who stands above it.
 */
#ifndef SEKISHO_CRYPTO_ATTESTATION_H
#define SEKISHO_CRYPTO_ATTESTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

struct attestation {
	char version[16];     /* of the firmware, "" if not said */
	unsigned long serial; /* 0 if not said */
	int pin_policy;	      /* 1 never, 2 once, 3 always; 0 not said */
	int touch_policy;     /* the same */
	char attester[41];    /* SHA-256 of its certificate, 20 octets of it */
};

/*
 * ERR_OK if the statement is about this key and signed by the attester's.
 * ERR_MISMATCH if it is about another or the signature is wrong; ERR_INPUT if
 * one of them is no certificate.
 */
MUST_CHECK enum error attestation_check(const void *statement,
    size_t statement_len, const void *attester, size_t attester_len,
    const void *spki, size_t spki_len, struct attestation *ret_attestation);

/*
 * Whether the attester's certificate, a CA's that is valid now, was signed by
 * this one, which must stand right above it. ERR_MISMATCH if not; ERR_INPUT if
 * one of them is no certificate or has a key of less than 112 bits.
 */
MUST_CHECK enum error attestation_rooted(const void *attester,
    size_t attester_len, const void *root, size_t root_len, int64_t now);

#endif
