/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/ocsp.h"

#include <sodium.h>
#include <string.h>

#include "common/crypto/certificate.h"
#include "common/crypto/names.h"

enum {
	SECURITY_BITS = 112,  /* SP 800-57 part 1, table 4 */
	LEVEL_112_BITS = 2,   /* X509_VERIFY_PARAM_set_auth_level(3) */
	CERTIFICATES_MAX = 8, /* in a response */
	ANSWERS_MAX = 64
};

/* A question as OpenSSL has it. */
struct asked {
	X509 *issuer;
	OCSP_CERTID *id;
	EVP_MD *sha1;
};

const char *
ocsp_fault_text(enum ocsp_fault fault)
{
	switch (fault) {
	case OCSP_NO_FAULT:
		return "ocsp_valid";
	case OCSP_MALFORMED:
		return "ocsp_malformed";
	case OCSP_NO_ANSWER:
		return "ocsp_no_answer";
	case OCSP_SIGNER:
		return "ocsp_signer";
	case OCSP_BAD_SIGNATURE:
		return "ocsp_signature";
	case OCSP_WRONG_NONCE:
		return "ocsp_nonce";
	case OCSP_ANOTHER:
		return "ocsp_another";
	case OCSP_EARLY:
		return "ocsp_early";
	case OCSP_STALE:
		return "ocsp_stale";
	}
	return "ocsp_unknown";
}

static void
asked_clear(struct asked *a)
{
	OCSP_CERTID_free(a->id);
	EVP_MD_free(a->sha1);
	X509_free(a->issuer);
	memset(a, 0, sizeof *a);
	ERR_clear_error();
}

/*
 * The certificate's id is made with SHA-1: responders index by it, and those
 * that answer from stock know no other (RFC 5019 2.1.1). It is a name and
 * proves nothing; what is signed around it is checked with SHA-256 or better.
 */
static enum error
asked_make(const struct ocsp_question *q, struct asked *ret_asked)
{
	struct asked a = {NULL, NULL, NULL};
	X509 *certificate = NULL;
	enum error err;

	if (ossl_context() == NULL)
		return ERR_CRYPTO;
	if (q->issuer.len > CERTIFICATE_MAX ||
	    q->certificate.len > CERTIFICATE_MAX)
		return ERR_INPUT;
	err = ossl_certificate(q->issuer.octets, q->issuer.len, &a.issuer);
	if (err == ERR_OK)
		err = ossl_certificate(
		    q->certificate.octets, q->certificate.len, &certificate);
	if (err == ERR_OK && X509_get0_pubkey(a.issuer) == NULL)
		err = ossl_refused();
	if (err == ERR_OK && X509_NAME_cmp(X509_get_issuer_name(certificate),
				 X509_get_subject_name(a.issuer)) != 0)
		err = ERR_DENIED;
	if (err == ERR_OK) {
		a.sha1 = EVP_MD_fetch(ossl_context(), "SHA1", NULL);
		if (a.sha1 == NULL)
			err = ERR_CRYPTO;
	}
	if (err == ERR_OK) {
		a.id = OCSP_cert_id_new(a.sha1, X509_get_subject_name(a.issuer),
		    X509_get0_pubkey_bitstr(a.issuer),
		    X509_get0_serialNumber(certificate));
		if (a.id == NULL)
			err = ERR_NOMEM;
	}
	X509_free(certificate);
	if (err == ERR_OK)
		*ret_asked = a;
	else
		asked_clear(&a);
	return err;
}

enum error
ocsp_request(const struct ocsp_question *question,
    unsigned char ret_der[OCSP_REQUEST_MAX], size_t *ret_len)
{
	unsigned char nonce[OCSP_NONCE], *der = ret_der;
	OCSP_REQUEST *request;
	struct asked a;
	enum error err;
	int len = 0;

	err = asked_make(question, &a);
	if (err != ERR_OK)
		return err;
	memcpy(nonce, question->nonce, sizeof nonce);
	request = OCSP_REQUEST_new();
	if (request == NULL ||
	    OCSP_request_add1_nonce(request, nonce, sizeof nonce) != 1 ||
	    OCSP_request_add0_id(request, a.id) == NULL) {
		err = ERR_NOMEM;
	} else {
		a.id = NULL; /* the request's now */
		len = i2d_OCSP_REQUEST(request, NULL);
		if (len <= 0 || len > OCSP_REQUEST_MAX)
			err = ERR_CRYPTO;
		else
			(void)i2d_OCSP_REQUEST(request, &der);
	}
	if (err == ERR_OK)
		*ret_len = (size_t)len;
	OCSP_REQUEST_free(request);
	asked_clear(&a);
	return err;
}

