/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/path.h"

#include <stdlib.h>

#include "common/crypto/certificate.h"
#include "common/crypto/ossl.h"

enum { DEPTH_MAX = 10, LEVEL_112_BITS = 2 };

static const int64_t YEAR_9999 = 253402300799; /* its last second */
static const char any_policy[] = "2.5.29.32.0";

struct path_store {
	X509_STORE *trusted; /* anchors */
	unsigned anchors;
	STACK_OF(X509) * intermediates;
	/* not in the store: there OpenSSL finds none by another issuer */
	STACK_OF(X509_CRL) * crls;
};

const char *
path_reason_text(enum path_reason reason)
{
	switch (reason) {
	case PATH_VALID:
		return "path_valid";
	case PATH_MALFORMED:
		return "path_malformed";
	case PATH_UNTRUSTED:
		return "path_untrusted";
	case PATH_SIGNATURE:
		return "path_signature";
	case PATH_EXTENSION:
		return "path_extension";
	case PATH_CA:
		return "path_ca";
	case PATH_NAME:
		return "path_name";
	case PATH_POLICY:
		return "path_policy";
	case PATH_WEAK:
		return "path_weak";
	case PATH_EXPIRED:
		return "cert_expired";
	case PATH_NOT_YET_VALID:
		return "cert_not_yet_valid";
	case PATH_PURPOSE:
		return "cert_purpose";
	case PATH_REVOKED:
		return "cert_revoked";
	case PATH_CRL_MISSING:
		return "crl_missing";
	case PATH_CRL_STALE:
		return "crl_stale";
	case PATH_CRL_INVALID:
		return "crl_invalid";
	}
	return "path_unknown";
}

/*
 * What X509_verify_cert says, in groups that somebody can act upon. What is
 * not here is not about the certificates: ERR_CRYPTO.
 */
