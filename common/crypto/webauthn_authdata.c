/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authenticatorData (WebAuthn 6.1) and the COSE key in it (RFC 9053 7). */
#include <stdio.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/cbor.h"
#include "common/crypto/ossl.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

enum {
	COSE_KTY = 1,
	COSE_ALG = 3,
	COSE_CRV = -1, /* RSA: n */
	COSE_X = -2,   /* RSA: e */
	COSE_Y = -3,
	KTY_OKP = 1,
	KTY_EC2 = 2,
	KTY_RSA = 3,
	CRV_P256 = 1,
	CRV_P384 = 2,
	CRV_ED25519 = 6,
	RSA_MODULUS = 256,
	RSA_EXPONENT = 3,
	FLAGS_RESERVED = 0x22,
};

static char fault[WEBAUTHN_FAULT];

const char *
webauthn_fault(void)
{
	return fault;
}

void
webauthn_no_fault(void)
{
	fault[0] = '\0';
}

enum error
webauthn_refuse(enum error err, const char *why)
{
	(void)snprintf(fault, sizeof fault, "%s", why);
	return err;
}

/* An octet string of exactly that length, appended to the key. */
static bool
append(struct webauthn_key *key, const cbor_item_t *item, size_t len)
{
	const unsigned char *octets;
	size_t n;

	if (!cbor_octets(item, &octets, &n) || n != len)
		return false;
	memcpy(key->octets + key->len, octets, len);
	key->len += len;
	return true;
}

static bool
numbers(const cbor_item_t *map, int64_t kty, int64_t crv)
{
	int64_t n;

	return cbor_number(cbor_at(map, COSE_KTY), &n) && n == kty &&
	       (crv == 0 ||
		   (cbor_number(cbor_at(map, COSE_CRV), &n) && n == crv));
}

static bool
known(int64_t algorithm)
{
	return algorithm == WEBAUTHN_ES256 || algorithm == WEBAUTHN_ES384 ||
	       algorithm == WEBAUTHN_EDDSA || algorithm == WEBAUTHN_RS256;
}

static enum error
read_key(const cbor_item_t *map, struct webauthn_key *key)
{
	const size_t entries = cbor_isa_map(map) ? cbor_map_size(map) : 0;
	EVP_PKEY *pkey;
	static const unsigned char exponent[RSA_EXPONENT] = {1, 0, 1};
	int64_t algorithm;
	bool fits = false;

	if (!cbor_number(cbor_at(map, COSE_ALG), &algorithm))
		return webauthn_refuse(ERR_INPUT, "the key is no COSE key");
	key->len = 0;
	key->algorithm = 0;
	switch (algorithm) {
	case WEBAUTHN_ES256:
		fits = entries == 5 && numbers(map, KTY_EC2, CRV_P256) &&
		       append(key, cbor_at(map, COSE_X), 32) &&
		       append(key, cbor_at(map, COSE_Y), 32);
		break;
	case WEBAUTHN_ES384:
		fits = entries == 5 && numbers(map, KTY_EC2, CRV_P384) &&
		       append(key, cbor_at(map, COSE_X), 48) &&
		       append(key, cbor_at(map, COSE_Y), 48);
		break;
	case WEBAUTHN_EDDSA:
		fits = entries == 4 && numbers(map, KTY_OKP, CRV_ED25519) &&
		       append(key, cbor_at(map, COSE_X), 32);
		break;
	case WEBAUTHN_RS256:
		fits =
		    entries == 4 && numbers(map, KTY_RSA, 0) &&
		    append(key, cbor_at(map, COSE_CRV), RSA_MODULUS) &&
		    append(key, cbor_at(map, COSE_X), RSA_EXPONENT) &&
		    secret_equal(key->octets + RSA_MODULUS, 3, exponent, 3) &&
		    (key->octets[0] & 0x80) != 0 &&
		    (key->octets[RSA_MODULUS - 1] & 1) != 0;
		break;
	}
	if (!known(algorithm))
		return webauthn_refuse_format(
		    "algorithm", NULL, 0, (long long)algorithm);
	if (!fits && algorithm == WEBAUTHN_RS256)
		return webauthn_refuse(ERR_INPUT,
		    "an RSA key with other than 2048 bits or the "
		    "exponent 65537 is not accepted");
	if (!fits)
		return webauthn_refuse(ERR_INPUT, "the key is malformed");
	key->algorithm = (int)algorithm;
	pkey = webauthn_pkey(key);
	if (pkey == NULL)
		return webauthn_refuse(ERR_INPUT, "the key is none");
	EVP_PKEY_free(pkey);
	return ERR_OK;
}