static enum error
deny(enum ocsp_fault why, enum ocsp_fault *ret_fault)
{
	*ret_fault = why;
	return ERR_DENIED;
}

/* What OpenSSL has just refused to decode or take. */
static enum error
malformed(enum ocsp_fault *ret_fault)
{
	return ossl_refused() == ERR_NOMEM ? ERR_NOMEM
					   : deny(OCSP_MALFORMED, ret_fault);
}

static enum error
decode(const void *der, size_t len, OCSP_BASICRESP **ret_basic,
    enum ocsp_fault *ret_fault)
{
	const unsigned char *octets = der;
	OCSP_RESPONSE *response;
	enum error err = ERR_OK;

	if (len > OCSP_RESPONSE_MAX)
		return deny(OCSP_MALFORMED, ret_fault);
	response = d2i_OCSP_RESPONSE(NULL, &octets, (long)len);
	if (response == NULL)
		return malformed(ret_fault);
	if (octets != (const unsigned char *)der + len)
		err = deny(OCSP_MALFORMED, ret_fault);
	else if (OCSP_response_status(response) !=
		 OCSP_RESPONSE_STATUS_SUCCESSFUL)
		err = deny(OCSP_NO_ANSWER, ret_fault);
	else if ((*ret_basic = OCSP_response_get1_basic(response)) == NULL)
		err = malformed(ret_fault);
	OCSP_RESPONSE_free(response);
	return err;
}

static bool
is_strong_hash(int digest)
{
	return digest == NID_sha256 || digest == NID_sha384 ||
	       digest == NID_sha512;
}

/* No SHA-1, also not where PSS hides it in its parameters. */
static bool
is_strong(const X509_ALGOR *algorithm, const EVP_PKEY *key)
{
	const ASN1_OBJECT *object, *hash;
	const void *value;
	RSA_PSS_PARAMS *pss;
	int digest, kind, type;
	bool good = false;

	if (EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
		return false;
	X509_ALGOR_get0(&object, &type, &value, algorithm);
	if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &kind) != 1)
		return false;
	if (OBJ_obj2nid(object) != NID_rsassaPss)
		return is_strong_hash(digest) ||
		       OBJ_obj2nid(object) == NID_ED25519 ||
		       OBJ_obj2nid(object) == NID_ED448;
	pss = ASN1_TYPE_unpack_sequence(
	    ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter);
	if (pss != NULL && pss->hashAlgorithm != NULL) {
		X509_ALGOR_get0(&hash, NULL, NULL, pss->hashAlgorithm);
		good = is_strong_hash(OBJ_obj2nid(hash));
	}
	RSA_PSS_PARAMS_free(pss);
	return good;
}

/* Whether this is who the response says has signed it. */
static bool
is_named(const OCSP_BASICRESP *basic, const struct asked *a, const X509 *x)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	const ASN1_OCTET_STRING *id = NULL;
	const X509_NAME *name = NULL;
	unsigned len = 0;

	if (OCSP_resp_get0_id(basic, &id, &name) != 1)
		return false;
	if (name != NULL)
		return X509_NAME_cmp(X509_get_subject_name(x), name) == 0;
	return id != NULL && X509_pubkey_digest(x, a->sha1, hash, &len) == 1 &&
	       ASN1_STRING_length(id) == (int)len &&
	       sodium_memcmp(ASN1_STRING_get0_data(id), hash, len) == 0;
}

/*
 * RFC 6960 4.2.2.2: the issuer itself has certified it for this, and nobody
 * in between.
 */
static enum error
is_delegated(X509 *x, X509 *issuer, int64_t now, bool *ret_good)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(ossl_context(), NULL);
	enum error err = ERR_NOMEM;

	*ret_good = false;
	if (store != NULL && ctx != NULL &&
	    X509_STORE_add_cert(store, issuer) == 1 &&
	    X509_STORE_CTX_init(ctx, store, x, NULL) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
		STACK_OF(X509) * chain;

		X509_VERIFY_PARAM_set_time(param, (time_t)now);
		X509_VERIFY_PARAM_set_auth_level(param, LEVEL_112_BITS);
		err = X509_VERIFY_PARAM_set_flags(
			  param, X509_V_FLAG_PARTIAL_CHAIN) == 1
			  ? ERR_OK
			  : ERR_NOMEM;
		if (err == ERR_OK && X509_verify_cert(ctx) == 1) {
			chain = X509_STORE_CTX_get0_chain(ctx);
			*ret_good =
			    sk_X509_num(chain) == 2 &&
			    X509_cmp(sk_X509_value(chain, 1), issuer) == 0;
		} else if (X509_STORE_CTX_get_error(ctx) ==
			   X509_V_ERR_OUT_OF_MEM) {
			err = ERR_NOMEM;
		}
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	/* an absent extension would count as all usages */
	if ((X509_get_extension_flags(x) & EXFLAG_XKUSAGE) == 0 ||
	    (X509_get_extended_key_usage(x) & XKU_OCSP_SIGN) == 0 ||
	    (X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) == 0)
		*ret_good = false;
	return err;
}

