/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - a certificate request (PKCS#10, RFC 2986) for a key that lies in
 * a card: built here, signed there. Its signature is the proof that the card
 * has the key; nothing else in it counts.
 */
#ifndef SEKISHO_CRYPTO_REQUEST_H
#define SEKISHO_CRYPTO_REQUEST_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/signature.h"

struct request;

enum { REQUEST_MAX = 1020 };

/* The subject is a common name of 1 to 64 octets. Caller frees. */
MUST_CHECK enum error request_new(const void *spki, size_t spki_len,
    const char *subject, struct request **ret_request);
void request_free(struct request **request);

/* SHA-256 of what is to be signed. */
MUST_CHECK enum error request_digest(
    struct request *request, unsigned char ret_digest[SIGNATURE_DIGEST]);

/* The whole request; ERR_INPUT if it is longer than REQUEST_MAX. */
MUST_CHECK enum error request_finish(struct request *request,
    enum scheme scheme, const void *signature, size_t len,
    unsigned char ret_der[REQUEST_MAX], size_t *ret_len);

#endif
