/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cert.h - X.509 certificates that a card is delivered with, or makes. */
#ifndef SEKISHO_PIV_CERT_H
#define SEKISHO_PIV_CERT_H

#include <openssl/x509.h>

#include "common/base/error.h"
#include "tests/rigs/piv/tlv.h"

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
};

/* A new one of that name, or the one that the PEM file holds. */
MUST_CHECK enum error authority_new(
    const char *name, struct authority *ret_authority);
MUST_CHECK enum error authority_load(
    const char *path, struct authority *ret_authority);
MUST_CHECK enum error authority_save(
    const struct authority *authority, const char *path);
/* Frees what is in it. */
void authority_clear(struct authority *authority);

/*
 * A certificate for a key, by an authority; ca: it may issue others. Not yet
 * signed, so that extensions can be added. The caller frees.
 */
MUST_CHECK enum error cert_new(const char *name, EVP_PKEY *key, bool ca,
    const struct authority *by, X509 **ret_certificate);
/* An extension of that OID with these octets as they are. */
MUST_CHECK enum error cert_add(
    X509 *certificate, const char *oid, const uint8_t *value, size_t len);
MUST_CHECK enum error cert_sign(
    X509 *certificate, const struct authority *by, struct buf *der);

#endif
