/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sealer.h - the clerk's job of sealing the audit: batch by batch a Merkle
 * tree (RFC 9162), whose root the keyring signs, and which is anchored where
 * the database's owner cannot reach it. docs/protocol.md, "The sealed audit".
 */
#ifndef SEKISHO_AUTHD_SEALER_H
#define SEKISHO_AUTHD_SEALER_H

#include <stdbool.h>

#include "authd/duty.h"
#include "common/crypto/statement.h"

struct sealer {
	int fd; /* the anchor file, for appending; -1: none */
	bool has_key;
	char key[STATEMENT_KEY_ID];
	bool anchored; /* the newest batch, since this clerk began */
	bool told;     /* that there is no key */
};

/* Opens the anchor file; "" is none. ERR_SYSTEM says errno. */
MUST_CHECK enum error sealer_open(const char *path, struct sealer *ret_sealer);
void sealer_close(struct sealer *sealer);

/* What the keyring said of its audit key; empty: it has none. */
void sealer_key(
    struct sealer *sealer, const unsigned char *public_key, size_t len);

/* Seals what is due. What fails is tried again the next time. */
void sealer_run(struct sealer *sealer, struct duty *duty);

#endif
