/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sign.c - authenticatorData, signatures and attestation (WebAuthn 6). */
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rigs/fido2key/key.h"
#include "tests/rigs/piv/cert.h"

enum { SIGNED_MAX = 1024, SIGNATURE_MAX = 80 };

void
put_map(struct buf *buf, cbor_item_t *map)
{
	unsigned char octets[KEY_MESSAGE];
	size_t len = cbor_serialize(map, octets, sizeof octets);

	cbor_decref(&map);
	if (len == 0)
		abort(); /* larger than any answer may be */
	buf_put(buf, octets, len);
}

void
sign_head(struct key *key, const struct credential *credential, int flags,
    uint32_t counter, struct buf *buf)
{
	uint8_t head[KEY_HASH + 5];

	if (credential->syncable)
		flags |= FLAG_BE | FLAG_BS;
	if ((flags & FLAG_UP) != 0) {
		if (fault_now(&key->faults.no_uv_flag))
			flags &= ~FLAG_UV;
		if (fault_now(&key->faults.be_flag))
			flags ^= FLAG_BE;
		if (fault_now(&key->faults.bs_flag))
			flags ^= FLAG_BS;
		if (fault_now(&key->faults.at_flag))
			flags |= FLAG_AT;
		if (fault_now(&key->faults.no_up_flag))
			flags &= ~FLAG_UP;
		if (key->faults.extension > 0)
			flags |= FLAG_ED;
	}
	(void)SHA256((const unsigned char *)credential->rp,
	    strlen(credential->rp), head);
	if ((flags & FLAG_UP) != 0 && fault_now(&key->faults.wrong_rp))
		head[0] ^= 1;
	head[KEY_HASH] = (uint8_t)flags;
	head[KEY_HASH + 1] = (uint8_t)(counter >> 24);
	head[KEY_HASH + 2] = (uint8_t)(counter >> 16);
	head[KEY_HASH + 3] = (uint8_t)(counter >> 8);
	head[KEY_HASH + 4] = (uint8_t)counter;
	buf_put(buf, head, sizeof head);
}

enum ctap_status
sign_it(struct key *key, int alg, EVP_PKEY *pair, const struct buf *authdata,
    const uint8_t hash[KEY_HASH], struct buf *buf)
{
	unsigned char what[SIGNED_MAX], signature[SIGNATURE_MAX];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = sizeof signature;
	bool done;

	if (authdata->failed || authdata->len > SIGNED_MAX - KEY_HASH) {
		EVP_MD_CTX_free(context);
		return CTAP_OTHER;
	}
	memcpy(what, authdata->bytes, authdata->len);
	memcpy(what + authdata->len, hash, KEY_HASH);
	done = context != NULL &&
	       EVP_DigestSignInit(context, NULL,
		   alg == ALG_EDDSA ? NULL : EVP_sha256(), NULL, pair) == 1 &&
	       EVP_DigestSign(context, signature, &len, what,
		   authdata->len + KEY_HASH) == 1;
	EVP_MD_CTX_free(context);
	if (!done)
		return CTAP_OTHER;
	if (key != NULL) {
		key->signatures++;
		if (fault_now(&key->faults.wrong_signature))
			signature[len - 1] ^= 1;
	}
	buf_put(buf, signature, len);
	return buf->failed ? CTAP_OTHER : CTAP_OK;
}

/* A certificate for the model's own key: WebAuthn 8.2.1. */
static enum ctap_status
model_certificate(const struct key *key, const uint8_t aaguid[KEY_AAGUID],
    EVP_PKEY **ret_pair, struct buf *der)
{
	static const struct {
		const char *name, *value;
	} subject[] = {{"C", "JP"}, {"O", "Software Keys"},
	    {"OU", "Authenticator Attestation"}};
	uint8_t octets[2 + KEY_AAGUID] = {0x04, KEY_AAGUID};
	struct authority ca = {0};
	X509 *certificate = NULL;
	enum error err;
	size_t i;

	err = authority_load(key->attestation_ca, &ca);
	if (err == ERR_NOTFOUND) {
		err = authority_new("Software Key Root", &ca);
		if (err == ERR_OK)
			err = authority_save(&ca, key->attestation_ca);
	}
	*ret_pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (err == ERR_OK && *ret_pair == NULL)
		err = ERR_CRYPTO;
	if (err == ERR_OK)
		err = cert_new(
		    "Software Key", *ret_pair, false, &ca, &certificate);
	for (i = 0; i < sizeof subject / sizeof subject[0] && err == ERR_OK;
	     i++) {
		if (X509_NAME_add_entry_by_txt(
			X509_get_subject_name(certificate), subject[i].name,
			MBSTRING_ASC, (const unsigned char *)subject[i].value,
			-1, -1, 0) != 1)
			err = ERR_CRYPTO;
	}
	memcpy(octets + 2, aaguid, KEY_AAGUID);
	if (err == ERR_OK)
		err = cert_add(certificate, "1.3.6.1.4.1.45724.1.1.4", octets,
		    sizeof octets);
	if (err == ERR_OK)
		err = cert_sign(certificate, &ca, der);
	X509_free(certificate);
	authority_clear(&ca);
	return err == ERR_OK ? CTAP_OK : CTAP_OTHER;
}

cbor_item_t *
sign_attestation(struct key *key, int alg, EVP_PKEY *pair,
    const struct buf *authdata, const uint8_t hash[KEY_HASH],
    const char **ret_format)
{
	const char *kind = state_text(key->state, "key", "attestation");
	uint8_t signature[SIGNATURE_MAX], der[KEY_DER], aaguid[KEY_AAGUID];
	struct buf s = {signature, sizeof signature, 0, false};
	struct buf certificate = {der, sizeof der, 0, false};
	EVP_PKEY *model = NULL;
	cbor_item_t *map = NULL, *chain;
	enum ctap_status status = CTAP_OK;
	bool own = kind == NULL || strcmp(kind, "x5c") != 0;
	size_t len;

	*ret_format = "packed";
	if (kind != NULL && strcmp(kind, "none") == 0) {
		*ret_format = "none";
		return cbor_new_definite_map(0);
	}
	if (!own) {
		if (state_bytes(key->state, "key", "aaguid", aaguid,
			sizeof aaguid, &len) != ERR_OK ||
		    key->attestation_ca == NULL)
			return NULL;
		status = model_certificate(key, aaguid, &model, &certificate);
		alg = ALG_ES256;
		pair = model;
	}
	if (status == CTAP_OK)
		status = sign_it(key, alg, pair, authdata, hash, &s);
	if (status == CTAP_OK) {
		map = cbor_new_definite_map(own ? 2 : 3);
		item_put_named(map, "alg", item_int(alg));
		item_put_named(
		    map, "sig", cbor_build_bytestring(s.bytes, s.len));
	}
	if (status == CTAP_OK && !own) {
		chain = cbor_new_definite_array(1);
		item_push(chain,
		    cbor_build_bytestring(certificate.bytes, certificate.len));
		item_put_named(map, "x5c", chain);
	}
	EVP_PKEY_free(model);
	return map;
}
