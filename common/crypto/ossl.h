/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ossl.h - the one door to OpenSSL's libcrypto, for files of common/crypto.
 * Everything is fetched from a library context of our own that has the
 * default provider and reads no openssl.cnf: what a signature is worth must
 * not depend on a file that other programs share.
 */
#ifndef SEKISHO_CRYPTO_OSSL_H
#define SEKISHO_CRYPTO_OSSL_H

#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "common/base/error.h"
#include "common/crypto/spki.h"

/* Made at the first call and kept; NULL when memory is short. */
OSSL_LIB_CTX *ossl_context(void);

/*
 * Why OpenSSL has just refused: true if the errors in its queue say that
 * what it was given does not fit (or if there is none), false if one is about
 * anything else, such as memory. Empties the queue.
 */
bool ossl_blames_input(void);

/*
 * Why OpenSSL has just not decoded or taken something: ERR_NOMEM if its
 * queue speaks of memory, else ERR_INPUT. Empties the queue.
 */
enum error ossl_refused(void);

/*
 * One certificate with nothing after it, whose known extensions decode too.
 * Caller frees with X509_free.
 */
MUST_CHECK enum error ossl_certificate(
    const void *der, size_t len, X509 **ret_certificate);

/*
 * The key as OpenSSL's own. ERR_INPUT for a point that is not on its curve,
 * ERR_CRYPTO for a failure of OpenSSL. Caller frees with EVP_PKEY_free.
 */
MUST_CHECK enum error ossl_key(const struct spki *spki, EVP_PKEY **ret_key);

#endif
