/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * issue.h - certificates and CRLs of our own CA (RFC 5280). What goes in is
 * said by a template alone; the CA's private key is wherever the signer has
 * it, which is a token (token.h). Serial numbers and times are arguments.
 */
#ifndef SEKISHO_CRYPTO_ISSUE_H
#define SEKISHO_CRYPTO_ISSUE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto/certificate.h"
#include "common/crypto/signature.h"

enum {
	ISSUE_SERIAL = 16,
	ISSUE_POLICIES = 4,
	ISSUE_URL_MAX = 256,
	ISSUE_REVOKED_MAX = 1 << 20 /* in one CRL */
};

/* Who signs: P-256 with SHA-256, P-384 with SHA-384, RSA with SHA-256. */
struct issue_signer {
	struct der spki;
	/*
	 * Signs a digest of hash_len(hash) octets; ECDSA as DER. The outcome
	 * is verified before it is used.
	 */
	enum error (*sign)(void *context, enum padding padding, enum hash hash,
	    const unsigned char *digest,
	    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len);
	void *context;
};

/* In this order in the name; NULL leaves one out, but not all of them. */
struct issue_name {
	const char *country; /* two letters */
	const char *organization;
	const char *unit;
	const char *common_name;
	const char *serial_number;
};

/* Of keyUsage; a CA has keyCertSign and cRLSign, and nothing else. */
enum {
	KEY_USAGE_SIGN = 1 << 0,     /* digitalSignature */
	KEY_USAGE_ENCIPHER = 1 << 1, /* keyEncipherment */
	KEY_USAGE_AGREE = 1 << 2     /* keyAgreement */
};

struct issue_template {
	unsigned char serial[ISSUE_SERIAL]; /* of issue_serial */
	struct der issuer;		    /* certificate of the CA */
	struct issue_name subject;
	struct der spki;
	int64_t not_before, not_after;
	unsigned key_usage;  /* KEY_USAGE_... */
	unsigned uses;	     /* USE_..., as extendedKeyUsage */
	const char *upn;     /* NULL: none; as otherName in the SAN */
	const char *sid;     /* NULL: none; S-1-5-21-..., for AD */
	const char *crl_url; /* NULL: none */
	const char *policies[ISSUE_POLICIES]; /* numbers with dots, or NULL */
};

/*
 * Sets two bits of 16 random octets, so that as a number it is positive and
 * always 32 digits long.
 */
void issue_serial(unsigned char serial[ISSUE_SERIAL]);

/*
 * ERR_INPUT   something in the template cannot be written, or its key is not
 *             acceptable (spki.h), or the signer's is not the issuer's
 * ERR_DENIED  it would be valid when the issuer is not
 * ERR_CRYPTO  OpenSSL failed, or the signer's signature is not right
 * and whatever the signer answers.
 */
MUST_CHECK enum error issue_certificate(const struct issue_template *template,
    const struct issue_signer *signer, unsigned char ret_der[CERTIFICATE_MAX],
    size_t *ret_len);

/*
 * The CA's own, signed by itself; it may sign certificates of persons and
 * machines, but not of other CAs. Of the template issuer, spki, key_usage,
 * uses, upn, sid, crl_url and policies are not looked at.
 */
MUST_CHECK enum error issue_root(const struct issue_template *template,
    const struct issue_signer *signer, unsigned char ret_der[CERTIFICATE_MAX],
    size_t *ret_len);

/* RFC 5280 5.3.1; what makes no sense in a complete CRL is left out. */
enum revocation_reason {
	REVOKED_UNSPECIFIED = 0,
	REVOKED_KEY_COMPROMISE = 1,
	REVOKED_CA_COMPROMISE = 2,
	REVOKED_AFFILIATION_CHANGED = 3,
	REVOKED_SUPERSEDED = 4,
	REVOKED_CESSATION = 5,
	REVOKED_HOLD = 6,
	REVOKED_PRIVILEGE_WITHDRAWN = 9,
	REVOKED_AA_COMPROMISE = 10
};

struct issue_revoked {
	const char *serial; /* as certificate.h shows it */
	int64_t at;
	enum revocation_reason reason;
};

struct issue_crl {
	struct der issuer; /* certificate of the CA */
	uint64_t number;   /* greater than that of every CRL before it */
	int64_t this_update, next_update;
	const struct issue_revoked *revoked;
	size_t n_revoked;
};

/* Errors as of issue_certificate. Caller frees *ret_der with free(). */
MUST_CHECK enum error issue_crl(const struct issue_crl *crl,
    const struct issue_signer *signer, unsigned char **ret_der,
    size_t *ret_len);

#endif
