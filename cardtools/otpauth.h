/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * otpauth.h - how a seed travels into an authenticator app: the otpauth URI
 * (Google Authenticator's key URI format) with its base32 (RFC 4648 6). Pure.
 */
#ifndef SEKISHO_CARDTOOLS_OTPAUTH_H
#define SEKISHO_CARDTOOLS_OTPAUTH_H

#include <stddef.h>

#include "common/base/secret.h"

enum { OTPAUTH_SEED_MAX = 128 };

struct otpauth {
	const char *issuer, *login;
	const char *algorithm; /* "SHA1", "SHA256", "SHA512" */
	const char *digits, *period;
};

/* How long a seed should be: as the hash (RFC 6238 5.1). */
size_t otpauth_seed_size(const char *algorithm);

/* Upper case, without padding: apps do not like it. Caller frees both. */
MUST_CHECK enum error base32(
    const unsigned char *bytes, size_t len, struct secret **ret_text);
MUST_CHECK enum error otpauth_uri(const struct otpauth *about,
    const struct secret *seed32, struct secret **ret_uri);

#endif
