/* SPDX-License-Identifier: GPL-2.0-or-later */
/* issuer_crl.h - a CRL of another issuer on its way into the database. */
#ifndef SEKISHO_CARDTOOLS_ISSUER_CRL_H
#define SEKISHO_CARDTOOLS_ISSUER_CRL_H

#include <jansson.h>
#include <stdint.h>

#include "cardtools/command.h"
#include "common/base/error.h"
#include "common/crypto/der.h"

/*
 * DER, or the first PEM block with this label; a NUL follows the octets.
 * Caller frees *ret_der.
 */
MUST_CHECK enum error issuer_der(const char *octets, size_t len,
    const char *label, unsigned char **ret_der, size_t *ret_len);

/*
 * Verifies the CRL with the issuer's certificate and hands it to the
 * database; source is how messages name it. Says what is wrong. Caller frees
 * the issuer, which has "listed" and "revoked" besides.
 */
enum status issuer_take_crl(struct call *call, const char *name,
    const char *source, struct der certificate, struct der der,
    json_t **ret_issuer);

/* bytea as a parameter; NULL without memory. Caller frees. */
char *issuer_hex(const unsigned char *octets, size_t len);

/* timestamptz as a parameter. */
void issuer_moment(int64_t seconds, char ret_text[32]);

/* DER out of a file, or the one PEM block of this kind in it; caller frees.
 * Says what is wrong. */
enum status issuer_read_file(const char *path, const char *label,
    unsigned char **ret_der, size_t *ret_len);

#endif
