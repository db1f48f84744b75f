/* SPDX-License-Identifier: GPL-2.0-or-later */
/* webauthn_internal.h - what the files of webauthn.h have in common. */
#ifndef SEKISHO_CRYPTO_WEBAUTHN_INTERNAL_H
#define SEKISHO_CRYPTO_WEBAUTHN_INTERNAL_H

#include <cbor.h>

#include "common/crypto/ossl.h"
#include "common/crypto/webauthn.h"

/* Keeps why, and returns err. */
enum error webauthn_refuse(enum error err, const char *why);
void webauthn_no_fault(void);
/* "WHAT NAME is not accepted", or "WHAT NUMBER ..." without a name. */
enum error webauthn_refuse_format(
    const char *what, const void *name, size_t len, long long number);

/* libfido2's form of a key; NULL if it cannot be used. */
void *webauthn_pk_new(const struct webauthn_key *key);
void webauthn_pk_free(int algorithm, void **pk);
/* OpenSSL's, for EVP_PKEY_free; NULL unless it is one: a point on its curve. */
EVP_PKEY *webauthn_pkey(const struct webauthn_key *key);

/* rpIdHash, UP, UV: what both ceremonies ask for. */
enum error webauthn_flags_check(
    const struct webauthn_authdata *authdata, const char *rp_id, bool need_uv);

/* The statement of an attestation, whose authenticatorData are parsed. */
enum error webauthn_statement(const void *authdata, size_t authdata_len,
    cbor_item_t *statement, const struct webauthn_demand *demand,
    struct webauthn_registration *ret);

#endif
