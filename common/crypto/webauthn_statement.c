/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attestation statements (WebAuthn 8.2, 8.6): libfido2 verifies the signature,
 * path.h whether its certificate leads to a maker that is trusted. */
#include <fido.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/cbor.h"
#include "common/crypto/ossl.h"
#include "common/crypto/path.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

enum { CERTIFICATE_MAX = 8192, CHAIN_MAX = 6, OCTET_STRING_HEAD = 2 };

static X509 *
certificate(const unsigned char *der, size_t len)
{
	X509 *x = X509_new_ex(ossl_context(), NULL);
	const unsigned char *at = der;

	if (x == NULL || len > CERTIFICATE_MAX ||
	    d2i_X509(&x, &at, (long)len) == NULL || at != der + len) {
		X509_free(x);
		return NULL;
	}
	return x;
}

/* id-fido-gen-ce-aaguid: if it is there, it says the same and is not critical.
 */
static bool
model_fits(const X509 *x, const unsigned char aaguid[WEBAUTHN_AAGUID])
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
	const ASN1_OCTET_STRING *value;
	X509_EXTENSION *extension;
	int at = oid != NULL ? X509_get_ext_by_OBJ(x, oid, -1) : -1;

	ASN1_OBJECT_free(oid);
	if (oid == NULL)
		return false;
	if (at < 0)
		return true;
	extension = X509_get_ext(x, at);
	value = X509_EXTENSION_get_data(extension);
	return X509_EXTENSION_get_critical(extension) == 0 &&
	       value->length == OCTET_STRING_HEAD + WEBAUTHN_AAGUID &&
	       value->data[0] == V_ASN1_OCTET_STRING &&
	       value->data[1] == WEBAUTHN_AAGUID &&
	       secret_equal(value->data + OCTET_STRING_HEAD, WEBAUTHN_AAGUID,
		   aaguid, WEBAUTHN_AAGUID);
}

static bool
has(const X509_NAME *name, int nid, const char *text)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	const ASN1_STRING *value;

	if (at < 0)
		return false;
	if (text == NULL)
		return true;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return secret_equal(ASN1_STRING_get0_data(value),
	    (size_t)ASN1_STRING_length(value), text, strlen(text));
}

/* 8.2.1; the version is counted from 0. */
static bool
is_attester(const X509 *x, const unsigned char aaguid[WEBAUTHN_AAGUID])
{
	const X509_NAME *subject = X509_get_subject_name(x);

	return X509_get_version(x) == 2 &&
	       has(subject, NID_countryName, NULL) &&
	       has(subject, NID_organizationName, NULL) &&
	       has(subject, NID_organizationalUnitName,
		   "Authenticator Attestation") &&
	       has(subject, NID_commonName, NULL) &&
	       (X509_get_extension_flags((X509 *)(uintptr_t)x) & EXFLAG_CA) ==
		   0 &&
	       model_fits(x, aaguid);
}

/* Whether x5c leads to this root. */
static bool
leads_to(cbor_item_t *const *chain, size_t n, const struct webauthn_root *root,
    int64_t now)
{
	const struct path_options options = {
	    .now = now, .unchecked_revocation = true, .loose_form = true};
	struct path_store *store = NULL;
	struct path_fault path_why;
	const unsigned char *der;
	bool valid = false;
	size_t i, len;

	if (path_store_new(&store) != ERR_OK)
		return false;
	if (path_store_anchor(store, root->certificate, root->len) != ERR_OK)
		goto out;
	for (i = 1; i < n; i++) {
		if (!cbor_octets(chain[i], &der, &len))
			goto out;
		/* some makers send the root along */
		if (path_store_intermediate(store, der, len) != ERR_OK)
			goto out;
	}
	if (cbor_octets(chain[0], &der, &len))
		valid = path_validate(store, der, len, &options, &path_why) ==
			ERR_OK;
out:
	path_store_free(&store);
	return valid;
}

static bool
is_trusted(cbor_item_t *const *chain, size_t n,
    const struct webauthn_demand *demand,
    const unsigned char aaguid[WEBAUTHN_AAGUID])
{
	size_t i;

	for (i = 0; i < demand->n_roots; i++) {
		const struct webauthn_root *root = &demand->root[i];

		if (root->len > 0 &&
		    secret_equal(root->aaguid, WEBAUTHN_AAGUID, aaguid,
			WEBAUTHN_AAGUID) &&
		    leads_to(chain, n, root, demand->now))
			return true;
	}
	return false;
}