/* The same certificate in our own library context; NULL if it is not taken. */
static enum error
take_over(const X509 *theirs, X509 **ret_ours)
{
	unsigned char *der = NULL;
	int len = i2d_X509(theirs, &der);
	enum error err;

	*ret_ours = NULL;
	if (len <= 0)
		return ERR_NOMEM;
	err = len > CERTIFICATE_MAX
		  ? ERR_INPUT
		  : ossl_certificate(der, (size_t)len, ret_ours);
	OPENSSL_free(der);
	if (err == ERR_OK && X509_get0_pubkey(*ret_ours) == NULL) {
		X509_free(*ret_ours);
		*ret_ours = NULL;
		err = ossl_refused();
	}
	return err == ERR_INPUT ? ERR_OK : err;
}

/* Caller frees *ret_signer, which is NULL if nobody who may has signed. */
static enum error
find_signer(const OCSP_BASICRESP *basic, const struct asked *a, int64_t now,
    X509 **ret_signer)
{
	const STACK_OF(X509) *list = OCSP_resp_get0_certs(basic);
	enum error err = ERR_OK;
	bool good = false;
	X509 *x;
	int i;

	*ret_signer = NULL;
	if (is_named(basic, a, a->issuer)) {
		*ret_signer = a->issuer;
		return X509_up_ref(a->issuer) == 1 ? ERR_OK : ERR_CRYPTO;
	}
	for (i = 0; i < sk_X509_num(list) && i < CERTIFICATES_MAX; i++) {
		err = take_over(sk_X509_value(list, i), &x);
		if (err == ERR_OK && x != NULL && is_named(basic, a, x))
			err = is_delegated(x, a->issuer, now, &good);
		if (err == ERR_OK && good) {
			*ret_signer = x;
			return ERR_OK;
		}
		X509_free(x);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum error
check_signature(const OCSP_BASICRESP *basic, const struct asked *a, int64_t now,
    enum ocsp_fault *ret_fault)
{
	const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
	EVP_PKEY *key;
	X509 *signer;
	enum error err;

	err = find_signer(basic, a, now, &signer);
	if (err != ERR_OK)
		return err;
	if (signer == NULL)
		return deny(OCSP_SIGNER, ret_fault);
	key = X509_get0_pubkey(signer);
	if (!is_strong(algorithm, key) ||
	    ASN1_item_verify_ex(ASN1_ITEM_rptr(OCSP_RESPDATA), algorithm,
		OCSP_resp_get0_signature(basic), OCSP_resp_get0_respdata(basic),
		NULL, key, ossl_context(), NULL) != 1)
		err = deny(OCSP_BAD_SIGNATURE, ret_fault);
	X509_free(signer);
	ERR_clear_error();
	return err;
}

/* Our nonce, none (from stock), or that of another question. */
static enum error
check_nonce(OCSP_BASICRESP *basic, const unsigned char *nonce, bool *ret_fresh,
    enum ocsp_fault *ret_fault)
{
	unsigned char ours[OCSP_NONCE + 2] = {DER_OCTET_STRING, OCSP_NONCE};
	const ASN1_OCTET_STRING *value;
	int at, i;

	for (i = 0; i < OCSP_BASICRESP_get_ext_count(basic); i++) {
		X509_EXTENSION *e = OCSP_BASICRESP_get_ext(basic, i);

		if (X509_EXTENSION_get_critical(e) != 0 &&
		    OBJ_obj2nid(X509_EXTENSION_get_object(e)) !=
			NID_id_pkix_OCSP_Nonce)
			return deny(OCSP_MALFORMED, ret_fault);
	}
	*ret_fresh = false;
	at = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
	if (at < 0)
		return ERR_OK;
	memcpy(ours + 2, nonce, OCSP_NONCE);
	value = X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, at));
	if (ASN1_STRING_length(value) != sizeof ours ||
	    sodium_memcmp(ASN1_STRING_get0_data(value), ours, sizeof ours) !=
		0 ||
	    OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, at) >=
		0)
		return deny(OCSP_WRONG_NONCE, ret_fault);
	*ret_fresh = true;
	return ERR_OK;
}

