/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/cardcert.h"

#include <openssl/asn1.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

enum { COORDINATE_MAX = 66 };

/* User principal name, as domain logins with a card have it. */
#define OID_UPN "1.3.6.1.4.1.311.20.2.3"

/*
 * The part before the @, if it can be a login at all: it is shown and sent
 * before anything has been proven.
 */
static void
take_login(const unsigned char *bytes, int size, char ret_login[CARD_LOGIN])
{
	char shown[SPEECH_SIZE];
	size_t len = size < 0 ? 0 : (size_t)size, i;
	const unsigned char *at = len > 0 ? memchr(bytes, '@', len) : NULL;

	if (at != NULL)
		len = (size_t)(at - bytes);
	if (len == 0 || len >= CARD_LOGIN)
		return;
	for (i = 0; i < len; i++) {
		if (bytes[i] <= ' ' || bytes[i] == 0x7f)
			return;
	}
	speech_clean((const char *)bytes, len, shown);
	if (strlen(shown) != len)
		return;
	memcpy(ret_login, shown, len + 1);
}

static void
take_upn(X509 *x509, char ret_login[CARD_LOGIN])
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	ASN1_OBJECT *upn = OBJ_txt2obj(OID_UPN, 1);
	int i;

	for (i = 0; upn != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_TYPE *value;

		if (name->type != GEN_OTHERNAME ||
		    OBJ_cmp(name->d.otherName->type_id, upn) != 0)
			continue;
		value = name->d.otherName->value;
		if (value->type == V_ASN1_UTF8STRING && ret_login[0] == '\0')
			take_login(
			    ASN1_STRING_get0_data(value->value.utf8string),
			    ASN1_STRING_length(value->value.utf8string),
			    ret_login);
	}
	ASN1_OBJECT_free(upn);
	GENERAL_NAMES_free(names);
}

static void
take_subject(X509 *x509, int nid, char ret_login[CARD_LOGIN])
{
	const X509_NAME *subject = X509_get_subject_name(x509);
	int at = X509_NAME_get_index_by_NID(subject, nid, -1), len;
	unsigned char *text = NULL;

	if (at < 0)
		return;
	len = ASN1_STRING_to_UTF8(
	    &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len > 0)
		take_login(text, len, ret_login);
	OPENSSL_free(text);
}

static int64_t
end_of(X509 *x509)
{
	struct tm tm;

	return ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) == 1
		   ? (int64_t)timegm(&tm)
		   : 0;
}

enum error
cardcert_read(
    const unsigned char *der, size_t len, struct cardcert *ret_certificate)
{
	struct cardcert *c = ret_certificate;
	const unsigned char *at = der;
	unsigned char *spki = NULL;
	enum error err = ERR_INPUT;
	struct spki parsed;
	int spki_len;
	X509 *x509;

	memset(c, 0, sizeof *c);
	if (len == 0 || len > CERTIFICATE_MAX)
		return ERR_INPUT;
	x509 = d2i_X509(NULL, &at, (long)len);
	if (x509 == NULL)
		goto out;
	spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	if (spki_len <= 0 || spki_len > SPKI_MAX ||
	    spki_parse(spki, (size_t)spki_len, &parsed) != ERR_OK)
		goto out;
	memcpy(c->spki, spki, (size_t)spki_len);
	c->spki_len = (size_t)spki_len;
	c->kind = parsed.kind;
	spki_key_id(c->spki, c->spki_len, c->key_id);
	(void)X509_NAME_oneline(
	    X509_get_issuer_name(x509), c->issuer, (int)sizeof c->issuer);
	c->not_after = end_of(x509);
	take_upn(x509, c->login);
	/* our own CA writes it there, and a person's name as CN */
	if (c->login[0] == '\0')
		take_subject(x509, NID_serialNumber, c->login);
	if (c->login[0] == '\0')
		take_subject(x509, NID_commonName, c->login);
	err = ERR_OK;
out:
	OPENSSL_free(spki);
	X509_free(x509);
	ERR_clear_error();
	return err;
}

enum error
cardcert_ecdsa_der(const unsigned char *raw, size_t len,
    unsigned char ret_der[SIGNATURE_MAX], size_t *ret_len)
{
	unsigned char *at = ret_der;
	enum error err = ERR_INPUT;
	ECDSA_SIG *sig = NULL;
	BIGNUM *r = NULL, *s = NULL;
	int n;

	if (len == 0 || len % 2 != 0 || len / 2 > COORDINATE_MAX)
		return ERR_INPUT;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(raw, (int)(len / 2), NULL);
	s = BN_bin2bn(raw + len / 2, (int)(len / 2), NULL);
	if (sig == NULL || r == NULL || s == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	if (BN_is_zero(r) || BN_is_zero(s))
		goto out;
	if (ECDSA_SIG_set0(sig, r, s) != 1)
		goto out;
	r = s = NULL;
	n = i2d_ECDSA_SIG(sig, &at);
	if (n <= 0)
		goto out;
	*ret_len = (size_t)n;
	err = ERR_OK;
out:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return err;
}
