/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mask.h - keyed digests (BLAKE2b) of what must not be stored or told apart:
 * unknown names, wrong secrets, sources. The key comes from the keyring, so
 * a stolen database cannot be searched for a password typed wrongly once.
 */
#ifndef SEKISHO_AUTHD_MASK_H
#define SEKISHO_AUTHD_MASK_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/hex.h"

enum { MASK_KEY = 32, MASK_BUCKETS = 65536 };

struct mask {
	unsigned char key[MASK_KEY];
};

/* What the digest is of; digests of different uses never meet. */
enum mask_use {
	MASK_BUCKET,	 /* of an unknown name, folded to MASK_BUCKETS */
	MASK_SALT,	 /* decoy salt of an unknown name */
	MASK_FAILURE,	 /* a wrong secret: subject, category, secret */
	MASK_SOURCE,	 /* client and caller */
	MASK_SUBJECT,	 /* subject and scope, for the gate */
	MASK_REFUSAL,	 /* client and login, for running refusals */
	MASK_CREDENTIAL, /* decoy credential of who has no FIDO2 key */
	MASK_ANSWER,	 /* a whole request, for its repetition */
	MASK_CARRIED,	 /* a State, as a key: carried.h */
};

/* Of two parts, told apart by their lengths; never 0 as a number. */
void mask_digest(const struct mask *mask, enum mask_use use, const void *a,
    size_t a_len, const void *b, size_t b_len, unsigned char ret_digest[16]);

uint64_t mask_number(const struct mask *mask, enum mask_use use, const void *a,
    size_t a_len, const void *b, size_t b_len);

/* The bucket that an unknown name falls into, as a subject. */
void mask_bucket(const struct mask *mask, const void *name, size_t len,
    char ret_uuid[UUID_TEXT]);

#endif
