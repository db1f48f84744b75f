/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/extend.h"

#include <string.h>

#include "common/base/utf8.h"
#include "common/crypto/issue.h"
#include "common/crypto/names.h"

static enum error
add(extend_list **list, int nid, void *value, bool critical)
{
	if (X509V3_add1_i2d(list, nid, value, critical, X509V3_ADD_DEFAULT) !=
	    1)
		return ossl_refused();
	return ERR_OK;
}

/* RFC 5280 4.2.1.3: bits from digitalSignature, 0, to cRLSign, 6. */
static enum error
add_key_usage(extend_list **list, const int *bits, size_t n)
{
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	enum error err = usage == NULL ? ERR_NOMEM : ERR_OK;
	size_t i;

	for (i = 0; i < n && err == ERR_OK; i++) {
		if (ASN1_BIT_STRING_set_bit(usage, bits[i], 1) != 1)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		err = add(list, NID_key_usage, usage, true);
	ASN1_BIT_STRING_free(usage);
	return err;
}

static enum error
add_basic_constraints(extend_list **list, bool ca)
{
	BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();
	enum error err = ERR_NOMEM;

	if (basic == NULL)
		return ERR_NOMEM;
	if (ca) {
		basic->ca = 0xff;
		basic->pathlen = ASN1_INTEGER_new(); /* 0 */
	}
	if (!ca || basic->pathlen != NULL)
		err = add(list, NID_basic_constraints, basic, true);
	BASIC_CONSTRAINTS_free(basic);
	return err;
}

enum error
extend_end_entity(extend_list **list, unsigned key_usage)
{
	int bits[3];
	size_t n = 0;
	enum error err;

	if ((key_usage & KEY_USAGE_SIGN) != 0)
		bits[n++] = 0;
	if ((key_usage & KEY_USAGE_ENCIPHER) != 0)
		bits[n++] = 2;
	if ((key_usage & KEY_USAGE_AGREE) != 0)
		bits[n++] = 4;
	if (n == 0)
		return ERR_INPUT; /* RFC 5280 4.2.1.3: at least one */
	err = add_basic_constraints(list, false);
	return err == ERR_OK ? add_key_usage(list, bits, n) : err;
}

enum error
extend_ca(extend_list **list)
{
	static const int bits[] = {5 /* keyCertSign */, 6 /* cRLSign */};
	enum error err = add_basic_constraints(list, true);

	return err == ERR_OK ? add_key_usage(list, bits, 2) : err;
}

enum error
extend_subject_key(extend_list **list, const unsigned char *key_id)
{
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	enum error err = ERR_NOMEM;

	if (id != NULL && ASN1_OCTET_STRING_set(id, key_id, EXTEND_KEY_ID) == 1)
		err = add(list, NID_subject_key_identifier, id, false);
	ASN1_OCTET_STRING_free(id);
	return err;
}

enum error
extend_authority_key(extend_list **list, const ASN1_OCTET_STRING *key_id)
{
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
	enum error err = ERR_NOMEM;

	if (authority != NULL &&
	    (authority->keyid = ASN1_OCTET_STRING_dup(key_id)) != NULL)
		err = add(list, NID_authority_key_identifier, authority, false);
	AUTHORITY_KEYID_free(authority);
	return err;
}

enum error
extend_uses(extend_list **list, unsigned uses)
{
	EXTENDED_KEY_USAGE *oids = NULL;
	unsigned use;
	enum error err = ERR_OK;

	if (uses == 0)
		return ERR_OK;
	if (uses >= USE_OTHER)
		return ERR_INPUT;
	oids = EXTENDED_KEY_USAGE_new();
	if (oids == NULL)
		return ERR_NOMEM;
	for (use = 1; use < USE_OTHER && err == ERR_OK; use <<= 1) {
		ASN1_OBJECT *oid;

		if ((uses & use) == 0)
			continue;
		oid = OBJ_txt2obj(certificate_use_oid(use), 1);
		if (oid == NULL || sk_ASN1_OBJECT_push(oids, oid) == 0) {
			ASN1_OBJECT_free(oid);
			err = ERR_NOMEM;
		}
	}
	if (err == ERR_OK)
		err = add(list, NID_ext_key_usage, oids, false);
	EXTENDED_KEY_USAGE_free(oids);
	return err;
}

/* GeneralNames of one otherName, whose value is a string of this type. */
static enum error
other_name(
    const char *oid, int type, const char *text, GENERAL_NAMES **ret_names)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *string = ASN1_STRING_type_new(type);
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	if (names == NULL || name == NULL || string == NULL || value == NULL ||
	    object == NULL ||
	    ASN1_STRING_set(string, text, (int)strlen(text)) != 1)
		goto fail;
	ASN1_TYPE_set(value, type, string);
	string = NULL;
	if (GENERAL_NAME_set0_othername(name, object, value) != 1)
		goto fail;
	object = NULL;
	value = NULL;
	if (sk_GENERAL_NAME_push(names, name) == 0)
		goto fail;
	*ret_names = names;
	return ERR_OK;
fail:
	ASN1_OBJECT_free(object);
	ASN1_TYPE_free(value);
	ASN1_STRING_free(string);
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	return ERR_NOMEM;
}