static const struct {
	int error;
	enum path_reason reason;
} reasons[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, PATH_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, PATH_UNTRUSTED},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, PATH_UNTRUSTED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, PATH_UNTRUSTED},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, PATH_UNTRUSTED},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, PATH_UNTRUSTED},
    {X509_V_ERR_CERT_UNTRUSTED, PATH_UNTRUSTED},
    {X509_V_ERR_CERT_REJECTED, PATH_UNTRUSTED},
    {X509_V_ERR_SUBJECT_ISSUER_MISMATCH, PATH_UNTRUSTED},
    {X509_V_ERR_AKID_SKID_MISMATCH, PATH_UNTRUSTED},
    {X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH, PATH_UNTRUSTED},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, PATH_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, PATH_SIGNATURE},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, PATH_EXTENSION},
    {X509_V_ERR_INVALID_CA, PATH_CA},
    {X509_V_ERR_INVALID_NON_CA, PATH_CA},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, PATH_CA},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, PATH_CA},
    {X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED, PATH_CA},
    {X509_V_ERR_PERMITTED_VIOLATION, PATH_NAME},
    {X509_V_ERR_EXCLUDED_VIOLATION, PATH_NAME},
    {X509_V_ERR_SUBTREE_MINMAX, PATH_NAME},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE, PATH_NAME},
    {X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, PATH_NAME},
    {X509_V_ERR_UNSUPPORTED_NAME_SYNTAX, PATH_NAME},
    {X509_V_ERR_INVALID_POLICY_EXTENSION, PATH_POLICY},
    {X509_V_ERR_NO_EXPLICIT_POLICY, PATH_POLICY},
    {X509_V_ERR_EE_KEY_TOO_SMALL, PATH_WEAK},
    {X509_V_ERR_CA_KEY_TOO_SMALL, PATH_WEAK},
    {X509_V_ERR_CA_MD_TOO_WEAK, PATH_WEAK},
    {X509_V_ERR_CERT_HAS_EXPIRED, PATH_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, PATH_NOT_YET_VALID},
    {X509_V_ERR_INVALID_PURPOSE, PATH_PURPOSE},
    {X509_V_ERR_CERT_REVOKED, PATH_REVOKED},
    {X509_V_ERR_UNABLE_TO_GET_CRL, PATH_CRL_MISSING},
    {X509_V_ERR_CRL_HAS_EXPIRED, PATH_CRL_STALE},
    {X509_V_ERR_CRL_NOT_YET_VALID, PATH_CRL_STALE},
    {X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, PATH_CRL_INVALID},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, PATH_CRL_INVALID},
    {X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, PATH_CRL_INVALID},
    {X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, PATH_CRL_INVALID},
    {X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, PATH_CRL_INVALID},
    {X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, PATH_CRL_INVALID},
    {X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, PATH_CRL_INVALID},
    {X509_V_ERR_DIFFERENT_CRL_SCOPE, PATH_CRL_INVALID},
    {X509_V_ERR_CRL_PATH_VALIDATION_ERROR, PATH_CRL_INVALID},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, PATH_MALFORMED},
    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, PATH_MALFORMED},
    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, PATH_MALFORMED},
    {X509_V_ERR_INVALID_EXTENSION, PATH_MALFORMED},
    {X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA, PATH_MALFORMED},
    {X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, PATH_MALFORMED},
    {X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, PATH_MALFORMED},
    {X509_V_ERR_CA_BCONS_NOT_CRITICAL, PATH_MALFORMED},
    {X509_V_ERR_ISSUER_NAME_EMPTY, PATH_MALFORMED},
    {X509_V_ERR_SUBJECT_NAME_EMPTY, PATH_MALFORMED},
    {X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, PATH_MALFORMED},
    {X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, PATH_MALFORMED},
    {X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, PATH_MALFORMED},
    {X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, PATH_MALFORMED},
    {X509_V_ERR_EMPTY_SUBJECT_ALT_NAME, PATH_MALFORMED},
    {X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL, PATH_MALFORMED},
    {X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, PATH_MALFORMED},
    {X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3, PATH_MALFORMED},
    {X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, PATH_MALFORMED},
    {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, PATH_MALFORMED},
    {X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, PATH_MALFORMED},
};

static enum error
refusal(int error, enum path_reason *ret_reason)
{
	size_t i;

	if (error == X509_V_ERR_OUT_OF_MEM)
		return ERR_NOMEM;
	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].error == error) {
			*ret_reason = reasons[i].reason;
			return ERR_DENIED;
		}
	}
	return ERR_CRYPTO;
}

enum error
path_store_new(struct path_store **ret_store)
{
	struct path_store *store = calloc(1, sizeof *store);

	if (store == NULL)
		return ERR_NOMEM;
	ERR_clear_error();
	store->trusted = X509_STORE_new();
	store->intermediates = sk_X509_new_null();
	store->crls = sk_X509_CRL_new_null();
	if (store->trusted == NULL || store->intermediates == NULL ||
	    store->crls == NULL) {
		path_store_free(&store);
		return ERR_NOMEM;
	}
	*ret_store = store;
	return ERR_OK;
}

void
path_store_free(struct path_store **store)
{
	struct path_store *s = *store;

	if (s == NULL)
		return;
	X509_STORE_free(s->trusted);
	sk_X509_pop_free(s->intermediates, X509_free);
	sk_X509_CRL_pop_free(s->crls, X509_CRL_free);
	free(s);
	*store = NULL;
	ERR_clear_error();
}

/*
 * With a key that OpenSSL can use: others make it fail on the way, and not
 * call it the certificate's fault.
 */
static enum error
decode(const void *der, size_t len, X509 **ret_x509)
{
	X509 *x = NULL;
	enum error err;

	if (len > CERTIFICATE_MAX)
		return ERR_INPUT;
	err = ossl_certificate(der, len, &x);
	if (err != ERR_OK)
		return err;
	if (X509_get0_pubkey(x) == NULL) {
		X509_free(x);
		return ossl_refused();
	}
	*ret_x509 = x;
	return ERR_OK;
}

