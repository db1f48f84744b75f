/* SPDX-License-Identifier: GPL-2.0-or-later */
/* piv_key.h - what a PIV card is given to sign. Pure. */
#ifndef SEKISHO_CARDTOOLS_PIV_KEY_H
#define SEKISHO_CARDTOOLS_PIV_KEY_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/spki.h"

enum { PIV_BLOCK_MAX = 512 };

/*
 * For SHA-256 of something. EC: the digest, as long as the curve (zeros in
 * front change no signature, and some cards take nothing shorter); RSA: a
 * whole block of PKCS#1 v1.5 (RFC 8017 9.2), for the card computes only the
 * power. ret_block has room for PIV_BLOCK_MAX octets.
 */
MUST_CHECK enum error piv_block(const struct spki *key,
    const unsigned char digest[32], unsigned char *ret_block, size_t *ret_len);

#endif
