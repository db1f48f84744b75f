/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extend.h - the extensions of certificates that we issue; for common/crypto
 * alone. Each adds one to the list, which it makes if it is not there yet.
 * ERR_INPUT for what cannot be written, ERR_NOMEM.
 */
#ifndef SEKISHO_CRYPTO_EXTEND_H
#define SEKISHO_CRYPTO_EXTEND_H

#include "common/crypto/ossl.h"

typedef STACK_OF(X509_EXTENSION) extend_list;

/* Of an end entity, and of a CA that may have no CA below it. */
MUST_CHECK enum error extend_end_entity(extend_list **list, unsigned key_usage);
MUST_CHECK enum error extend_ca(extend_list **list);

/* Key identifiers are the first 20 octets of key_id (RFC 7093 2, 4). */
enum { EXTEND_KEY_ID = 20 };
MUST_CHECK enum error extend_subject_key(
    extend_list **list, const unsigned char *key_id);
MUST_CHECK enum error extend_authority_key(
    extend_list **list, const ASN1_OCTET_STRING *key_id);

MUST_CHECK enum error extend_uses(extend_list **list, unsigned uses);
MUST_CHECK enum error extend_upn(extend_list **list, const char *upn);
MUST_CHECK enum error extend_sid(extend_list **list, const char *sid);
MUST_CHECK enum error extend_crl_url(extend_list **list, const char *url);
MUST_CHECK enum error extend_policies(
    extend_list **list, const char *const *policies, size_t n);
MUST_CHECK enum error extend_crl_number(extend_list **list, uint64_t number);

#endif