/* The one answer about our certificate; two are none. */
static enum error
find_answer(OCSP_BASICRESP *basic, const struct asked *a,
    OCSP_SINGLERESP **ret_single, enum ocsp_fault *ret_fault)
{
	int i, n = OCSP_resp_count(basic);
	OCSP_SINGLERESP *found = NULL;

	if (n > ANSWERS_MAX)
		return deny(OCSP_MALFORMED, ret_fault);
	for (i = 0; i < n; i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);

		if (OCSP_id_cmp(OCSP_SINGLERESP_get0_id(single), a->id) != 0)
			continue;
		if (found != NULL)
			return deny(OCSP_MALFORMED, ret_fault);
		found = single;
	}
	if (found == NULL)
		return deny(OCSP_ANOTHER, ret_fault);
	for (i = 0; i < OCSP_SINGLERESP_get_ext_count(found); i++) {
		if (X509_EXTENSION_get_critical(
			OCSP_SINGLERESP_get_ext(found, i)) != 0)
			return deny(OCSP_MALFORMED, ret_fault);
	}
	*ret_single = found;
	return ERR_OK;
}

static bool
read_status(int status, enum certificate_status *ret_status)
{
	if (status == V_OCSP_CERTSTATUS_GOOD)
		*ret_status = CERTIFICATE_GOOD;
	else if (status == V_OCSP_CERTSTATUS_REVOKED)
		*ret_status = CERTIFICATE_REVOKED;
	else if (status == V_OCSP_CERTSTATUS_UNKNOWN)
		*ret_status = CERTIFICATE_UNKNOWN;
	else
		return false;
	return true;
}

static enum error
read_answer(OCSP_SINGLERESP *single, int64_t now, struct ocsp_answer *answer,
    enum ocsp_fault *ret_fault)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *this = NULL, *next = NULL;
	int64_t next_update = 0, bound;
	int reason = -1, status;
	enum error err;

	status =
	    OCSP_single_get0_status(single, &reason, &revoked, &this, &next);
	if (!read_status(status, &answer->status) || this == NULL)
		return deny(OCSP_MALFORMED, ret_fault);
	err = names_time(this, &answer->this_update);
	if (err == ERR_OK && next != NULL)
		err = names_time(next, &next_update);
	if (err == ERR_OK && answer->status == CERTIFICATE_REVOKED)
		err = revoked == NULL
			  ? ERR_INPUT
			  : names_time(revoked, &answer->revoked_at);
	if (err == ERR_OK && next != NULL && next_update < answer->this_update)
		err = ERR_INPUT;
	if (err == ERR_INPUT)
		return deny(OCSP_MALFORMED, ret_fault);
	if (err != ERR_OK)
		return err;
	/* held: it counts no more until the issuer says good again */
	if (answer->status == CERTIFICATE_REVOKED &&
	    reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD)
		answer->status = CERTIFICATE_UNKNOWN;
	if (answer->this_update > now + OCSP_SKEW)
		return deny(OCSP_EARLY, ret_fault);
	bound = (answer->fresh ? now : answer->this_update) +
		(next != NULL ? OCSP_GOOD_MAX : OCSP_GOOD_BARE);
	answer->until =
	    next != NULL && next_update < bound ? next_update : bound;
	return answer->until > now ? ERR_OK : deny(OCSP_STALE, ret_fault);
}

enum error
ocsp_read(const struct ocsp_question *question, const void *der, size_t len,
    int64_t now, struct ocsp_answer *ret_answer, enum ocsp_fault *ret_fault)
{
	struct ocsp_answer answer;
	OCSP_SINGLERESP *single = NULL;
	OCSP_BASICRESP *basic = NULL;
	struct asked a;
	enum error err;

	memset(&answer, 0, sizeof answer);
	err = asked_make(question, &a);
	if (err == ERR_DENIED)
		return deny(OCSP_ANOTHER, ret_fault);
	if (err != ERR_OK)
		return err;
	err = decode(der, len, &basic, ret_fault);
	if (err == ERR_OK)
		err = check_signature(basic, &a, now, ret_fault);
	if (err == ERR_OK)
		err = check_nonce(
		    basic, question->nonce, &answer.fresh, ret_fault);
	if (err == ERR_OK)
		err = find_answer(basic, &a, &single, ret_fault);
	if (err == ERR_OK)
		err = read_answer(single, now, &answer, ret_fault);
	if (err == ERR_OK)
		*ret_answer = answer;
	OCSP_BASICRESP_free(basic);
	asked_clear(&a);
	return err;
}
