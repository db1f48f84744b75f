/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path.h - is there a path from this certificate to a CA that we trust
 * (RFC 5280 6)? Nothing is fetched: certificates and CRLs are those that were
 * put into the store. The time is an argument.
 *
 * Without any option, what is asked is what a service needs: the revocation
 * of every certificate is known, from a CRL that is current at that time (one
 * that is missing or stale is a refusal); keys and hashes have at least 112
 * bits; RFC 5280 is kept to the letter; any policy will do, unless a CA on the
 * path requires one. Options that weaken this say so with their name.
 */
#ifndef SEKISHO_CRYPTO_PATH_H
#define SEKISHO_CRYPTO_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum { PATH_CRL_MAX = 16 << 20, PATH_STORE_MAX = 256, PATH_POLICIES = 8 };

enum path_reason {
	PATH_VALID,
	PATH_MALFORMED, /* something does not decode, or breaks RFC 5280 */
	PATH_UNTRUSTED, /* it leads to no anchor */
	PATH_SIGNATURE, /* a signature on the way is wrong */
	PATH_EXTENSION, /* a critical extension that is not known */
	PATH_CA,	/* an issuer that is no CA, or may not go so deep */
	PATH_NAME,	/* outside a CA's name constraints */
	PATH_POLICY,	/* no valid policy, and one is required */
	PATH_WEAK,	/* a key or hash that is too weak */
	PATH_EXPIRED,
	PATH_NOT_YET_VALID,
	PATH_PURPOSE, /* not for what it is used for */
	PATH_REVOKED,
	PATH_CRL_MISSING,
	PATH_CRL_STALE,	  /* past its nextUpdate, or not begun */
	PATH_CRL_INVALID, /* wrong signature, wrong issuer, not understood */
};

/* "path_valid", "cert_expired", "crl_stale" ...: for logs and audit. */
const char *path_reason_text(enum path_reason reason);

struct path_fault {
	enum path_reason reason;
	int depth;	    /* of the certificate: 0 is the first */
	const char *detail; /* OpenSSL's words; never freed */
};

struct path_options {
	int64_t now; /* seconds since the epoch */
	/*
	 * The certificate itself must be no CA, may sign, and have one of these
	 * extended key usages (USE_... of certificate.h); 0: not looked at.
	 */
	unsigned uses;
	/* user-initial-policy-set, numbers with dots; none: any policy */
	const char *policies[PATH_POLICIES];
	bool explicit_policy; /* initial-explicit-policy and so on, 6.1.1 */
	bool inhibit_mapping;
	bool inhibit_any;
	bool indirect_crls; /* other issuers, parts by reason, deltas */
	bool unchecked_revocation;
	bool weak_keys;	 /* and hashes: SHA-1, RSA with 1024 bits */
	bool loose_form; /* what does no harm in practice is let pass */
};

struct path_store;

MUST_CHECK enum error path_store_new(struct path_store **ret_store);
void path_store_free(struct path_store **store);

/*
 * Each is DER. ERR_INPUT if it does not decode, is too long, is one too many;
 * for a certificate, unless OpenSSL can use its key;
 * for an anchor, unless it is self-signed, and rightly; for a CRL, unless it
 * has a nextUpdate.
 */
MUST_CHECK enum error path_store_anchor(
    struct path_store *store, const void *der, size_t len);
MUST_CHECK enum error path_store_intermediate(
    struct path_store *store, const void *der, size_t len);
MUST_CHECK enum error path_store_crl(
    struct path_store *store, const void *der, size_t len);

/*
 * ERR_OK only if the path is valid; ERR_DENIED if not, for the reason in
 * *ret_fault, which is written in these two cases. ERR_INPUT for a policy that
 * is no number and a time before 1970 or after 9999; ERR_CRYPTO and ERR_NOMEM
 * if OpenSSL failed: nothing is known then.
 */
MUST_CHECK enum error path_validate(const struct path_store *store,
    const void *der, size_t len, const struct path_options *options,
    struct path_fault *ret_fault);

#endif
