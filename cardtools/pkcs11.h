/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pkcs11.h - a card of somebody else's through the module of its maker. The
 * module is foreign code that may hang, crash or read our memory: it runs in
 * a child that is forked before this process has anything worth reading, and
 * that is asked three things over a pipe.
 */
#ifndef SEKISHO_CARDTOOLS_PKCS11_H
#define SEKISHO_CARDTOOLS_PKCS11_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"
#include "common/base/secret.h"
#include "common/crypto/certificate.h"
#include "common/crypto/signature.h"

enum {
	PKCS11_CERTIFICATES = 16,
	PKCS11_ID = 8, /* octets of CKA_ID that fit card_key.slot in hex */
	PKCS11_LABEL = 64,
	PKCS11_DER = 4096,
	PKCS11_FAULT = 160,
};

struct pkcs11_certificate {
	size_t id_len, der_len;
	unsigned char id[PKCS11_ID];
	char label[PKCS11_LABEL + 1];
	char token[80]; /* label and serial number of its token */
	unsigned char der[PKCS11_DER];
};

struct pkcs11;

/* Forks, loads, lists. Nothing else of card-admin may be open yet. */
MUST_CHECK enum error pkcs11_open(
    const char *module, struct pkcs11 **ret_pkcs11);
void pkcs11_close(struct pkcs11 **pkcs11);

size_t pkcs11_count(const struct pkcs11 *p);
const struct pkcs11_certificate *pkcs11_at(const struct pkcs11 *p, size_t i);

/* What the child or its module said last. */
const char *pkcs11_fault(const struct pkcs11 *p);

/*
 * Logs in, for the key of certificate i. ret_known_by is how it is known
 * that the card asks for the PIN before this key signs, "" if it is not known.
 * ERR_MISMATCH for a wrong PIN, ERR_DENIED for a locked one.
 */
MUST_CHECK enum error pkcs11_login(struct pkcs11 *p, size_t i,
    const struct secret *pin, char ret_known_by[65]);

/* One signature by that key; DER, or PKCS#1 v1.5. */
MUST_CHECK enum error pkcs11_sign(struct pkcs11 *p,
    const unsigned char digest[SIGNATURE_DIGEST],
    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len);

#endif