/* The certificates, and whether they are what their format asks for. */
static enum error
look_at_chain(cbor_item_t *list, const struct webauthn_demand *demand,
    struct webauthn_registration *ret)
{
	const bool packed = strcmp(ret->format, "packed") == 0;
	const unsigned char *der;
	cbor_item_t **chain;
	size_t n, len;
	X509 *x;
	bool good;

	if (!cbor_isa_array(list) || cbor_array_size(list) == 0 ||
	    cbor_array_size(list) > CHAIN_MAX)
		return webauthn_refuse(
		    ERR_INPUT, "the statement's certificates are malformed");
	chain = cbor_array_handle(list);
	n = cbor_array_size(list);
	if (!packed && n != 1)
		return webauthn_refuse(
		    ERR_INPUT, "fido-u2f has one certificate, not several");
	x = cbor_octets(chain[0], &der, &len) ? certificate(der, len) : NULL;
	if (x == NULL)
		return webauthn_refuse(
		    ERR_INPUT, "the statement's certificates are malformed");
	good = !packed || is_attester(x, ret->authdata.aaguid);
	X509_free(x);
	if (!good)
		return webauthn_refuse(ERR_MISMATCH,
		    "the certificate is none for attestation of this model");
	ret->trust = is_trusted(chain, n, demand, ret->authdata.aaguid)
			 ? WEBAUTHN_TRUST_VERIFIED
			 : WEBAUTHN_TRUST_UNVERIFIED;
	return ERR_OK;
}

static enum error
verify(const void *authdata, size_t authdata_len, cbor_item_t *statement,
    const struct webauthn_demand *demand, const struct webauthn_registration *r)
{
	fido_cred_t *cred = fido_cred_new();
	unsigned char *octets = NULL;
	size_t size = 0, len;
	int result;

	if (cred == NULL)
		return webauthn_refuse(ERR_NOMEM, "out of memory");
	len = cbor_serialize_alloc(statement, &octets, &size);
	result = len == 0 ? FIDO_ERR_INVALID_CBOR
			  : fido_cred_set_type(cred, r->authdata.key.algorithm);
	if (result == FIDO_OK)
		result = fido_cred_set_clientdata_hash(
		    cred, demand->hash, WEBAUTHN_HASH);
	if (result == FIDO_OK)
		result = fido_cred_set_rp(cred, demand->rp_id, NULL);
	if (result == FIDO_OK)
		result = fido_cred_set_fmt(cred, r->format);
	if (result == FIDO_OK)
		result =
		    fido_cred_set_authdata_raw(cred, authdata, authdata_len);
	if (result == FIDO_OK)
		result = fido_cred_set_attstmt(cred, octets, len);
	if (result == FIDO_OK)
		result = r->trust == WEBAUTHN_TRUST_SELF
			     ? fido_cred_verify_self(cred)
			     : fido_cred_verify(cred);
	free(octets);
	fido_cred_free(&cred);
	ERR_clear_error();
	if (result == FIDO_OK)
		return ERR_OK;
	if (result == FIDO_ERR_INVALID_SIG)
		return webauthn_refuse(
		    ERR_MISMATCH, "the statement's signature is wrong");
	return webauthn_refuse(ERR_INPUT, "the statement is malformed");
}

enum error
webauthn_statement(const void *authdata, size_t authdata_len,
    cbor_item_t *statement, const struct webauthn_demand *demand,
    struct webauthn_registration *ret)
{
	cbor_item_t *chain = cbor_under(statement, "x5c");
	int64_t algorithm = 0;
	enum error err = ERR_OK;

	if (strcmp(ret->format, "packed") == 0 &&
	    !cbor_number(cbor_under(statement, "alg"), &algorithm))
		return webauthn_refuse(ERR_INPUT, "the statement is malformed");
	if (chain == NULL) {
		if (strcmp(ret->format, "packed") != 0)
			return webauthn_refuse(
			    ERR_INPUT, "the statement is malformed");
		if (algorithm != ret->authdata.key.algorithm)
			return webauthn_refuse(ERR_MISMATCH,
			    "the statement is by another "
			    "algorithm than the key's");
		ret->trust = WEBAUTHN_TRUST_SELF;
	} else {
		err = look_at_chain(chain, demand, ret);
	}
	if (err == ERR_OK)
		err = verify(authdata, authdata_len, statement, demand, ret);
	return err;
}
