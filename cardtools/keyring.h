/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyring.h - the public key that secrets are sealed to. The database says
 * which it is, and the database is not trusted with that: its fingerprint
 * must stand in card-admin.conf(5).
 */
#ifndef SEKISHO_CARDTOOLS_KEYRING_H
#define SEKISHO_CARDTOOLS_KEYRING_H

#include "cardtools/command.h"
#include "common/crypto/pwhash.h"
#include "common/crypto/seal.h"

struct keyring {
	char version[16]; /* as the database takes it */
	unsigned char key[SEAL_PUBLIC_KEY];
	char fingerprint[SEAL_FINGERPRINT];
	struct pwhash_cost cost; /* of new passwords */
	unsigned door_chars;	 /* of one that is enough with an entry */
};

/* As the database says, trusted or not. */
enum status keyring_ask(struct call *call, struct keyring *ret_keyring);

/* The same, refused unless trusted. */
enum status keyring_trusted(struct call *call, struct keyring *ret_keyring);

/* A box as a parameter of the database. */
enum { BOX_TEXT = 2 * SEAL_BOX_MAX + 3 };
enum status keyring_seal(const struct keyring *keyring, const char *kind,
    const char *owner, const void *payload, size_t len,
    char ret_text[BOX_TEXT]);

#endif