enum error
path_store_anchor(struct path_store *store, const void *der, size_t len)
{
	X509 *x = NULL;
	enum error err;

	ERR_clear_error();
	if (store->anchors == PATH_STORE_MAX)
		return ERR_INPUT;
	err = decode(der, len, &x);
	if (err != ERR_OK)
		return err;
	if (X509_self_signed(x, 1) != 1)
		err = ossl_refused();
	else if (X509_STORE_add_cert(store->trusted, x) != 1)
		err = ERR_NOMEM;
	else
		store->anchors++;
	X509_free(x);
	ERR_clear_error();
	return err;
}

enum error
path_store_intermediate(struct path_store *store, const void *der, size_t len)
{
	X509 *x = NULL;
	enum error err;

	ERR_clear_error();
	if (sk_X509_num(store->intermediates) == PATH_STORE_MAX)
		return ERR_INPUT;
	err = decode(der, len, &x);
	if (err == ERR_OK && sk_X509_push(store->intermediates, x) == 0) {
		X509_free(x);
		err = ERR_NOMEM;
	}
	ERR_clear_error();
	return err;
}

enum error
path_store_crl(struct path_store *store, const void *der, size_t len)
{
	const unsigned char *octets = der;
	X509_CRL *crl;
	enum error err = ERR_OK;

	ERR_clear_error();
	if (len > PATH_CRL_MAX ||
	    sk_X509_CRL_num(store->crls) == PATH_STORE_MAX)
		return ERR_INPUT;
	if (ossl_context() == NULL)
		return ERR_CRYPTO;
	crl = X509_CRL_new_ex(ossl_context(), NULL);
	if (crl == NULL)
		return ERR_NOMEM;
	/* frees it when it fails */
	if (d2i_X509_CRL(&crl, &octets, (long)len) == NULL)
		return ossl_refused();
	/* OpenSSL takes one without nextUpdate for good until the end of days
	 */
	if (octets != (const unsigned char *)der + len ||
	    X509_CRL_get0_nextUpdate(crl) == NULL)
		err = ERR_INPUT;
	else if (sk_X509_CRL_push(store->crls, crl) == 0)
		err = ERR_NOMEM;
	if (err != ERR_OK)
		X509_CRL_free(crl);
	ERR_clear_error();
	return err;
}

static enum error
add_policy(X509_VERIFY_PARAM *param, const char *numbers)
{
	ASN1_OBJECT *policy = OBJ_txt2obj(numbers, 1);

	if (policy == NULL)
		return ossl_refused();
	if (X509_VERIFY_PARAM_add0_policy(param, policy) == 1)
		return ERR_OK;
	ASN1_OBJECT_free(policy);
	return ERR_NOMEM;
}

/* To OpenSSL an empty set is no policy, not any. */
static enum error
set_policies(X509_VERIFY_PARAM *param, const struct path_options *o)
{
	enum error err = ERR_OK;
	size_t i, n = 0;

	for (i = 0; i < PATH_POLICIES && err == ERR_OK; i++) {
		if (o->policies[i] != NULL) {
			err = add_policy(param, o->policies[i]);
			n++;
		}
	}
	return n == 0 ? add_policy(param, any_policy) : err;
}

static enum error
set_options(X509_STORE_CTX *ctx, const struct path_options *o)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags = X509_V_FLAG_POLICY_CHECK;

	if (!o->loose_form)
		flags |= X509_V_FLAG_X509_STRICT;
	if (!o->unchecked_revocation)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	if (o->indirect_crls)
		flags |=
		    X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS;
	if (o->explicit_policy)
		flags |= X509_V_FLAG_EXPLICIT_POLICY;
	if (o->inhibit_mapping)
		flags |= X509_V_FLAG_INHIBIT_MAP;
	if (o->inhibit_any)
		flags |= X509_V_FLAG_INHIBIT_ANY;
	if (X509_VERIFY_PARAM_set_flags(param, flags) != 1)
		return ERR_CRYPTO;
	X509_VERIFY_PARAM_set_time(param, o->now);
	X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(
	    param, o->weak_keys ? 0 : LEVEL_112_BITS);
	return set_policies(param, o);
}

