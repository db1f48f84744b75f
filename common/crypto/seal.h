/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seal.h - boxes that only the keyring opens (libsodium sealed boxes:
 * X25519, XSalsa20-Poly1305). What a box is for and whom it belongs to stand
 * inside it and are checked on opening, so two swapped rows do not open.
 * A sealed box does not say who wrote it: see SECURITY.md.
 */
#ifndef SEKISHO_CRYPTO_SEAL_H
#define SEKISHO_CRYPTO_SEAL_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/base/secret.h"

enum {
	SEAL_PUBLIC_KEY = 32,
	SEAL_SECRET_KEY = 32,
	SEAL_PAYLOAD_MAX = 1536, /* a card's four RSA signatures */
	SEAL_BOX_MAX = 2048,
};

/* What boxes are for; the owner is the UUID text named beside each. */
#define SEAL_PASSWORD "password"     /* PERSON: Argon2id tag, 32 octets */
#define SEAL_TOTP "totp"	     /* PERSON/TOKEN: seed */
#define SEAL_CLIENT "client"	     /* CLIENT: shared secret */
#define SEAL_ORDER "order"	     /* ORDER: arguments, see protocol.md */
#define SEAL_PUK "puk"		     /* TOKEN: of a card, as it is typed */
#define SEAL_MANAGEMENT "management" /* TOKEN: a card's management key */

struct box {
	size_t len;
	unsigned char bytes[SEAL_BOX_MAX];
};

/* Seals a payload of at most SEAL_PAYLOAD_MAX octets. */
MUST_CHECK enum error seal_box(const unsigned char public_key[SEAL_PUBLIC_KEY],
    const char *kind, const char *owner, const void *payload, size_t len,
    struct box *ret_box);

/* ERR_CRYPTO unless the box opens and says exactly this kind and owner. */
MUST_CHECK enum error seal_open(const unsigned char public_key[SEAL_PUBLIC_KEY],
    const unsigned char secret_key[SEAL_SECRET_KEY], const char *kind,
    const char *owner, const unsigned char *box, size_t box_len,
    struct secret **ret_payload);

/* For who has the one-time key, and without what it is for. */
enum { SEAL_RELEASE_OVERHEAD = 48 };
MUST_CHECK enum error seal_release(
    const unsigned char recipient[SEAL_PUBLIC_KEY], const void *payload,
    size_t len, unsigned char *ret_sealed);

/*
 * What an operator compares when card-admin first meets a keyring: the first
 * 20 octets of SHA-256 of the public key, in hexadecimal groups of four.
 */
enum { SEAL_FINGERPRINT = 50 };
void seal_fingerprint(const unsigned char public_key[SEAL_PUBLIC_KEY],
    char ret_text[SEAL_FINGERPRINT]);

#endif
