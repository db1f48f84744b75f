/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/issue.h"

#include <sodium.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/crypto/extend.h"
#include "common/crypto/issue_sign.h"

enum { VERSION_3 = 2 };

/* TBSCertificate, RFC 5280 4.1; the unique identifiers are not used. */
struct tbs_certificate_st {
	ASN1_INTEGER *version;
	ASN1_INTEGER *serial;
	ASN1_TYPE *algorithm;
	ASN1_TYPE *issuer;
	X509_VAL *validity;
	X509_NAME *subject;
	ASN1_TYPE *spki;
	STACK_OF(X509_EXTENSION) * extensions;
};
typedef struct tbs_certificate_st TBS_CERTIFICATE;

ASN1_SEQUENCE(TBS_CERTIFICATE) =
    {
	ASN1_EXP(TBS_CERTIFICATE, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(TBS_CERTIFICATE, serial, ASN1_INTEGER),
	ASN1_SIMPLE(TBS_CERTIFICATE, algorithm, ASN1_ANY),
	ASN1_SIMPLE(TBS_CERTIFICATE, issuer, ASN1_ANY),
	ASN1_SIMPLE(TBS_CERTIFICATE, validity, X509_VAL),
	ASN1_SIMPLE(TBS_CERTIFICATE, subject, X509_NAME),
	ASN1_SIMPLE(TBS_CERTIFICATE, spki, ASN1_ANY),
	ASN1_EXP_SEQUENCE_OF(TBS_CERTIFICATE, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END(TBS_CERTIFICATE)

	void issue_serial(unsigned char serial[ISSUE_SERIAL])
{
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40);
}

static enum error
add_name(X509_NAME *name, int nid, const char *text)
{
	if (text == NULL)
		return ERR_OK;
	/* OpenSSL knows the longest that RFC 5280 A.1 allows of each. */
	if (text[0] == '\0' || !utf8_plain(text) ||
	    X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
		(const unsigned char *)text, -1, -1, 0) != 1)
		return ossl_refused();
	return ERR_OK;
}

static enum error
fill_name(X509_NAME *name, const struct issue_name *n)
{
	enum error err;

	err = add_name(name, NID_countryName, n->country);
	if (err == ERR_OK)
		err = add_name(name, NID_organizationName, n->organization);
	if (err == ERR_OK)
		err = add_name(name, NID_organizationalUnitName, n->unit);
	if (err == ERR_OK)
		err = add_name(name, NID_commonName, n->common_name);
	if (err == ERR_OK)
		err = add_name(name, NID_serialNumber, n->serial_number);
	if (err == ERR_OK && X509_NAME_entry_count(name) == 0)
		err = ERR_INPUT;
	return err;
}

static enum error
fill_serial(ASN1_INTEGER *serial, const unsigned char octets[ISSUE_SERIAL])
{
	BIGNUM *number;
	enum error err = ERR_NOMEM;

	if ((octets[0] & 0xc0) != 0x40)
		return ERR_INPUT; /* not of issue_serial */
	number = BN_bin2bn(octets, ISSUE_SERIAL, NULL);
	if (number != NULL && BN_to_ASN1_INTEGER(number, serial) != NULL)
		err = ERR_OK;
	BN_free(number);
	return err;
}

/* Everything but issuer and extensions. */
static enum error
fill(TBS_CERTIFICATE *tbs, const struct issue_template *t,
    const struct issue_signer *signer, struct der spki)
{
	enum error err;

	if (t->not_before > t->not_after)
		return ERR_INPUT;
	if (ASN1_INTEGER_set(tbs->version, VERSION_3) != 1)
		return ERR_NOMEM;
	err = fill_serial(tbs->serial, t->serial);
	if (err == ERR_OK)
		err = issue_algorithm(signer, &tbs->algorithm);
	if (err == ERR_OK)
		err = issue_time(t->not_before, &tbs->validity->notBefore);
	if (err == ERR_OK)
		err = issue_time(t->not_after, &tbs->validity->notAfter);
	if (err == ERR_OK)
		err = fill_name(tbs->subject, &t->subject);
	if (err == ERR_OK)
		err = issue_as_is(spki, &tbs->spki);
	return err;
}

static enum error
extend(extend_list **list, const struct issue_template *t,
    const unsigned char *key_id, const ASN1_OCTET_STRING *authority)
{
	enum error err;

	err = extend_end_entity(list, t->key_usage);
	if (err == ERR_OK)
		err = extend_subject_key(list, key_id);
	if (err == ERR_OK)
		err = extend_authority_key(list, authority);
	if (err == ERR_OK)
		err = extend_uses(list, t->uses);
	if (err == ERR_OK && t->upn != NULL)
		err = extend_upn(list, t->upn);
	if (err == ERR_OK && t->sid != NULL)
		err = extend_sid(list, t->sid);
	if (err == ERR_OK && t->crl_url != NULL)
		err = extend_crl_url(list, t->crl_url);
	if (err == ERR_OK)
		err = extend_policies(list, t->policies, ISSUE_POLICIES);
	return err;
}

/* The outcome must be one that we would take ourselves. */
static enum error
finish(const TBS_CERTIFICATE *tbs, const struct issue_signer *signer,
    unsigned char ret_der[CERTIFICATE_MAX], size_t *ret_len)
{
	struct certificate parsed;
	unsigned char *der = NULL;
	size_t len = 0;
	enum error err;

	err = issue_sign(
	    tbs, ASN1_ITEM_rptr(TBS_CERTIFICATE), signer, &der, &len);
	if (err == ERR_OK)
		err = certificate_parse(der, len, &parsed);
	if (err == ERR_OK) {
		memcpy(ret_der, der, len);
		*ret_len = len;
	}
	OPENSSL_free(der);
	return err;
}

enum error
issue_certificate(const struct issue_template *t,
    const struct issue_signer *signer, unsigned char ret_der[CERTIFICATE_MAX],
    size_t *ret_len)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(TBS_CERTIFICATE);
	TBS_CERTIFICATE *tbs = NULL;
	unsigned char key_id[SPKI_KEY_ID];
	struct certificate ca;
	struct spki spki;
	X509 *x = NULL;
	enum error err;

	err = spki_acceptable(t->spki.octets, t->spki.len, &spki);
	if (err == ERR_OK)
		err = issue_authority(t->issuer, signer, &ca, &x);
	if (err != ERR_OK)
		return err;
	if (t->not_before < ca.not_before || t->not_after > ca.not_after) {
		err = ERR_DENIED;
		goto out;
	}
	err = ERR_NOMEM;
	tbs = (TBS_CERTIFICATE *)ASN1_item_new(item);
	if (tbs == NULL)
		goto out;
	spki_key_id(t->spki.octets, t->spki.len, key_id);
	err = fill(tbs, t, signer, t->spki);
	if (err == ERR_OK)
		err = issue_as_is(ca.subject, &tbs->issuer);
	if (err == ERR_OK)
		err = extend(
		    &tbs->extensions, t, key_id, X509_get0_subject_key_id(x));
	if (err == ERR_OK)
		err = finish(tbs, signer, ret_der, ret_len);
out:
	ASN1_item_free((ASN1_VALUE *)tbs, item);
	X509_free(x);
	ERR_clear_error();
	return err;
}

