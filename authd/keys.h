/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - the keyring's keys on disk: one file a version (key-0001, ...)
 * and mask.key, and audit.key, which signs the audit; each 32 octets in
 * hexadecimal, mode 0400. The newest version is the one to seal to; older ones
 * open what was sealed before.
 */
#ifndef SEKISHO_AUTHD_KEYS_H
#define SEKISHO_AUTHD_KEYS_H

#include "common/base/error.h"
#include "common/base/secret.h"
#include "common/crypto/seal.h"
#include "common/crypto/statement.h"

enum { KEYS_MAX = 32, KEYS_MASK = 32, KEYS_MESSAGE = 512 };

struct key {
	unsigned version;
	unsigned char public_key[SEAL_PUBLIC_KEY];
	struct secret *secret_key;
};

struct keys {
	size_t n; /* newest last */
	struct key key[KEYS_MAX];
	struct secret *mask;
	struct secret *audit; /* NULL: the audit is not sealed */
};

/* Makes the folder, a first key and the mask key; refuses to overwrite. */
MUST_CHECK enum error keys_init(const char *folder, char message[KEYS_MESSAGE]);

/*
 * The public key that the audit is verified by; makes the key if there is
 * none. authd takes it up on SIGHUP.
 */
MUST_CHECK enum error keys_audit(const char *folder,
    unsigned char ret_public_key[STATEMENT_PUBLIC_KEY],
    char message[KEYS_MESSAGE]);

/* Adds the next version. authd takes it up on SIGHUP. */
MUST_CHECK enum error keys_rotate(
    const char *folder, unsigned *ret_version, char message[KEYS_MESSAGE]);

/* Destroys all versions older than keep, once nothing is sealed to them. */
MUST_CHECK enum error keys_retire(
    const char *folder, unsigned keep, char message[KEYS_MESSAGE]);

/* Reads all. Refuses files that others may read. */
MUST_CHECK enum error keys_load(
    const char *folder, struct keys **ret_keys, char message[KEYS_MESSAGE]);

/* The key of a version, or NULL. */
const struct key *keys_find(const struct keys *keys, unsigned version);

void keys_free(struct keys **keys);

#endif
