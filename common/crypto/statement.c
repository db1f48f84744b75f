/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/statement.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/base/hex.h"

enum { HEX_HASH = 2 * MERKLE_HASH };

size_t
statement_text(const struct statement *s, char ret_text[STATEMENT_TEXT])
{
	char root[HEX_HASH + 1], previous[HEX_HASH + 1];
	int n;

	hex_encode(s->root, MERKLE_HASH, root);
	hex_encode(s->previous, MERKLE_HASH, previous);
	n = snprintf(ret_text, STATEMENT_TEXT,
	    "sekisho-audit-v1\n"
	    "batch %" PRIu64 "\n"
	    "events %" PRIu64 "-%" PRIu64 "\n"
	    "leaves %" PRIu64 "\n"
	    "root %s\n"
	    "previous %s\n"
	    "at %s\n"
	    "key %s\n",
	    s->batch, s->first, s->last, s->leaves, root, previous, s->at,
	    s->key);
	return (size_t)n; /* the longest has 337 octets */
}

static enum error
read_hash(const char *text, unsigned char ret_hash[MERKLE_HASH])
{
	size_t len;

	if (strlen(text) != HEX_HASH)
		return ERR_INPUT;
	return hex_decode(text, HEX_HASH, ret_hash, MERKLE_HASH, &len);
}

enum error
statement_read(const char *text, size_t len, struct statement *ret_statement)
{
	char copy[STATEMENT_TEXT], again[STATEMENT_TEXT];
	char root[HEX_HASH + 1], previous[HEX_HASH + 1];
	struct statement s = {0};

	/* of nothing there may be no address either */
	if (len == 0 || len >= sizeof copy || memchr(text, '\0', len) != NULL)
		return ERR_INPUT;
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* Generous here, since what it means is compared with what it says. */
	if (sscanf(copy,
		"sekisho-audit-v1 batch %20" SCNu64 " events %20" SCNu64
		"-%20" SCNu64 " leaves %20" SCNu64
		" root %64s previous %64s at %27s key %16s",
		&s.batch, &s.first, &s.last, &s.leaves, root, previous, s.at,
		s.key) != 8 ||
	    read_hash(root, s.root) != ERR_OK ||
	    read_hash(previous, s.previous) != ERR_OK)
		return ERR_INPUT;
	if (statement_text(&s, again) != len ||
	    sodium_memcmp(text, again, len) != 0)
		return ERR_INPUT;
	if (s.batch == 0 || s.leaves == 0 || s.last < s.first ||
	    s.leaves - 1 > s.last - s.first)
		return ERR_INPUT;
	*ret_statement = s;
	return ERR_OK;
}

void
statement_hash(
    const char *text, size_t len, unsigned char ret_hash[MERKLE_HASH])
{
	(void)crypto_hash_sha256(ret_hash, (const unsigned char *)text, len);
}

void
statement_key_id(const unsigned char public_key[STATEMENT_PUBLIC_KEY],
    char ret_id[STATEMENT_KEY_ID])
{
	unsigned char hash[MERKLE_HASH];

	(void)crypto_hash_sha256(hash, public_key, STATEMENT_PUBLIC_KEY);
	hex_encode(hash, (STATEMENT_KEY_ID - 1) / 2, ret_id);
}

void
statement_public_key(const unsigned char secret_key[STATEMENT_SECRET_KEY],
    unsigned char ret_public_key[STATEMENT_PUBLIC_KEY])
{
	unsigned char whole[crypto_sign_SECRETKEYBYTES];

	(void)crypto_sign_seed_keypair(ret_public_key, whole, secret_key);
	sodium_memzero(whole, sizeof whole);
}

enum error
statement_sign(const unsigned char secret_key[STATEMENT_SECRET_KEY],
    const char *text, size_t len,
    unsigned char ret_signature[STATEMENT_SIGNATURE])
{
	unsigned char whole[crypto_sign_SECRETKEYBYTES];
	unsigned char public_key[STATEMENT_PUBLIC_KEY];
	char id[STATEMENT_KEY_ID];
	struct statement s;
	enum error err;

	err = statement_read(text, len, &s);
	if (err != ERR_OK)
		return err;
	(void)crypto_sign_seed_keypair(public_key, whole, secret_key);
	statement_key_id(public_key, id);
	if (strcmp(id, s.key) != 0)
		err = ERR_INPUT;
	else
		(void)crypto_sign_detached(ret_signature, NULL,
		    (const unsigned char *)text, len, whole);
	sodium_memzero(whole, sizeof whole);
	return err;
}

enum error
statement_verify(const unsigned char public_key[STATEMENT_PUBLIC_KEY],
    const char *text, size_t len,
    const unsigned char signature[STATEMENT_SIGNATURE])
{
	return crypto_sign_verify_detached(
		   signature, (const unsigned char *)text, len, public_key) == 0
		   ? ERR_OK
		   : ERR_MISMATCH;
}
