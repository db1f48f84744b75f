/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/issue_sign.h"

#include "common/base/secret.h"
#include "common/crypto/algorithm.h"

/* Certificate and CertificateList, RFC 5280 4.1 and 5.1. */
struct signed_st {
	ASN1_TYPE *tbs;
	ASN1_TYPE *algorithm;
	ASN1_BIT_STRING *signature;
};
typedef struct signed_st SIGNED;

ASN1_SEQUENCE(SIGNED) =
    {
	ASN1_SIMPLE(SIGNED, tbs, ASN1_ANY),
	ASN1_SIMPLE(SIGNED, algorithm, ASN1_ANY),
	ASN1_SIMPLE(SIGNED, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(SIGNED)

	enum error issue_as_is(struct der der, ASN1_TYPE **ret_value)
{
	const unsigned char *octets = der.octets;
	ASN1_TYPE *value = d2i_ASN1_TYPE(NULL, &octets, (long)der.len);

	if (value == NULL)
		return ossl_refused();
	ASN1_TYPE_free(*ret_value);
	*ret_value = value;
	return ERR_OK;
}

enum error
issue_time(int64_t seconds, ASN1_TIME **ret_time)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, seconds);

	if (t == NULL)
		return ossl_refused();
	ASN1_TIME_free(*ret_time);
	*ret_time = t;
	return ERR_OK;
}

/* ERR_INPUT if its key is none that we take. */
static enum error
algorithm_of(const struct issue_signer *signer, struct algorithm *ret_algorithm)
{
	struct spki spki;
	enum error err;

	err = spki_parse(signer->spki.octets, signer->spki.len, &spki);
	if (err == ERR_OK)
		*ret_algorithm = algorithm_of_key(spki.kind);
	return err;
}

enum error
issue_algorithm(const struct issue_signer *signer, ASN1_TYPE **ret_value)
{
	struct algorithm algorithm;
	enum error err = algorithm_of(signer, &algorithm);

	return err == ERR_OK ? issue_as_is(algorithm_der(algorithm), ret_value)
			     : err;
}

enum error
issue_authority(struct der der, const struct issue_signer *signer,
    struct certificate *ret_certificate, X509 **ret_x509)
{
	X509 *x = NULL;
	enum error err;

	err = certificate_parse(der.octets, der.len, ret_certificate);
	if (err != ERR_OK)
		return err;
	if (!ret_certificate->is_ca ||
	    !secret_equal(ret_certificate->spki.octets,
		ret_certificate->spki.len, signer->spki.octets,
		signer->spki.len))
		return ERR_INPUT;
	err = ossl_certificate(der.octets, der.len, &x);
	if (err != ERR_OK)
		return err;
	if (X509_get0_subject_key_id(x) == NULL) {
		X509_free(x);
		return ERR_INPUT;
	}
	*ret_x509 = x;
	return ERR_OK;
}

/* What a faulty token signed never leaves this file. */
static enum error
sign(struct der tbs, const struct issue_signer *signer,
    struct algorithm algorithm, unsigned char signature[SIGNATURE_MAX],
    size_t *ret_len)
{
	unsigned char digest[SIGNATURE_DIGEST_MAX];
	size_t len = 0;
	enum error err;

	err = algorithm_digest(algorithm.hash, tbs.octets, tbs.len, digest);
	if (err == ERR_OK)
		err = signer->sign(signer->context, algorithm.padding,
		    algorithm.hash, digest, signature, &len);
	if (err != ERR_OK)
		return err;
	err = signature_verify_hash(signer->spki.octets, signer->spki.len,
	    algorithm.padding, algorithm.hash, digest, signature, len);
	if (err != ERR_OK)
		return ERR_CRYPTO;
	*ret_len = len;
	return ERR_OK;
}

static enum error
put_together(struct der tbs, struct algorithm algorithm,
    unsigned char *signature, size_t len, unsigned char **ret_der,
    size_t *ret_len)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(SIGNED);
	SIGNED *whole = (SIGNED *)ASN1_item_new(item);
	unsigned char *der = NULL;
	enum error err = ERR_NOMEM;
	int der_len;

	if (whole == NULL)
		return ERR_NOMEM;
	/* Without this flag the zeros at its end would be left out. */
	whole->signature->flags &= ~(long)(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	whole->signature->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	if (ASN1_BIT_STRING_set(whole->signature, signature, (int)len) != 1)
		goto out;
	err = issue_as_is(tbs, &whole->tbs);
	if (err == ERR_OK)
		err = issue_as_is(algorithm_der(algorithm), &whole->algorithm);
	if (err != ERR_OK)
		goto out;
	der_len = ASN1_item_i2d((const ASN1_VALUE *)whole, &der, item);
	if (der_len <= 0) {
		err = ossl_refused();
		goto out;
	}
	*ret_der = der;
	*ret_len = (size_t)der_len;
out:
	ASN1_item_free((ASN1_VALUE *)whole, item);
	return err;
}

enum error
issue_sign(const void *tbs, const ASN1_ITEM *item,
    const struct issue_signer *signer, unsigned char **ret_der, size_t *ret_len)
{
	unsigned char signature[SIGNATURE_MAX], *der = NULL;
	struct algorithm algorithm;
	struct der octets;
	size_t len = 0;
	enum error err;
	int der_len;

	err = algorithm_of(signer, &algorithm);
	if (err != ERR_OK)
		return err;
	der_len = ASN1_item_i2d((const ASN1_VALUE *)tbs, &der, item);
	if (der_len <= 0)
		return ossl_refused();
	octets = (struct der){der, (size_t)der_len};
	err = sign(octets, signer, algorithm, signature, &len);
	if (err == ERR_OK)
		err = put_together(
		    octets, algorithm, signature, len, ret_der, ret_len);
	OPENSSL_free(der);
	return err;
}
