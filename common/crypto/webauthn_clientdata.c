/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a browser says that it asked the key for (WebAuthn 5.8.1), and the
 * JSON in which it brings the answer (5.1.8.1). */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

enum { CHALLENGE_TEXT = 1024, LOAD = JSON_REJECT_DUPLICATES };

static bool
says(const json_t *object, const char *name, const char *text)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) &&
	       json_string_length(value) == strlen(text) &&
	       strcmp(json_string_value(value), text) == 0;
}

static bool
from_one_of(const json_t *object, const char *const *origins)
{
	for (; *origins != NULL; origins++) {
		if (says(object, "origin", *origins))
			return true;
	}
	return false;
}

static enum error
judge(const json_t *object, const char *type, const char *challenge,
    const char *const *origins)
{
	const json_t *cross = json_object_get(object, "crossOrigin");

	if (!json_is_string(json_object_get(object, "type")) ||
	    !json_is_string(json_object_get(object, "challenge")) ||
	    !json_is_string(json_object_get(object, "origin")) ||
	    (cross != NULL && !json_is_boolean(cross)))
		return webauthn_refuse(
		    ERR_INPUT, "the client data are incomplete");
	if (!says(object, "type", type))
		return webauthn_refuse(
		    ERR_MISMATCH, "the client data are of another type");
	if (!says(object, "challenge", challenge))
		return webauthn_refuse(
		    ERR_MISMATCH, "the client data answer another challenge");
	if (!from_one_of(object, origins))
		return webauthn_refuse(
		    ERR_MISMATCH, "the client data are from another origin");
	if (json_is_true(cross) || json_object_get(object, "topOrigin") != NULL)
		return webauthn_refuse(
		    ERR_MISMATCH, "the page was inside another page");
	if (json_object_get(object, "tokenBinding") != NULL)
		return webauthn_refuse(
		    ERR_MISMATCH, "the client data are bound to a connection");
	return ERR_OK;
}

enum error
webauthn_clientdata(const void *json, size_t len, const char *type,
    const void *challenge, size_t challenge_len, const char *const *origins,
    unsigned char ret_hash[WEBAUTHN_HASH])
{
	char text[CHALLENGE_TEXT];
	json_t *object;
	enum error err;

	webauthn_no_fault();
	if (len > WEBAUTHN_CLIENTDATA_MAX ||
	    sodium_base64_ENCODED_LEN(challenge_len,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) > sizeof text)
		return webauthn_refuse(
		    ERR_INPUT, "the client data are too long");
	(void)sodium_bin2base64(text, sizeof text, challenge, challenge_len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	object = json_loadb(json, len, LOAD, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return webauthn_refuse(
		    ERR_INPUT, "the client data are no JSON object");
	}
	err = judge(object, type, text, origins);
	json_decref(object);
	if (err == ERR_OK)
		crypto_hash_sha256(ret_hash, json, len);
	return err;
}

/* A member in base64url, at most cap octets. */
static bool
octets_of(const json_t *object, const char *name, unsigned char *out,
    size_t cap, size_t *ret_len)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) &&
	       sodium_base642bin(out, cap, json_string_value(value),
		   json_string_length(value), NULL, ret_len, NULL,
		   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static enum error
read_response(const json_t *object, struct webauthn_response *ret)
{
	const json_t *response = json_object_get(object, "response");
	unsigned char id[WEBAUTHN_CREDENTIAL_MAX];
	size_t id_len;

	if (!says(object, "type", "public-key") || !json_is_object(response))
		return webauthn_refuse(
		    ERR_INPUT, "it is no answer to a registration");
	if (!octets_of(object, "rawId", ret->credential, sizeof ret->credential,
		&ret->credential_len) ||
	    !octets_of(object, "id", id, sizeof id, &id_len))
		return webauthn_refuse(ERR_INPUT,
		    "the credential id is missing, malformed or too long");
	if (!secret_equal(id, id_len, ret->credential, ret->credential_len))
		return webauthn_refuse(
		    ERR_INPUT, "id and rawId are not the same");
	if (!octets_of(response, "clientDataJSON", ret->clientdata,
		sizeof ret->clientdata, &ret->clientdata_len))
		return webauthn_refuse(ERR_INPUT,
		    "clientDataJSON is missing, malformed or too long");
	if (!octets_of(response, "attestationObject", ret->object,
		sizeof ret->object, &ret->object_len))
		return webauthn_refuse(ERR_INPUT,
		    "attestationObject is missing, malformed or too long");
	return ERR_OK;
}

enum error
webauthn_response(const void *json, size_t len, struct webauthn_response *ret)
{
	json_t *object;
	enum error err;

	webauthn_no_fault();
	if (len > WEBAUTHN_RESPONSE_MAX)
		return webauthn_refuse(ERR_INPUT, "the answer is too long");
	object = json_loadb(json, len, LOAD, NULL);
	if (!json_is_object(object))
		err =
		    webauthn_refuse(ERR_INPUT, "the answer is no JSON object");
	else
		err = read_response(object, ret);
	json_decref(object);
	return err;
}