static enum error
verify(X509_STORE_CTX *ctx, struct path_fault *fault)
{
	int rc, error;

	ERR_clear_error();
	rc = X509_verify_cert(ctx);
	error = X509_STORE_CTX_get_error(ctx);
	fault->reason = PATH_VALID;
	fault->depth = 0;
	fault->detail = X509_verify_cert_error_string(error);
	if (rc == 1 && error == X509_V_OK)
		return ERR_OK;
	/* Whatever it says then, it has not looked at everything. */
	if (ossl_refused() == ERR_NOMEM)
		return ERR_NOMEM;
	fault->depth = X509_STORE_CTX_get_error_depth(ctx);
	return refusal(error, &fault->reason);
}

/* A card, or whatever signs for a person or machine. */
static enum error
check_uses(const void *der, size_t len, unsigned uses, struct path_fault *fault)
{
	struct certificate c;
	enum error err;

	err = certificate_parse(der, len, &c);
	if (err == ERR_INPUT) {
		*fault = (struct path_fault){
		    PATH_MALFORMED, 0, "not a certificate for a person"};
		return ERR_DENIED;
	}
	if (err == ERR_OK && (c.is_ca || !c.may_sign || (c.uses & uses) == 0)) {
		*fault = (struct path_fault){
		    PATH_PURPOSE, 0, "not for this purpose"};
		return ERR_DENIED;
	}
	return err;
}

static enum error
validate(const struct path_store *store, const void *der, size_t len,
    const struct path_options *options, struct path_fault *ret_fault)
{
	struct path_fault fault = {PATH_MALFORMED, 0, "does not decode"};
	X509_STORE_CTX *ctx = NULL;
	X509 *x = NULL;
	enum error err;

	ERR_clear_error();
	err = decode(der, len, &x);
	if (err == ERR_INPUT)
		err = ERR_DENIED;
	if (err != ERR_OK)
		goto out;
	ctx = X509_STORE_CTX_new_ex(ossl_context(), NULL);
	if (ctx == NULL || X509_STORE_CTX_init(ctx, store->trusted, x,
			       store->intermediates) != 1) {
		err = ERR_NOMEM;
		goto out;
	}
	X509_STORE_CTX_set0_crls(ctx, store->crls);
	err = set_options(ctx, options);
	if (err == ERR_OK)
		err = verify(ctx, &fault);
	if (err == ERR_OK && options->uses != 0)
		err = check_uses(der, len, options->uses, &fault);
out:
	if (err == ERR_OK || err == ERR_DENIED)
		*ret_fault = fault;
	X509_STORE_CTX_free(ctx);
	X509_free(x);
	ERR_clear_error();
	return err;
}

/*
 * What OpenSSL refuses for want of memory it does not always call so. Who is
 * short of memory does not get to the same refusal a second time.
 */
enum error
path_validate(const struct path_store *store, const void *der, size_t len,
    const struct path_options *options, struct path_fault *ret_fault)
{
	struct path_fault first, second;
	enum error err;

	if (options->now < 0 || options->now > YEAR_9999)
		return ERR_INPUT;
	err = validate(store, der, len, options, &first);
	if (err == ERR_DENIED) {
		err = validate(store, der, len, options, &second);
		if (err == ERR_OK ||
		    (err == ERR_DENIED && (second.reason != first.reason ||
					      second.depth != first.depth)))
			err = ERR_NOMEM;
	}
	if (err == ERR_OK || err == ERR_DENIED)
		*ret_fault = first;
	return err;
}
