/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pwhash.h - Argon2id (RFC 9106) by libsodium, one lane. Salt and cost are
 * stored in clear; the tag is sealed (seal.h) and compared in the keyring.
 */
#ifndef SEKISHO_CRYPTO_PWHASH_H
#define SEKISHO_CRYPTO_PWHASH_H

#include <stddef.h>

#include "common/base/error.h"

enum { PWHASH_SALT = 16, PWHASH_TAG = 32 };

struct pwhash_cost {
	unsigned opslimit;     /* passes */
	unsigned memlimit_kib; /* KiB */
};

/* password is in NFC (rules/name.h). Allocates memlimit for its duration. */
MUST_CHECK enum error pwhash_tag(const struct pwhash_cost *cost,
    const unsigned char salt[PWHASH_SALT], const void *password, size_t len,
    unsigned char ret_tag[PWHASH_TAG]);

#endif
