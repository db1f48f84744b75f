/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/certificate.h"

#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/names.h"

enum { EXTENSIONS_MAX = 64, VERSION = 0xa0 };

static const struct {
	const char *oid;
	unsigned use;
} known_uses[] = {
    {"1.3.6.1.5.5.7.3.2", USE_CLIENT_AUTH},
    {"1.3.6.1.5.5.7.3.1", USE_SERVER_AUTH},
    {"1.3.6.1.5.5.7.3.4", USE_EMAIL},
    {"1.3.6.1.4.1.311.20.2.2", USE_SMARTCARD_LOGON},
    {"2.16.840.1.101.3.6.8", USE_PIV_CARD_AUTH},
    {"2.5.29.37.0", USE_ANY},
};

/*
 * RFC 5280 4.1: what is compared octet by octet is found by our own reader,
 * which takes DER alone.
 */
static bool
outline(struct der in, struct certificate *c, struct der *ret_serial)
{
	struct der cert, tbs, skip;

	if (!der_only(in, DER_SEQUENCE, &cert) ||
	    !der_take(&cert, DER_SEQUENCE, &tbs) ||
	    !der_take(&cert, DER_SEQUENCE, &skip) ||
	    !der_only(cert, DER_BIT_STRING, &skip))
		return false;
	if (tbs.len > 0 && tbs.octets[0] == VERSION &&
	    !der_take(&tbs, VERSION, &skip))
		return false;
	return der_positive(&tbs, ret_serial) &&
	       ret_serial->len <= (CERTIFICATE_SERIAL - 1) / 2 &&
	       der_take(&tbs, DER_SEQUENCE, &skip) /* algorithm */ &&
	       der_take_whole(&tbs, DER_SEQUENCE, &c->issuer) &&
	       der_take(&tbs, DER_SEQUENCE, &skip) /* validity */ &&
	       der_take_whole(&tbs, DER_SEQUENCE, &c->subject) &&
	       der_take_whole(&tbs, DER_SEQUENCE, &c->spki);
}

static enum error
check_extensions(X509 *x)
{
	int n = X509_get_ext_count(x), i, j;

	if (n > EXTENSIONS_MAX)
		return ERR_INPUT;
	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (OBJ_cmp(
				X509_EXTENSION_get_object(X509_get_ext(x, i)),
				X509_EXTENSION_get_object(
				    X509_get_ext(x, j))) == 0)
				return ERR_INPUT;
		}
	}
	return ERR_OK;
}

const char *
certificate_use_oid(unsigned use)
{
	size_t i;

	for (i = 0; i < sizeof known_uses / sizeof known_uses[0]; i++) {
		if (known_uses[i].use == use)
			return known_uses[i].oid;
	}
	return NULL;
}

static unsigned
use_of(const ASN1_OBJECT *oid)
{
	size_t i;

	for (i = 0; i < sizeof known_uses / sizeof known_uses[0]; i++) {
		if (names_is_oid(oid, known_uses[i].oid))
			return known_uses[i].use;
	}
	return USE_OTHER;
}

static enum error
read_uses(X509 *x, struct certificate *c)
{
	EXTENDED_KEY_USAGE *uses;
	int there = 0, i;

	c->is_ca = (X509_get_extension_flags(x) & EXFLAG_CA) != 0;
	/* UINT32_MAX, every bit, without a keyUsage */
	c->may_sign = (X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE) != 0;
	uses = X509_get_ext_d2i(x, NID_ext_key_usage, &there, NULL);
	if (uses == NULL)
		return there == -1 ? ERR_OK : ossl_refused();
	for (i = 0; i < sk_ASN1_OBJECT_num(uses); i++)
		c->uses |= use_of(sk_ASN1_OBJECT_value(uses, i));
	EXTENDED_KEY_USAGE_free(uses);
	return ERR_OK;
}

static enum error
read_upn(const OTHERNAME *name, char upn[CERTIFICATE_UPN])
{
	char text[CERTIFICATE_UPN];
	enum error err;

	if (!names_is_oid(name->type_id, NAMES_UPN))
		return ERR_OK;
	if (name->value->type != V_ASN1_UTF8STRING)
		return ERR_INPUT;
	err = names_string(name->value->value.utf8string, text, sizeof text);
	if (err != ERR_OK)
		return err;
	if (upn[0] != '\0' && strcmp(upn, text) != 0)
		return ERR_INPUT; /* who of the two? */
	(void)stpcpy(upn, text);
	return ERR_OK;
}

