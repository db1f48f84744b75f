/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assertions (WebAuthn 7.2); libfido2 verifies. */
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/es384.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/ossl.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

void *
webauthn_pk_new(const struct webauthn_key *key)
{
	void *pk = NULL;
	int r = FIDO_ERR_INVALID_ARGUMENT;

	switch (key->algorithm) {
	case WEBAUTHN_ES256:
		pk = es256_pk_new();
		if (pk != NULL)
			r = es256_pk_from_ptr(pk, key->octets, key->len);
		break;
	case WEBAUTHN_ES384:
		pk = es384_pk_new();
		if (pk != NULL)
			r = es384_pk_from_ptr(pk, key->octets, key->len);
		break;
	case WEBAUTHN_EDDSA:
		pk = eddsa_pk_new();
		if (pk != NULL)
			r = eddsa_pk_from_ptr(pk, key->octets, key->len);
		break;
	case WEBAUTHN_RS256:
		pk = rs256_pk_new();
		if (pk != NULL)
			r = rs256_pk_from_ptr(pk, key->octets, key->len);
		break;
	}
	if (pk != NULL && r != FIDO_OK)
		webauthn_pk_free(key->algorithm, &pk);
	return pk;
}

EVP_PKEY *
webauthn_pkey(const struct webauthn_key *key)
{
	void *pk = webauthn_pk_new(key);
	EVP_PKEY *pkey = NULL;

	if (pk == NULL)
		return NULL;
	switch (key->algorithm) {
	case WEBAUTHN_ES256:
		pkey = es256_pk_to_EVP_PKEY(pk);
		break;
	case WEBAUTHN_ES384:
		pkey = es384_pk_to_EVP_PKEY(pk);
		break;
	case WEBAUTHN_EDDSA:
		pkey = eddsa_pk_to_EVP_PKEY(pk);
		break;
	case WEBAUTHN_RS256:
		pkey = rs256_pk_to_EVP_PKEY(pk);
		break;
	}
	webauthn_pk_free(key->algorithm, &pk);
	ERR_clear_error();
	return pkey;
}

void
webauthn_pk_free(int algorithm, void **pk)
{
	switch (algorithm) {
	case WEBAUTHN_ES256:
		es256_pk_free((es256_pk_t **)pk);
		break;
	case WEBAUTHN_ES384:
		es384_pk_free((es384_pk_t **)pk);
		break;
	case WEBAUTHN_EDDSA:
		eddsa_pk_free((eddsa_pk_t **)pk);
		break;
	case WEBAUTHN_RS256:
		rs256_pk_free((rs256_pk_t **)pk);
		break;
	}
	*pk = NULL;
}

enum error
webauthn_flags_check(
    const struct webauthn_authdata *authdata, const char *rp_id, bool need_uv)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)rp_id, strlen(rp_id));
	if (!secret_equal(
		hash, sizeof hash, authdata->rp_hash, sizeof authdata->rp_hash))
		return webauthn_refuse(
		    ERR_DENIED, "it is for another relying party");
	if ((authdata->flags & WEBAUTHN_UP) == 0)
		return webauthn_refuse(ERR_DENIED, "nobody touched the key");
	if (need_uv && (authdata->flags & WEBAUTHN_UV) == 0)
		return webauthn_refuse(
		    ERR_DENIED, "the key did not verify its user");
	return ERR_OK;
}

/* Fills libfido2's assertion; false if it takes something not. */
static bool
fill(fido_assert_t *a, const char *rp_id,
    const unsigned char hash[WEBAUTHN_HASH], const void *authdata,
    size_t authdata_len, const void *signature, size_t signature_len,
    bool need_uv)
{
	return fido_assert_set_count(a, 1) == FIDO_OK &&
	       fido_assert_set_clientdata_hash(a, hash, WEBAUTHN_HASH) ==
		   FIDO_OK &&
	       fido_assert_set_rp(a, rp_id) == FIDO_OK &&
	       fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK &&
	       fido_assert_set_uv(a, need_uv ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) ==
		   FIDO_OK &&
	       fido_assert_set_authdata_raw(a, 0, authdata, authdata_len) ==
		   FIDO_OK &&
	       fido_assert_set_sig(a, 0, signature, signature_len) == FIDO_OK;
}

enum error
webauthn_assertion(const struct webauthn_key *key, const char *rp_id,
    const unsigned char hash[WEBAUTHN_HASH], const void *authdata,
    size_t authdata_len, const void *signature, size_t signature_len,
    bool need_uv, struct webauthn_authdata *ret)
{
	fido_assert_t *assertion = NULL;
	void *pk = NULL;
	enum error err;
	int r;

	err = webauthn_authdata_parse(authdata, authdata_len, false, ret);
	if (err == ERR_OK)
		err = webauthn_flags_check(ret, rp_id, need_uv);
	if (err != ERR_OK)
		return err;
	if (signature_len == 0 || signature_len > WEBAUTHN_SIGNATURE_MAX)
		return webauthn_refuse(ERR_INPUT, "the signature is malformed");
	pk = webauthn_pk_new(key);
	if (pk == NULL)
		return webauthn_refuse(ERR_INPUT, "the key is none");
	err = ERR_NOMEM;
	assertion = fido_assert_new();
	if (assertion == NULL)
		goto out;
	err = webauthn_refuse(ERR_INPUT, "libfido2 does not take it");
	if (!fill(assertion, rp_id, hash, authdata, authdata_len, signature,
		signature_len, need_uv))
		goto out;
	r = fido_assert_verify(assertion, 0, key->algorithm, pk);
	webauthn_no_fault();
	if (r == FIDO_OK)
		err = ERR_OK;
	else if (r == FIDO_ERR_INVALID_SIG)
		err = webauthn_refuse(ERR_MISMATCH, "the signature is wrong");
	else if (r == FIDO_ERR_INTERNAL)
		err = webauthn_refuse(ERR_CRYPTO, "libfido2 failed");
	else
		err = webauthn_refuse(ERR_INPUT, "libfido2 does not take it");
out:
	fido_assert_free(&assertion);
	webauthn_pk_free(key->algorithm, &pk);
	ERR_clear_error();
	return err;
}
