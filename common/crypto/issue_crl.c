/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/extend.h"
#include "common/crypto/issue_sign.h"

enum { VERSION_2 = 1 };

/* TBSCertList, RFC 5280 5.1; nextUpdate is not left out (5.1.2.5). */
struct tbs_crl_st {
	ASN1_INTEGER *version;
	ASN1_TYPE *algorithm;
	ASN1_TYPE *issuer;
	ASN1_TIME *this_update;
	ASN1_TIME *next_update;
	STACK_OF(X509_REVOKED) * revoked;
	STACK_OF(X509_EXTENSION) * extensions;
};
typedef struct tbs_crl_st TBS_CRL;

ASN1_SEQUENCE(TBS_CRL) =
    {
	ASN1_SIMPLE(TBS_CRL, version, ASN1_INTEGER),
	ASN1_SIMPLE(TBS_CRL, algorithm, ASN1_ANY),
	ASN1_SIMPLE(TBS_CRL, issuer, ASN1_ANY),
	ASN1_SIMPLE(TBS_CRL, this_update, ASN1_TIME),
	ASN1_SIMPLE(TBS_CRL, next_update, ASN1_TIME),
	ASN1_SEQUENCE_OF_OPT(TBS_CRL, revoked, X509_REVOKED),
	ASN1_EXP_SEQUENCE_OF(TBS_CRL, extensions, X509_EXTENSION, 0),
} static_ASN1_SEQUENCE_END(TBS_CRL)

	static enum error set_serial(X509_REVOKED * entry, const char *hex)
{
	unsigned char octets[(CERTIFICATE_SERIAL - 1) / 2];
	ASN1_INTEGER *serial;
	BIGNUM *number;
	size_t len = 0;
	enum error err = ERR_NOMEM;

	if (hex_decode(hex, strnlen(hex, CERTIFICATE_SERIAL), octets,
		sizeof octets, &len) != ERR_OK ||
	    len == 0)
		return ERR_INPUT;
	number = BN_bin2bn(octets, (int)len, NULL);
	serial = number != NULL ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	if (serial != NULL && X509_REVOKED_set_serialNumber(entry, serial) == 1)
		err = ERR_OK;
	ASN1_INTEGER_free(serial);
	BN_free(number);
	return err;
}

static enum error
set_reason(X509_REVOKED *entry, enum revocation_reason reason)
{
	ASN1_ENUMERATED *value;
	enum error err = ERR_NOMEM;

	if (reason == REVOKED_UNSPECIFIED)
		return ERR_OK; /* RFC 5280 5.3.1: then it should be absent */
	value = ASN1_ENUMERATED_new();
	if (value != NULL && ASN1_ENUMERATED_set(value, (long)reason) == 1 &&
	    X509_REVOKED_add1_ext_i2d(
		entry, NID_crl_reason, value, 0, X509V3_ADD_DEFAULT) == 1)
		err = ERR_OK;
	ASN1_ENUMERATED_free(value);
	return err;
}

static enum error
add_revoked(TBS_CRL *tbs, const struct issue_revoked *revoked)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *at = NULL;
	enum error err;

	if (entry == NULL)
		return ERR_NOMEM;
	err = set_serial(entry, revoked->serial);
	if (err == ERR_OK)
		err = issue_time(revoked->at, &at);
	if (err == ERR_OK && X509_REVOKED_set_revocationDate(entry, at) != 1)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = set_reason(entry, revoked->reason);
	if (err == ERR_OK && sk_X509_REVOKED_push(tbs->revoked, entry) == 0)
		err = ERR_NOMEM;
	if (err != ERR_OK)
		X509_REVOKED_free(entry);
	ASN1_TIME_free(at);
	return err;
}

static enum error
fill(TBS_CRL *tbs, const struct issue_crl *crl,
    const struct issue_signer *signer, const struct certificate *ca)
{
	enum error err;
	size_t i;

	if (ASN1_INTEGER_set(tbs->version, VERSION_2) != 1)
		return ERR_NOMEM;
	err = issue_algorithm(signer, &tbs->algorithm);
	if (err == ERR_OK)
		err = issue_as_is(ca->subject, &tbs->issuer);
	if (err == ERR_OK)
		err = issue_time(crl->this_update, &tbs->this_update);
	if (err == ERR_OK)
		err = issue_time(crl->next_update, &tbs->next_update);
	/* An empty list is not allowed (5.1.2.6), none at all is. */
	if (err == ERR_OK && crl->n_revoked > 0 &&
	    (tbs->revoked = sk_X509_REVOKED_new_null()) == NULL)
		err = ERR_NOMEM;
	for (i = 0; i < crl->n_revoked && err == ERR_OK; i++)
		err = add_revoked(tbs, &crl->revoked[i]);
	return err;
}

enum error
issue_crl(const struct issue_crl *crl, const struct issue_signer *signer,
    unsigned char **ret_der, size_t *ret_len)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(TBS_CRL);
	unsigned char *der = NULL, *copy;
	struct certificate ca;
	TBS_CRL *tbs = NULL;
	X509 *x = NULL;
	size_t len = 0;
	enum error err;

	if (crl->this_update >= crl->next_update ||
	    crl->n_revoked > ISSUE_REVOKED_MAX)
		return ERR_INPUT;
	err = issue_authority(crl->issuer, signer, &ca, &x);
	if (err != ERR_OK)
		return err;
	err = ERR_NOMEM;
	tbs = (TBS_CRL *)ASN1_item_new(item);
	if (tbs == NULL)
		goto out;
	err = fill(tbs, crl, signer, &ca);
	if (err == ERR_OK)
		err = extend_authority_key(
		    &tbs->extensions, X509_get0_subject_key_id(x));
	if (err == ERR_OK)
		err = extend_crl_number(&tbs->extensions, crl->number);
	if (err == ERR_OK)
		err = issue_sign(tbs, item, signer, &der, &len);
	if (err != ERR_OK)
		goto out;
	copy = malloc(len);
	if (copy == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	memcpy(copy, der, len);
	*ret_der = copy;
	*ret_len = len;
out:
	OPENSSL_free(der);
	ASN1_item_free((ASN1_VALUE *)tbs, item);
	X509_free(x);
	ERR_clear_error();
	return err;
}
