/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registrations (WebAuthn 7.1): the attestationObject and what is in it. */
#include <string.h>

#include "common/crypto/cbor.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

const char *
webauthn_trust_text(enum webauthn_trust trust)
{
	static const char *const text[] = {
	    "none", "self", "unverified", "verified"};

	return text[trust];
}

static enum error
judge(const unsigned char *authdata, size_t authdata_len,
    cbor_item_t *statement, const struct webauthn_demand *demand,
    struct webauthn_registration *ret)
{
	enum error err;

	err = webauthn_authdata_parse(
	    authdata, authdata_len, true, &ret->authdata);
	if (err == ERR_OK)
		err = webauthn_flags_check(
		    &ret->authdata, demand->rp_id, demand->uv);
	if (err != ERR_OK)
		return err;
	ret->trust = WEBAUTHN_TRUST_NONE;
	if (strcmp(ret->format, "none") != 0)
		return webauthn_statement(
		    authdata, authdata_len, statement, demand, ret);
	if (cbor_map_size(statement) != 0)
		return webauthn_refuse(
		    ERR_INPUT, "format none has a statement");
	return ERR_OK;
}

static enum error
take_format(const void *text, size_t len, struct webauthn_registration *ret)
{
	size_t i;

	if (len == 0 || len > WEBAUTHN_FORMAT_MAX)
		return webauthn_refuse(
		    ERR_INPUT, "the attestation format is none");
	memcpy(ret->format, text, len);
	ret->format[len] = '\0';
	for (i = 0; i < len; i++) {
		if (ret->format[i] < '!' || ret->format[i] > '~')
			return webauthn_refuse(
			    ERR_INPUT, "the attestation format is none");
	}
	if (strcmp(ret->format, "none") != 0 &&
	    strcmp(ret->format, "packed") != 0 &&
	    strcmp(ret->format, "fido-u2f") != 0)
		return webauthn_refuse_format(
		    "the attestation format", ret->format, len, 0);
	return ERR_OK;
}

static enum error
read_object(const cbor_item_t *map, const struct webauthn_demand *demand,
    struct webauthn_registration *ret)
{
	cbor_item_t *statement = cbor_under(map, "attStmt");
	const cbor_item_t *format = cbor_under(map, "fmt");
	const unsigned char *authdata;
	size_t authdata_len;
	enum error err;

	if (format == NULL || !cbor_isa_string(format) ||
	    cbor_map_size(map) != 3 || statement == NULL ||
	    !cbor_isa_map(statement) ||
	    !cbor_octets(cbor_under(map, "authData"), &authdata, &authdata_len))
		return webauthn_refuse(
		    ERR_INPUT, "the attestation object is malformed");
	err = take_format(
	    cbor_string_handle(format), cbor_string_length(format), ret);
	if (err != ERR_OK)
		return err;
	return judge(authdata, authdata_len, statement, demand, ret);
}

enum error
webauthn_registration(const void *object, size_t len,
    const struct webauthn_demand *demand, struct webauthn_registration *ret)
{
	cbor_item_t *map = NULL;
	enum error err;

	webauthn_no_fault();
	if (len > WEBAUTHN_OBJECT_MAX)
		return webauthn_refuse(
		    ERR_INPUT, "the attestation object is too long");
	err = cbor_item(object, len, &map);
	if (err != ERR_OK)
		return webauthn_refuse(
		    err, "the attestation object is malformed");
	err = read_object(map, demand, ret);
	cbor_decref(&map);
	return err;
}

enum error
webauthn_registration_parts(const char *format, const void *authdata,
    size_t authdata_len, const void *statement, size_t statement_len,
    const struct webauthn_demand *demand, struct webauthn_registration *ret)
{
	cbor_item_t *map = NULL;
	enum error err;

	webauthn_no_fault();
	err = take_format(format, strlen(format), ret);
	if (err != ERR_OK)
		return err;
	/* a key that attests to nothing sends no statement */
	if (statement_len == 0)
		err = cbor_item("\xa0", 1, &map);
	else
		err = cbor_item(statement, statement_len, &map);
	if (err != ERR_OK || !cbor_isa_map(map))
		err = webauthn_refuse(ERR_INPUT, "the statement is malformed");
	else
		err = judge(authdata, authdata_len, map, demand, ret);
	if (map != NULL)
		cbor_decref(&map);
	return err;
}