enum error
issue_root(const struct issue_template *t, const struct issue_signer *signer,
    unsigned char ret_der[CERTIFICATE_MAX], size_t *ret_len)
{
	const ASN1_ITEM *item = ASN1_ITEM_rptr(TBS_CERTIFICATE);
	unsigned char key_id[SPKI_KEY_ID], *name = NULL;
	TBS_CERTIFICATE *tbs;
	struct spki spki;
	enum error err;
	int len;

	err = spki_acceptable(signer->spki.octets, signer->spki.len, &spki);
	if (err != ERR_OK)
		return err;
	tbs = (TBS_CERTIFICATE *)ASN1_item_new(item);
	if (tbs == NULL)
		return ERR_NOMEM;
	spki_key_id(signer->spki.octets, signer->spki.len, key_id);
	err = fill(tbs, t, signer, signer->spki);
	if (err == ERR_OK) {
		len = i2d_X509_NAME(tbs->subject, &name);
		err = len > 0 ? issue_as_is((struct der){name, (size_t)len},
				    &tbs->issuer)
			      : ossl_refused();
	}
	if (err == ERR_OK)
		err = extend_ca(&tbs->extensions);
	if (err == ERR_OK)
		err = extend_subject_key(&tbs->extensions, key_id);
	if (err == ERR_OK)
		err = finish(tbs, signer, ret_der, ret_len);
	OPENSSL_free(name);
	ASN1_item_free((ASN1_VALUE *)tbs, item);
	ERR_clear_error();
	return err;
}