static enum error
read_names(X509 *x, struct certificate *c)
{
	GENERAL_NAMES *names;
	enum error err = ERR_OK;
	int there = 0, i;

	names = X509_get_ext_d2i(x, NID_subject_alt_name, &there, NULL);
	if (names == NULL)
		return there == -1 ? ERR_OK : ossl_refused();
	for (i = 0; i < sk_GENERAL_NAME_num(names) && err == ERR_OK; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_OTHERNAME)
			err = read_upn(name->d.otherName, c->upn);
	}
	GENERAL_NAMES_free(names);
	return err;
}

/* [MS-WCCE] 2.2.2.7.7.4: GeneralNames of one otherName, an OCTET STRING. */
static enum error
read_sid(X509 *x, struct certificate *c)
{
	const ASN1_OCTET_STRING *value;
	const unsigned char *octets;
	const GENERAL_NAME *name;
	GENERAL_NAMES *names;
	enum error err = ERR_INPUT;
	int i, n = X509_get_ext_count(x);

	for (i = 0; i < n; i++) {
		if (names_is_oid(X509_EXTENSION_get_object(X509_get_ext(x, i)),
			NAMES_SID_EXTENSION))
			break;
	}
	if (i == n)
		return ERR_OK;
	value = X509_EXTENSION_get_data(X509_get_ext(x, i));
	octets = ASN1_STRING_get0_data(value);
	names = d2i_GENERAL_NAMES(NULL, &octets, ASN1_STRING_length(value));
	if (names == NULL)
		return ossl_refused();
	if (octets ==
		ASN1_STRING_get0_data(value) + ASN1_STRING_length(value) &&
	    sk_GENERAL_NAME_num(names) == 1) {
		name = sk_GENERAL_NAME_value(names, 0);
		if (name->type == GEN_OTHERNAME &&
		    names_is_oid(name->d.otherName->type_id, NAMES_SID) &&
		    name->d.otherName->value->type == V_ASN1_OCTET_STRING) {
			value = name->d.otherName->value->value.octet_string;
			err = names_plain(ASN1_STRING_get0_data(value),
			    (size_t)ASN1_STRING_length(value), c->sid,
			    sizeof c->sid);
		}
	}
	GENERAL_NAMES_free(names);
	return err;
}

static enum error
read_fields(X509 *x, struct certificate *c)
{
	enum error err;

	err = names_text(
	    X509_get_issuer_name(x), c->issuer_text, sizeof c->issuer_text);
	if (err == ERR_OK)
		err = names_text(X509_get_subject_name(x), c->subject_text,
		    sizeof c->subject_text);
	if (err == ERR_OK)
		err = names_time(X509_get0_notBefore(x), &c->not_before);
	if (err == ERR_OK)
		err = names_time(X509_get0_notAfter(x), &c->not_after);
	if (err == ERR_OK)
		err = check_extensions(x);
	if (err == ERR_OK)
		err = read_uses(x, c);
	if (err == ERR_OK)
		err = read_names(x, c);
	if (err == ERR_OK)
		err = read_sid(x, c);
	return err;
}

enum error
certificate_parse(
    const void *der, size_t len, struct certificate *ret_certificate)
{
	struct certificate c = {.whole = {der, len}};
	struct der serial;
	X509 *x = NULL;
	enum error err;

	ERR_clear_error();
	if (len > CERTIFICATE_MAX || !outline(c.whole, &c, &serial))
		return ERR_INPUT;
	err = ossl_certificate(der, len, &x);
	if (err == ERR_OK)
		err = read_fields(x, &c);
	if (err == ERR_OK) {
		hex_encode(serial.octets, serial.len, c.serial);
		(void)crypto_hash_sha256(c.hash, der, len);
		spki_key_id(c.spki.octets, c.spki.len, c.key_id);
		*ret_certificate = c;
	}
	X509_free(x);
	ERR_clear_error();
	return err;
}
