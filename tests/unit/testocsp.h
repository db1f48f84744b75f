/* SPDX-License-Identifier: GPL-2.0-or-later */
/* testocsp.h - a responder that answers as a test wants it. */
#ifndef SEKISHO_TESTS_UNIT_TESTOCSP_H
#define SEKISHO_TESTS_UNIT_TESTOCSP_H

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "common/crypto/ocsp.h"
#include "tests/unit/test.h"

enum nonce { NONCE_OURS, NONCE_NONE, NONCE_OTHER, NONCE_TWICE };

struct responder {
	struct der about; /* the CA whose certificates it knows */
	struct der cert;  /* its own, with whose name it signs; none: the CA */
	EVP_PKEY *key;
	const EVP_MD *md;
	unsigned long flags;
	int status;
	int64_t this_update, next_update; /* 0: none */
	int64_t revoked;
	enum nonce nonce;
	long serial; /* 0: that of the certificate in question */
	bool twice, critical, pss, hold;
};

static inline X509 *
testocsp_x509(struct der der)
{
	X509 *x = d2i_X509(NULL, &der.octets, (long)der.len);

	assert_non_null(x);
	return x;
}

static inline void
testocsp_status(OCSP_BASICRESP *basic, const struct responder *r,
    const struct ocsp_question *q, X509 *issuer)
{
	ASN1_TIME *this = ASN1_TIME_set(NULL, (time_t)r->this_update);
	ASN1_TIME *next = r->next_update != 0
			      ? ASN1_TIME_set(NULL, (time_t)r->next_update)
			      : NULL;
	ASN1_TIME *revoked = ASN1_TIME_set(NULL, (time_t)r->revoked);
	X509 *x = testocsp_x509(q->certificate);
	ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(x));
	OCSP_SINGLERESP *single;
	OCSP_CERTID *id;

	if (r->serial != 0)
		assert_int_equal(ASN1_INTEGER_set(serial, r->serial), 1);
	id = OCSP_cert_id_new(EVP_sha1(), X509_get_subject_name(issuer),
	    X509_get0_pubkey_bitstr(issuer), serial);
	single = OCSP_basic_add1_status(basic, id, r->status,
	    r->hold ? OCSP_REVOKED_STATUS_CERTIFICATEHOLD
		    : OCSP_REVOKED_STATUS_KEYCOMPROMISE,
	    r->status == V_OCSP_CERTSTATUS_REVOKED ? revoked : NULL, this,
	    next);
	assert_non_null(single);
	if (r->critical)
		assert_int_equal(
		    OCSP_SINGLERESP_add1_ext_i2d(
			single, NID_id_pkix_OCSP_archiveCutoff, this, 1, 0),
		    1);
	OCSP_CERTID_free(id);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(this);
	ASN1_TIME_free(next);
	ASN1_TIME_free(revoked);
	X509_free(x);
}

static inline void
testocsp_nonce(OCSP_BASICRESP *basic, const struct responder *r,
    const struct ocsp_question *q)
{
	unsigned char nonce[OCSP_NONCE];

	memcpy(nonce, q->nonce, sizeof nonce);
	if (r->nonce == NONCE_OTHER)
		nonce[31] ^= 1;
	if (r->nonce != NONCE_NONE)
		assert_int_equal(
		    OCSP_basic_add1_nonce(basic, nonce, sizeof nonce), 1);
	if (r->nonce == NONCE_TWICE)
		assert_int_equal(OCSP_BASICRESP_add_ext(basic,
				     OCSP_BASICRESP_get_ext(basic, 0), -1),
		    1);
}

static inline size_t
testocsp_answer(const struct responder *r, const struct ocsp_question *q,
    unsigned char ret_der[OCSP_RESPONSE_MAX])
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	X509 *issuer = testocsp_x509(r->about);
	X509 *signer = testocsp_x509(r->cert.len > 0 ? r->cert : r->about);
	EVP_PKEY_CTX *key = NULL;
	OCSP_RESPONSE *response;
	unsigned char *der = ret_der;
	int len;

	testocsp_status(basic, r, q, issuer);
	if (r->twice)
		testocsp_status(basic, r, q, issuer);
	testocsp_nonce(basic, r, q);
	assert_int_equal(EVP_DigestSignInit(ctx, &key, r->md, NULL, r->key), 1);
	if (r->pss)
		assert_int_equal(
		    EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING),
		    1);
	assert_int_equal(
	    OCSP_basic_sign_ctx(basic, signer, ctx, NULL, r->flags), 1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	len = i2d_OCSP_RESPONSE(response, NULL);
	assert_in_range(len, 1, OCSP_RESPONSE_MAX);
	assert_int_equal(i2d_OCSP_RESPONSE(response, &der), len);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	EVP_MD_CTX_free(ctx);
	X509_free(signer);
	X509_free(issuer);
	return (size_t)len;
}

#endif
