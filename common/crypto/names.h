/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - OpenSSL's names and texts as ours; for common/crypto alone. */
#ifndef SEKISHO_CRYPTO_NAMES_H
#define SEKISHO_CRYPTO_NAMES_H

#include "common/crypto/ossl.h"

/* Microsoft's: userPrincipalName as an otherName, and the SID extension. */
#define NAMES_UPN "1.3.6.1.4.1.311.20.2.3"
#define NAMES_SID_EXTENSION "1.3.6.1.4.1.311.25.2"
#define NAMES_SID "1.3.6.1.4.1.311.25.2.1"

/*
 * RFC 4514, in UTF-8 that is not escaped. ERR_INPUT if it does not fit in
 * cap octets with its NUL, or if any part is no plain text.
 */
MUST_CHECK enum error names_text(
    const X509_NAME *name, char *ret_text, size_t cap);

/* The octets of a string of any of ASN.1's kinds as plain UTF-8. */
MUST_CHECK enum error names_string(
    const ASN1_STRING *string, char *ret_text, size_t cap);

/* The same of octets that are UTF-8 already. */
MUST_CHECK enum error names_plain(
    const void *octets, size_t len, char *ret_text, size_t cap);

/* True for the object identifier with these numbers. */
bool names_is_oid(const ASN1_OBJECT *object, const char *numbers);

/*
 * UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 writes them: in GMT, with
 * seconds, without fractions.
 */
MUST_CHECK enum error names_time(const ASN1_TIME *time, int64_t *ret_seconds);

#endif
