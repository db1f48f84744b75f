/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pem.h - DER as text in files (RFC 7468). What stands before, between and
 * after the blocks is left out, as the RFC allows.
 */
#ifndef SEKISHO_CRYPTO_PEM_H
#define SEKISHO_CRYPTO_PEM_H

#include <stddef.h>

#include "common/base/error.h"

enum { PEM_FILE_MAX = 16 << 20 };

#define PEM_CERTIFICATE "CERTIFICATE"
#define PEM_CRL "X509 CRL"
#define PEM_CSR "CERTIFICATE REQUEST"

/*
 * The next block with this label. *text and *len move past it, so a file
 * with several is read by calling again; ERR_NOTFOUND when there is none
 * left, ERR_INPUT for a broken one. Caller frees *ret_der with free().
 */
MUST_CHECK enum error pem_next(const char **text, size_t *len,
    const char *label, unsigned char **ret_der, size_t *ret_len);

/* Caller frees *ret_text, which ends with a NUL, with free(). */
MUST_CHECK enum error pem_encode(
    const char *label, const void *der, size_t len, char **ret_text);

#endif
