/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statement.h - what is signed of a batch of the audit, as text that people
 * can read; docs/protocol.md, "The sealed audit". One of these follows from
 * the one before, so that none can be left out.
 */
#ifndef SEKISHO_CRYPTO_STATEMENT_H
#define SEKISHO_CRYPTO_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/crypto/merkle.h"

enum {
	STATEMENT_TEXT = 512, /* with its NUL */
	STATEMENT_AT = 28,    /* 2027-04-01T08:00:00.000000Z */
	STATEMENT_PUBLIC_KEY = 32,
	STATEMENT_SECRET_KEY = 32, /* the seed (RFC 8032) */
	STATEMENT_SIGNATURE = 64,
	STATEMENT_KEY_ID = 17, /* 16 hexadecimal digits, and its NUL */
};

struct statement {
	uint64_t batch;	 /* from 1 */
	uint64_t first;	 /* ids from this */
	uint64_t last;	 /* to this; some of them may never have been */
	uint64_t leaves; /* events, in the order of their ids; at least 1 */
	char at[STATEMENT_AT];
	char key[STATEMENT_KEY_ID];
	unsigned char root[MERKLE_HASH];
	unsigned char previous[MERKLE_HASH]; /* hash of the one before; or 0 */
};

/* The text, NUL-terminated; its length. */
size_t statement_text(
    const struct statement *statement, char ret_text[STATEMENT_TEXT]);

/* Exactly what statement_text() writes, or ERR_INPUT. */
MUST_CHECK enum error statement_read(
    const char *text, size_t len, struct statement *ret_statement);

/* SHA-256 of the text: `previous` of the next one. */
void statement_hash(
    const char *text, size_t len, unsigned char ret_hash[MERKLE_HASH]);

void statement_key_id(const unsigned char public_key[STATEMENT_PUBLIC_KEY],
    char ret_id[STATEMENT_KEY_ID]);
void statement_public_key(const unsigned char secret_key[STATEMENT_SECRET_KEY],
    unsigned char ret_public_key[STATEMENT_PUBLIC_KEY]);

/* ERR_INPUT for what is no statement, or names another key. */
MUST_CHECK enum error statement_sign(
    const unsigned char secret_key[STATEMENT_SECRET_KEY], const char *text,
    size_t len, unsigned char ret_signature[STATEMENT_SIGNATURE]);
/* ERR_MISMATCH if it is not this key's. */
MUST_CHECK enum error statement_verify(
    const unsigned char public_key[STATEMENT_PUBLIC_KEY], const char *text,
    size_t len, const unsigned char signature[STATEMENT_SIGNATURE]);

#endif
