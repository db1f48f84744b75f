/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a YubiKey adds to the standard, as yubico-piv-tool uses it. There is
 * nobody to touch this card: a touch policy is noted and never asked for.
 */
#include <string.h>

#include "common/base/hex.h"
#include "tests/rigs/piv/cert.h"
#include "tests/rigs/piv/pin.h"
#include "tests/rigs/piv/piv.h"

enum {
	REF_MGM = 0x9b,
	REF_PIN = 0x80,
	REF_PUK = 0x81,
	CERT_MAX = 3072,
	TOUCH_NEVER = 1,
	ORIGIN_GENERATED = 1,
	ORIGIN_IMPORTED = 2,
};

static const uint8_t version[] = {5, 4, 3};
static const char attestation_object[] = "5fff01";

static uint16_t
save(const struct piv *piv)
{
	return state_save(piv->state) == ERR_OK ? SW_OK : SW_MEMORY;
}

static uint16_t
set_mgm(struct piv *piv, const struct apdu *apdu)
{
	const uint8_t *b = apdu->data;

	if (!piv->managed)
		return SW_SECURITY;
	if (apdu->p1 != 0xff || (apdu->p2 != 0xff && apdu->p2 != 0xfe))
		return SW_P1P2;
	if (apdu->len < 3 || b[1] != REF_MGM || b[2] != apdu->len - 3 ||
	    b[2] == 0 || b[2] != block_key_len(b[0]))
		return SW_DATA;
	if (state_put_number(piv->state, "mgm", "alg", b[0]) != ERR_OK ||
	    state_put_bytes(piv->state, "mgm", "key", b + 3, b[2]) != ERR_OK)
		return SW_MEMORY;
	return save(piv);
}

static uint16_t
factory_pins(struct piv *piv, int pin_tries_max, int puk_tries_max)
{
	const struct piv_options defaults = {0};

	if (piv_set_pins(piv->state, &defaults) != ERR_OK ||
	    pin_set_max(piv->state, "pin", pin_tries_max) != ERR_OK ||
	    pin_set_max(piv->state, "puk", puk_tries_max) != ERR_OK)
		return SW_MEMORY;
	piv->pin_verified = false;
	return save(piv);
}

static uint16_t
set_retries(struct piv *piv, const struct apdu *apdu)
{
	if (!piv->managed || !piv->pin_verified)
		return SW_SECURITY;
	if (apdu->p1 == 0 || apdu->p2 == 0 || apdu->p1 > 15 || apdu->p2 > 15)
		return SW_P1P2;
	return factory_pins(piv, apdu->p1, apdu->p2);
}

/* As new, but for the serial number and the attestation key. */
static uint16_t
wipe(struct piv *piv)
{
	static const char *const slots[] = {"9a", "9c", "9d", "9e"};
	uint8_t attestation[CERT_MAX], alg;
	size_t i, len = 0;

	if (pin_tries(piv->state, "pin") > 0 ||
	    pin_tries(piv->state, "puk") > 0)
		return SW_CONDITIONS;
	for (i = 0; i < sizeof slots / sizeof slots[0]; i++)
		state_drop(piv->state, "keys", slots[i]);
	if (state_bytes(piv->state, "objects", attestation_object, attestation,
		sizeof attestation, &len) != ERR_OK)
		len = 0;
	state_drop_section(piv->state, "objects");
	state_drop_section(piv->state, "policy");
	state_drop_section(piv->state, "origin");
	if (len > 0 && state_put_bytes(piv->state, "objects",
			   attestation_object, attestation, len) != ERR_OK)
		return SW_MEMORY;
	alg = (uint8_t)state_number(piv->state, "mgm", "factory", KEY_3DES);
	if (piv_set_mgm(piv->state, alg, piv_mgm_default(alg)) != ERR_OK)
		return SW_MEMORY;
	piv->managed = false;
	return factory_pins(piv, PIV_TRIES, PIV_TRIES);
}

static uint16_t
pin_metadata(const struct piv *piv, const char *name, struct buf *out)
{
	const uint8_t none = 0xff;
	const uint8_t tries[] = {
	    (uint8_t)state_number(piv->state, name, "max", 0),
	    (uint8_t)pin_tries(piv->state, name)};
	const uint8_t is_default = piv_pin_is_default(piv->state, name);

	buf_put_tlv(out, 0x01, &none, 1);
	buf_put_tlv(out, 0x05, &is_default, 1);
	buf_put_tlv(out, 0x06, tries, sizeof tries);
	return SW_OK;
}

static uint16_t
metadata(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	const char *slot = piv_slot(apdu->p2), *text;
	struct buf *out = &reply->data;
	uint8_t public[RSA_OCTETS + 16], policy[2] = {0, TOUCH_NEVER}, octet;
	struct buf pub = {public, sizeof public, 0, false};
	EVP_PKEY *key = NULL;
	enum error err;

	if (apdu->p1 != 0)
		return SW_P1P2;
	if (apdu->p2 == REF_PIN || apdu->p2 == REF_PUK)
		return pin_metadata(
		    piv, apdu->p2 == REF_PIN ? "pin" : "puk", out);
	if (apdu->p2 == REF_MGM) {
		octet = (uint8_t)state_number(piv->state, "mgm", "alg", 0);
		buf_put_tlv(out, 0x01, &octet, 1);
		buf_put_tlv(out, 0x02, policy, sizeof policy);
		text = state_text(piv->state, "mgm", "key");
		octet = text != NULL && piv_mgm_default(octet) != NULL &&
			strcmp(text, piv_mgm_default(octet)) == 0;
		buf_put_tlv(out, 0x05, &octet, 1);
		return SW_OK;
	}
	if (slot == NULL || key_load(piv->state, slot, &key) != ERR_OK)
		return SW_REFERENCE;
	err = key_put_public(key, &pub);
	octet = key_alg_of(key);
	EVP_PKEY_free(key);
	if (err != ERR_OK)
		return SW_FAILURE;
	buf_put_tlv(out, 0x01, &octet, 1);
	policy[0] = (uint8_t)piv_policy(piv, slot);
	buf_put_tlv(out, 0x02, policy, sizeof policy);
	text = state_text(piv->state, "origin", slot);
	octet = text != NULL && strcmp(text, "generated") == 0
		    ? ORIGIN_GENERATED
		    : ORIGIN_IMPORTED;
	buf_put_tlv(out, 0x03, &octet, 1);
	buf_put_tlv(out, 0x04, pub.bytes, pub.len);
	return SW_OK;
}