static bool
is_plain(const char *text, size_t cap)
{
	return text[0] != '\0' && strnlen(text, cap) < cap && utf8_plain(text);
}

enum error
extend_upn(extend_list **list, const char *upn)
{
	GENERAL_NAMES *names = NULL;
	enum error err;

	if (!is_plain(upn, CERTIFICATE_UPN))
		return ERR_INPUT;
	err = other_name(NAMES_UPN, V_ASN1_UTF8STRING, upn, &names);
	if (err == ERR_OK)
		err = add(list, NID_subject_alt_name, names, false);
	GENERAL_NAMES_free(names);
	return err;
}

/* [MS-WCCE] 2.2.2.7.7.4: GeneralNames again, in an extension of its own. */
enum error
extend_sid(extend_list **list, const char *sid)
{
	GENERAL_NAMES *names = NULL;
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *object = OBJ_txt2obj(NAMES_SID_EXTENSION, 1);
	X509_EXTENSION *extension = NULL;
	unsigned char *der = NULL;
	enum error err = ERR_NOMEM;
	int len;

	if (strncmp(sid, "S-1-", 4) != 0 || !is_plain(sid, CERTIFICATE_SID) ||
	    strspn(sid + 4, "0123456789-") != strlen(sid + 4)) {
		err = ERR_INPUT;
		goto out;
	}
	if (value == NULL || object == NULL)
		goto out;
	err = other_name(NAMES_SID, V_ASN1_OCTET_STRING, sid, &names);
	if (err != ERR_OK)
		goto out;
	err = ERR_NOMEM;
	len = i2d_GENERAL_NAMES(names, &der);
	if (len < 0 || ASN1_OCTET_STRING_set(value, der, len) != 1)
		goto out;
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
	if (extension != NULL && X509v3_add_ext(list, extension, -1) != NULL)
		err = ERR_OK;
out:
	X509_EXTENSION_free(extension);
	OPENSSL_free(der);
	GENERAL_NAMES_free(names);
	ASN1_OBJECT_free(object);
	ASN1_OCTET_STRING_free(value);
	return err;
}

enum error
extend_crl_url(extend_list **list, const char *url)
{
	CRL_DIST_POINTS *points = CRL_DIST_POINTS_new();
	DIST_POINT *point = DIST_POINT_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
	enum error err = ERR_NOMEM;
	const char *p;

	for (p = url; *p > ' ' && *p < 0x7f; p++)
		;
	if (*p != '\0' || p == url || p - url > ISSUE_URL_MAX) {
		err = ERR_INPUT;
		goto out;
	}
	if (points == NULL || point == NULL || name == NULL || uri == NULL ||
	    ASN1_STRING_set(uri, url, -1) != 1)
		goto out;
	point->distpoint = DIST_POINT_NAME_new();
	if (point->distpoint == NULL)
		goto out;
	point->distpoint->type = 0;
	point->distpoint->name.fullname = GENERAL_NAMES_new();
	if (point->distpoint->name.fullname == NULL)
		goto out;
	GENERAL_NAME_set0_value(name, GEN_URI, uri);
	uri = NULL;
	if (sk_GENERAL_NAME_push(point->distpoint->name.fullname, name) == 0)
		goto out;
	name = NULL;
	if (sk_DIST_POINT_push(points, point) == 0)
		goto out;
	point = NULL;
	err = add(list, NID_crl_distribution_points, points, false);
out:
	ASN1_IA5STRING_free(uri);
	GENERAL_NAME_free(name);
	DIST_POINT_free(point);
	CRL_DIST_POINTS_free(points);
	return err;
}

enum error
extend_policies(extend_list **list, const char *const *oids, size_t n)
{
	CERTIFICATEPOLICIES *policies = NULL;
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; i < n && err == ERR_OK; i++) {
		POLICYINFO *info;

		if (oids[i] == NULL)
			continue;
		if (policies == NULL &&
		    (policies = CERTIFICATEPOLICIES_new()) == NULL)
			return ERR_NOMEM;
		info = POLICYINFO_new();
		if (info == NULL || sk_POLICYINFO_push(policies, info) == 0) {
			POLICYINFO_free(info);
			err = ERR_NOMEM;
			break;
		}
		ASN1_OBJECT_free(info->policyid);
		info->policyid = OBJ_txt2obj(oids[i], 1);
		if (info->policyid == NULL)
			err = ossl_refused();
	}
	if (err == ERR_OK && policies != NULL)
		err = add(list, NID_certificate_policies, policies, false);
	CERTIFICATEPOLICIES_free(policies);
	return err;
}

enum error
extend_crl_number(extend_list **list, uint64_t number)
{
	ASN1_INTEGER *integer = ASN1_INTEGER_new();
	enum error err = ERR_NOMEM;

	if (integer != NULL && ASN1_INTEGER_set_uint64(integer, number) == 1)
		err = add(list, NID_crl_number, integer, false);
	ASN1_INTEGER_free(integer);
	return err;
}