enum error
webauthn_cose_key(const void *octets, size_t len, struct webauthn_key *ret_key)
{
	cbor_item_t *map = NULL;
	enum error err;

	webauthn_no_fault();
	err = cbor_item(octets, len, &map);
	if (err != ERR_OK)
		return webauthn_refuse(err, "the key is no CBOR");
	err = read_key(map, ret_key);
	cbor_decref(&map);
	return err;
}

enum error
webauthn_refuse_format(
    const char *what, const void *name, size_t len, long long number)
{
	if (name != NULL)
		(void)snprintf(fault, sizeof fault, "%s %.*s is not accepted",
		    what, (int)len, (const char *)name);
	else
		(void)snprintf(fault, sizeof fault, "%s %lld is not accepted",
		    what, number);
	return ERR_INPUT;
}

/* aaguid, length and octets of the credential id, key. */
static enum error
read_credential(const unsigned char **at, const unsigned char *end,
    struct webauthn_authdata *ret)
{
	size_t len, used;

	if (end - *at < WEBAUTHN_AAGUID + 2)
		return webauthn_refuse(
		    ERR_INPUT, "the authenticator data is cut off");
	memcpy(ret->aaguid, *at, WEBAUTHN_AAGUID);
	len = (size_t)(*at)[WEBAUTHN_AAGUID] << 8 | (*at)[WEBAUTHN_AAGUID + 1];
	*at += WEBAUTHN_AAGUID + 2;
	if (len < WEBAUTHN_CREDENTIAL_MIN || len > WEBAUTHN_CREDENTIAL_MAX)
		return webauthn_refuse(ERR_INPUT,
		    "the credential id has another length than 16 "
		    "to 384 octets");
	if ((size_t)(end - *at) < len)
		return webauthn_refuse(
		    ERR_INPUT, "the authenticator data is cut off");
	memcpy(ret->credential, *at, len);
	ret->credential_len = len;
	*at += len;
	if (cbor_strict(*at, (size_t)(end - *at), &used) != ERR_OK)
		return webauthn_refuse(ERR_INPUT, "the key is no CBOR");
	if (webauthn_cose_key(*at, used, &ret->key) != ERR_OK)
		return ERR_INPUT;
	*at += used;
	return ERR_OK;
}

enum error
webauthn_authdata_parse(const void *octets, size_t len, bool with_credential,
    struct webauthn_authdata *ret)
{
	const unsigned char *at = octets, *end = at + len;
	size_t used;

	webauthn_no_fault();
	if (len < WEBAUTHN_AUTHDATA_MIN ||
	    len > (with_credential ? WEBAUTHN_REGISTRATION_MAX
				   : WEBAUTHN_AUTHDATA_MAX))
		return webauthn_refuse(ERR_INPUT,
		    "the authenticator data has another length than "
		    "37 to 1024 octets");
	memcpy(ret->rp_hash, at, WEBAUTHN_HASH);
	at += WEBAUTHN_HASH;
	ret->flags = *at++;
	ret->counter = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
		       (uint32_t)at[2] << 8 | at[3];
	at += 4;
	if ((ret->flags & FLAGS_RESERVED) != 0)
		return webauthn_refuse(ERR_INPUT, "reserved flags are set");
	if ((ret->flags & (WEBAUTHN_BE | WEBAUTHN_BS)) == WEBAUTHN_BS)
		return webauthn_refuse(
		    ERR_INPUT, "it is backed up and says that it cannot be");
	if (((ret->flags & WEBAUTHN_AT) != 0) != with_credential)
		return webauthn_refuse(
		    ERR_INPUT, with_credential ? "there is no credential in it"
					       : "there is a credential in it");
	if (with_credential && read_credential(&at, end, ret) != ERR_OK)
		return ERR_INPUT;
	if ((ret->flags & WEBAUTHN_ED) != 0) {
		if (at == end || *at >> 5 != 5 ||
		    cbor_strict(at, (size_t)(end - at), &used) != ERR_OK)
			return webauthn_refuse(
			    ERR_INPUT, "the extensions are malformed");
		at += used;
	}
	if (at != end)
		return webauthn_refuse(
		    ERR_INPUT, "something follows the authenticator data");
	return ERR_OK;
}