enum error
piv_set_attestation(struct state *state, const struct authority *root)
{
	uint8_t der[CERT_MAX], object[CERT_MAX];
	struct buf cert = {der, sizeof der, 0, false};
	struct buf out = {object, sizeof object, 0, false};
	const uint8_t info = 0;
	struct authority self = {0};
	enum error err;

	err = key_generate(KEY_P256, &self.key);
	if (err == ERR_OK)
		err = key_store(state, "f9", self.key);
	if (err == ERR_OK)
		err = cert_new("Virtual card attestation", self.key, true, root,
		    &self.certificate);
	if (err == ERR_OK)
		err = cert_sign(self.certificate, root, &cert);
	authority_clear(&self);
	if (err != ERR_OK)
		return err;
	buf_put_tlv(&out, 0x70, cert.bytes, cert.len);
	buf_put_tlv(&out, 0x71, &info, 1);
	buf_put_tlv(&out, 0xfe, NULL, 0);
	return state_put_bytes(
	    state, "objects", attestation_object, out.bytes, out.len);
}

/* The attestation key and its certificate, out of the object of slot F9. */
static enum error
attestor(const struct piv *piv, struct authority *ret_authority)
{
	uint8_t object[CERT_MAX];
	const unsigned char *at;
	struct authority self = {0};
	struct tlv der;
	size_t len;
	enum error err;

	err = state_bytes(piv->state, "objects", attestation_object, object,
	    sizeof object, &len);
	if (err == ERR_OK)
		err = tlv_find(object, len, 0x70, &der);
	if (err == ERR_OK)
		err = key_load(piv->state, "f9", &self.key);
	if (err != ERR_OK)
		return err;
	at = der.value;
	self.certificate = d2i_X509(NULL, &at, (long)der.len);
	if (self.certificate == NULL) {
		authority_clear(&self);
		return ERR_CRYPTO;
	}
	*ret_authority = self;
	return ERR_OK;
}

/* The vendor's extensions: firmware, serial number, policies. */
static enum error
add_facts(const struct piv *piv, const char *slot, X509 *certificate)
{
	const uint8_t policy[2] = {(uint8_t)piv_policy(piv, slot), TOUCH_NEVER};
	uint8_t serial[2 + 4] = {0x02, 0x04};
	size_t len;
	enum error err;

	err = state_bytes(piv->state, "card", "serial", serial + 2, 4, &len);
	if (err == ERR_OK)
		err = cert_add(certificate, "1.3.6.1.4.1.41482.3.3", version,
		    sizeof version);
	if (err == ERR_OK)
		err = cert_add(certificate, "1.3.6.1.4.1.41482.3.7", serial,
		    sizeof serial);
	if (err == ERR_OK)
		err = cert_add(certificate, "1.3.6.1.4.1.41482.3.8", policy,
		    sizeof policy);
	return err;
}

/* "This key was made in this card": a certificate by the key in F9. */
static uint16_t
attest(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	const char *slot = piv_slot(apdu->p1), *origin;
	struct authority self = {0};
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	char name[64];
	uint16_t sw = SW_NOT_FOUND;

	if (slot == NULL || apdu->p2 != 0)
		return SW_P1P2;
	origin = state_text(piv->state, "origin", slot);
	if (origin == NULL || strcmp(origin, "generated") != 0)
		return SW_DATA;
	if (attestor(piv, &self) != ERR_OK ||
	    key_load(piv->state, slot, &key) != ERR_OK)
		goto out;
	(void)snprintf(name, sizeof name, "Virtual card attestation %s", slot);
	sw = SW_FAILURE;
	if (cert_new(name, key, false, &self, &certificate) == ERR_OK &&
	    add_facts(piv, slot, certificate) == ERR_OK &&
	    cert_sign(certificate, &self, &reply->data) == ERR_OK)
		sw = SW_OK;
out:
	X509_free(certificate);
	EVP_PKEY_free(key);
	authority_clear(&self);
	return sw;
}

uint16_t
piv_vendor(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	uint8_t serial[4];
	size_t len;

	switch (apdu->ins) {
	case 0xf7:
		return metadata(piv, apdu, reply);
	case 0xf8:
		if (state_bytes(piv->state, "card", "serial", serial,
			sizeof serial, &len) != ERR_OK)
			return SW_FAILURE;
		buf_put(&reply->data, serial, len);
		return SW_OK;
	case 0xf9:
		return attest(piv, apdu, reply);
	case 0xfa:
		return set_retries(piv, apdu);
	case 0xfb:
		return wipe(piv);
	case 0xfd:
		buf_put(&reply->data, version, sizeof version);
		return SW_OK;
	case 0xff:
		return set_mgm(piv, apdu);
	default:
		return SW_INS;
	}
}
