/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/request.h"

#include <stdlib.h>
#include <string.h>

#include "common/crypto/ossl.h"

struct request {
	X509_REQ *req;
};

void
request_free(struct request **request)
{
	if (*request == NULL)
		return;
	X509_REQ_free((*request)->req);
	free(*request);
	*request = NULL;
}

enum error
request_new(const void *spki, size_t spki_len, const char *subject,
    struct request **ret_request)
{
	struct request *request = NULL;
	EVP_PKEY *key = NULL;
	struct spki parsed;
	X509_NAME *name;
	enum error err;

	if (strlen(subject) < 1 || strlen(subject) > 64)
		return ERR_INPUT;
	err = spki_parse(spki, spki_len, &parsed);
	if (err == ERR_OK)
		err = ossl_key(&parsed, &key);
	if (err != ERR_OK)
		return err;
	request = calloc(1, sizeof *request);
	if (request != NULL)
		request->req = X509_REQ_new_ex(ossl_context(), NULL);
	if (request == NULL || request->req == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	name = X509_REQ_get_subject_name(request->req);
	if (X509_REQ_set_version(request->req, 0) != 1 ||
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		(const unsigned char *)subject, -1, -1, 0) != 1 ||
	    X509_REQ_set_pubkey(request->req, key) != 1) {
		err = ERR_CRYPTO;
		goto out;
	}
	*ret_request = request;
	request = NULL;
out:
	ERR_clear_error();
	EVP_PKEY_free(key);
	request_free(&request);
	return err;
}

enum error
request_digest(
    struct request *request, unsigned char ret_digest[SIGNATURE_DIGEST])
{
	unsigned char *tbs = NULL;
	int len = i2d_re_X509_REQ_tbs(request->req, &tbs);
	size_t digest_len = SIGNATURE_DIGEST;
	int ok = 0;

	if (len > 0)
		ok = EVP_Q_digest(ossl_context(), "SHA256", NULL, tbs,
		    (size_t)len, ret_digest, &digest_len);
	OPENSSL_free(tbs);
	ERR_clear_error();
	return ok == 1 ? ERR_OK : ERR_CRYPTO;
}

static X509_ALGOR *
algorithm(enum scheme scheme)
{
	X509_ALGOR *a = X509_ALGOR_new();
	int ok = 0;

	if (a == NULL)
		return NULL;
	switch (scheme) {
	case SCHEME_ECDSA_SHA256:
		ok = X509_ALGOR_set0(
		    a, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL);
		break;
	case SCHEME_RSA_PKCS1_SHA256:
		ok =
		    X509_ALGOR_set0(a, OBJ_nid2obj(NID_sha256WithRSAEncryption),
			V_ASN1_NULL, NULL);
		break;
	case SCHEME_RSA_PSS_SHA256: /* no card of ours is asked for one */
		break;
	}
	if (ok != 1) {
		X509_ALGOR_free(a);
		return NULL;
	}
	return a;
}

enum error
request_finish(struct request *request, enum scheme scheme,
    const void *signature, size_t len, unsigned char ret_der[REQUEST_MAX],
    size_t *ret_len)
{
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	X509_ALGOR *a = algorithm(scheme);
	unsigned char *der = NULL;
	enum error err = ERR_CRYPTO;
	int n;

	if (bits == NULL || a == NULL || len > SIGNATURE_MAX ||
	    ASN1_BIT_STRING_set(
		bits, (unsigned char *)(uintptr_t)signature, (int)len) != 1)
		goto out;
	bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 7L);
	bits->flags |= ASN1_STRING_FLAG_BITS_LEFT; /* no unused bits */
	if (X509_REQ_set1_signature_algo(request->req, a) != 1)
		goto out;
	X509_REQ_set0_signature(request->req, bits);
	bits = NULL;
	n = i2d_X509_REQ(request->req, &der);
	if (n > REQUEST_MAX) {
		err = ERR_INPUT;
	} else if (n > 0) {
		memcpy(ret_der, der, (size_t)n);
		*ret_len = (size_t)n;
		err = ERR_OK;
	}
out:
	OPENSSL_free(der);
	X509_ALGOR_free(a);
	ASN1_BIT_STRING_free(bits);
	ERR_clear_error();
	return err;
}
