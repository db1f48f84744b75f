/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ca_client.h - asks the process that has the card CA's token (ca.h). A
 * module that hangs costs whoever asks CA_TIMEOUT_MS, and the next ones
 * nothing: for CA_AWAY_MS it is then taken to be away.
 */
#ifndef SEKISHO_AUTHD_CA_CLIENT_H
#define SEKISHO_AUTHD_CA_CLIENT_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/crypto/issue.h"

enum {
	CA_TIMEOUT_MS = 4000,
	CA_MAKE_MS = 8000, /* a key; card-admin waits 10 s for everything */
	CA_AWAY_MS = 10000,
	CA_LABEL = 65
};

struct ca_client {
	int fd;	      /* -1: this node has none */
	int64_t away; /* CLOCK_MONOTONIC, ms: until then not asked */
	struct arena *arena;
};

struct ca_key {
	size_t len; /* 0: the token has no key for the CA yet */
	unsigned char spki[SPKI_MAX];
	char label[CA_LABEL];
};

/* The CA's key. Anything but ERR_OK: the CA is away. */
MUST_CHECK enum error ca_client_key(
    struct ca_client *ca, struct ca_key *ret_key);

/* The same, made if it is not there yet; kind is key_kind_text()'s. */
MUST_CHECK enum error ca_client_make(
    struct ca_client *ca, const char *kind, struct ca_key *ret_key);

/* For struct issue_signer; the context is a struct ca_client. */
enum error ca_client_sign(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char ret_signature[SIGNATURE_MAX],
    size_t *ret_len);

#endif
