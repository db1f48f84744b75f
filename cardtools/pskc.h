/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pskc.h - the keys of a maker's PSKC file (RFC 6030), as far as we can use
 * them. libpskc reads it; what it gives is checked here.
 */
#ifndef SEKISHO_CARDTOOLS_PSKC_H
#define SEKISHO_CARDTOOLS_PSKC_H

#include <stddef.h>

#include "common/base/secret.h"

enum { PSKC_BYTES_MAX = 4 * 1024 * 1024 };

/* Why a key cannot be used. */
enum pskc_fault {
	PSKC_GOOD,
	PSKC_NOT_TOTP, /* another algorithm, or a counter (HOTP) */
	PSKC_NO_SEED,
	PSKC_BAD_SEED,	 /* shorter than 16 octets or too long */
	PSKC_BAD_DIGITS, /* neither 6 nor 8, or not decimal */
	PSKC_BAD_PERIOD, /* neither 30 nor 60 seconds */
	PSKC_BAD_HASH,
};

struct pskc_key {
	enum pskc_fault fault;
	const char *serial; /* "" if the file has none; lives as the file */
	const char *algorithm, *digits, *period;
	struct secret *seed;
};

struct pskc_file;

MUST_CHECK enum error pskc_open(
    const void *bytes, size_t len, struct pskc_file **ret_file);

/* The key at a place from 0; ERR_NOTFOUND behind the last. Caller frees the
 * seed. */
MUST_CHECK enum error pskc_key_at(
    struct pskc_file *file, size_t place, struct pskc_key *ret_key);

void pskc_close(struct pskc_file **file);

#endif
