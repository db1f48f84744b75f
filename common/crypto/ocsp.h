/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ocsp.h - asks an issuer's OCSP responder about one certificate (RFC 6960)
 * and reads its answer whole or not at all. Randomness and time are
 * arguments; how the octets travel is the caller's business, and needs no
 * protection: what counts is signed.
 */
#ifndef SEKISHO_CRYPTO_OCSP_H
#define SEKISHO_CRYPTO_OCSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/crypto/der.h"

enum {
	OCSP_NONCE = 32, /* RFC 9654 2.1 */
	OCSP_REQUEST_MAX = 512,
	OCSP_RESPONSE_MAX = 64 << 10,
	/* How long a good answer counts at most, with and without nextUpdate */
	OCSP_GOOD_MAX = 7 * 86400,
	OCSP_GOOD_BARE = 86400,
	OCSP_SKEW = 300 /* seconds that a responder's clock may be ahead */
};

enum certificate_status {
	CERTIFICATE_GOOD,
	CERTIFICATE_REVOKED,
	CERTIFICATE_UNKNOWN /* the issuer does not know it: not good */
};

enum ocsp_fault {
	OCSP_NO_FAULT,
	OCSP_MALFORMED, /* does not decode, or says what is not understood */
	OCSP_NO_ANSWER, /* the responder says that it has none */
	OCSP_SIGNER,	/* signed by somebody who may not */
	OCSP_BAD_SIGNATURE, /* its signature is wrong, or too weak */
	OCSP_WRONG_NONCE,   /* the answer to another question */
	OCSP_ANOTHER,	    /* about another certificate */
	OCSP_EARLY,	    /* from the future */
	OCSP_STALE	    /* too old */
};

/* The certificates are DER; the octets stay the caller's. */
struct ocsp_question {
	struct der issuer, certificate;
	unsigned char nonce[OCSP_NONCE];
};

struct ocsp_answer {
	enum certificate_status
	    status; /* UNKNOWN: held, too (RFC 6960 4.2.1) */
	int64_t this_update;
	int64_t until;	    /* until when this answer counts */
	int64_t revoked_at; /* of CERTIFICATE_REVOKED */
	bool fresh;	    /* it carries our nonce */
};

/* "ocsp_malformed", "ocsp_stale" ...: for logs, audit and scripts. */
const char *ocsp_fault_text(enum ocsp_fault fault);

/*
 * ERR_INPUT if a certificate does not decode, ERR_DENIED if this issuer's
 * name is not the one that stands in the certificate.
 */
MUST_CHECK enum error ocsp_request(const struct ocsp_question *question,
    unsigned char ret_der[OCSP_REQUEST_MAX], size_t *ret_len);

/*
 * ERR_DENIED for an answer that does not count, with the reason in
 * *ret_fault, which is written in this case only; ERR_INPUT for certificates
 * as above; ERR_NOMEM and ERR_CRYPTO if OpenSSL failed.
 *
 * Signed must it be by the issuer itself, or by who has a certificate of this
 * very issuer for it (id-kp-OCSPSigning); whether that one was revoked is not
 * asked. An answer with our nonce is as old as this moment. Responders may
 * answer without a nonce from stock (RFC 5019); then it ages from its
 * thisUpdate, so whoever plays it again gains nothing.
 */
MUST_CHECK enum error ocsp_read(const struct ocsp_question *question,
    const void *der, size_t len, int64_t now, struct ocsp_answer *ret_answer,
    enum ocsp_fault *ret_fault);

#endif
