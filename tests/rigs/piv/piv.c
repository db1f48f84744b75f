/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/piv.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "common/base/hex.h"
#include "tests/rigs/piv/pin.h"

enum {
	REF_PIN = 0x80,
	REF_PUK = 0x81,
	OBJECT_MAX = 4096,
	OBJECT_DISCOVERY = 0x7e,
	OBJECT_PRINTED = 0x5fc109,
};

static const uint8_t atr[] = {0x3b, 0x8d, 0x80, 0x01, 0x80, 0xfb, 0xa0, 0x00,
    0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0xcd};
static const uint8_t aid[] = {
    0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
enum { AID_SHORTEST = 5, AID_PIX = 5 };
/* 5F2F 4000: the application's own PIN and no other */
static const uint8_t discovery[] = {0x7e, 0x12, 0x4f, 0x0b, 0xa0, 0x00, 0x00,
    0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x5f, 0x2f, 0x02, 0x40,
    0x00};

/* A PIN of 6 to 8 octets, then FF only. */
static bool
pin_formed(const uint8_t *pin)
{
	size_t len = 0;

	while (len < PIV_PIN_LEN && pin[len] != 0xff)
		len++;
	if (len < 6)
		return false;
	for (; len < PIV_PIN_LEN; len++)
		if (pin[len] != 0xff)
			return false;
	return true;
}

static uint16_t
save(const struct piv *piv)
{
	return state_save(piv->state) == ERR_OK ? SW_OK : SW_MEMORY;
}

static uint16_t
do_select(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	uint8_t inner[64];
	struct buf in = {inner, sizeof inner, 0, false};

	if (apdu->p1 != 0x04)
		return SW_FUNCTION;
	if (apdu->len < AID_SHORTEST || apdu->len > sizeof aid ||
	    memcmp(apdu->data, aid, apdu->len) != 0)
		return SW_NOT_FOUND;
	piv->selected = true;
	buf_put_tlv(&in, 0x4f, aid + AID_PIX, sizeof aid - AID_PIX);
	buf_put_head(&in, 0x79, 2 + AID_PIX);
	buf_put_tlv(&in, 0x4f, aid, AID_PIX);
	buf_put_tlv(&reply->data, 0x61, in.bytes, in.len);
	return SW_OK;
}

/* 5C and the tag that it names. */
static uint16_t
object_tag(const struct apdu *apdu, uint32_t *ret_tag, char ret_name[7])
{
	struct tlv list;
	uint32_t tag = 0;
	size_t i;

	if (apdu->p1 != 0x3f || apdu->p2 != 0xff)
		return SW_P1P2;
	if (tlv_find(apdu->data, apdu->len, 0x5c, &list) != ERR_OK ||
	    list.len == 0 || list.len > 3)
		return SW_DATA;
	for (i = 0; i < list.len; i++)
		tag = tag << 8 | list.value[i];
	hex_encode(list.value, list.len, ret_name);
	*ret_tag = tag;
	return SW_OK;
}

/* SP 800-73-4 part 1, table 2: read with the PIN only. */
static bool
wants_pin(uint32_t tag)
{
	return tag == 0x5fc103 || tag == 0x5fc108 || tag == OBJECT_PRINTED ||
	       tag == 0x5fc121;
}

static uint16_t
get_data(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	uint8_t value[OBJECT_MAX];
	size_t len;
	uint32_t tag;
	char name[7];
	uint16_t sw;

	sw = object_tag(apdu, &tag, name);
	if (sw != SW_OK)
		return sw;
	if (wants_pin(tag) && !piv->pin_verified)
		return SW_SECURITY;
	if (tag == OBJECT_DISCOVERY) {
		buf_put(&reply->data, discovery, sizeof discovery);
		return SW_OK;
	}
	if (state_bytes(piv->state, "objects", name, value, sizeof value,
		&len) != ERR_OK)
		return SW_NOT_FOUND;
	buf_put_tlv(&reply->data, 0x53, value, len);
	return SW_OK;
}

static uint16_t
put_data(struct piv *piv, const struct apdu *apdu)
{
	struct tlv value;
	uint32_t tag;
	char name[7];
	uint16_t sw;

	if (!piv->managed)
		return SW_SECURITY;
	sw = object_tag(apdu, &tag, name);
	if (sw != SW_OK)
		return sw;
	if (tag >> 8 != 0x5fc1 && tag >> 8 != 0x5fff)
		return SW_NOT_FOUND;
	if (tlv_find(apdu->data, apdu->len, 0x53, &value) != ERR_OK)
		return SW_DATA;
	if (value.len > OBJECT_MAX)
		return SW_MEMORY;
	if (value.len == 0)
		state_drop(piv->state, "objects", name);
	else if (state_put_bytes(piv->state, "objects", name, value.value,
		     value.len) != ERR_OK)
		return SW_MEMORY;
	return save(piv);
}

static uint16_t
verify(struct piv *piv, const struct apdu *apdu)
{
	uint16_t sw;

	if (apdu->p2 != REF_PIN)
		return SW_REFERENCE;
	if (apdu->p1 == 0xff && apdu->len == 0) {
		piv->pin_verified = false;
		return SW_OK;
	}
	if (apdu->p1 != 0)
		return SW_P1P2;
	if (apdu->len == 0) {
		int tries = pin_tries(piv->state, "pin");

		return piv->pin_verified ? SW_OK
		       : tries == 0	 ? SW_BLOCKED
					 : (uint16_t)(SW_TRIES + tries);
	}
	if (apdu->len != PIV_PIN_LEN)
		return SW_DATA;
	sw = pin_check(piv->state, "pin", apdu->data, apdu->len);
	piv->pin_verified = sw == SW_OK;
	piv->pin_fresh = sw == SW_OK;
	return sw;
}

static uint16_t
change(struct piv *piv, const struct apdu *apdu)
{
	const char *name = apdu->p2 == REF_PIN ? "pin" : "puk";
	uint16_t sw;

	if (apdu->p1 != 0)
		return SW_P1P2;
	if (apdu->p2 != REF_PIN && apdu->p2 != REF_PUK)
		return SW_REFERENCE;
	/* part 2, 3.2.2: a new value of the wrong form costs no try */
	if (apdu->len != 2 * PIV_PIN_LEN ||
	    !pin_formed(apdu->data + PIV_PIN_LEN))
		return SW_DATA;
	sw = pin_check(piv->state, name, apdu->data, PIV_PIN_LEN);
	if (apdu->p2 == REF_PIN)
		piv->pin_verified = sw == SW_OK;
	if (sw != SW_OK)
		return sw;
	if (pin_set(piv->state, name, apdu->data + PIV_PIN_LEN, PIV_PIN_LEN) !=
	    ERR_OK)
		return SW_MEMORY;
	return save(piv);
}

static uint16_t
unblock(struct piv *piv, const struct apdu *apdu)
{
	uint16_t sw;

	if (apdu->p1 != 0)
		return SW_P1P2;
	if (apdu->p2 != REF_PIN)
		return SW_REFERENCE;
	if (apdu->len != 2 * PIV_PIN_LEN ||
	    !pin_formed(apdu->data + PIV_PIN_LEN))
		return SW_DATA;
	sw = pin_check(piv->state, "puk", apdu->data, PIV_PIN_LEN);
	if (sw != SW_OK)
		return sw;
	if (pin_set(piv->state, "pin", apdu->data + PIV_PIN_LEN, PIV_PIN_LEN) !=
	    ERR_OK)
		return SW_MEMORY;
	return save(piv);
}

static uint16_t
dispatch(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	if (apdu->cla != 0)
		return SW_CLA;
	if (apdu->ins == 0xa4)
		return do_select(piv, apdu, reply);
	if (!piv->selected)
		return SW_CONDITIONS;
	switch (apdu->ins) {
	case 0xcb:
		return get_data(piv, apdu, reply);
	case 0xdb:
		return put_data(piv, apdu);
	case 0x20:
		return verify(piv, apdu);
	case 0x24:
		return change(piv, apdu);
	case 0x2c:
		return unblock(piv, apdu);
	case 0x87:
		return piv_authenticate(piv, apdu, reply);
	case 0x47:
		return piv_generate(piv, apdu, reply);
	default:
		return piv->extensions ? piv_vendor(piv, apdu, reply) : SW_INS;
	}
}

static uint16_t
run(void *self, const struct apdu *apdu, struct reply *reply)
{
	struct piv *piv = self;
	bool fresh = piv->pin_fresh;
	uint16_t sw = dispatch(piv, apdu, reply);

	/* 9C: VERIFY counts for the very next command and no other */
	if (fresh && apdu->ins != 0x20)
		piv->pin_fresh = false;
	return sw;
}

static void
reset(void *self)
{
	struct piv *piv = self;

	piv->selected = piv->pin_verified = piv->pin_fresh = false;
	piv->managed = piv->has_witness = piv->has_challenge = false;
}

static bool
signs(void *self, const struct apdu *apdu)
{
	(void)self;
	return apdu->ins == 0x87 && piv_slot(apdu->p2) != NULL;
}

static void
count(void *self, json_t *object)
{
	const struct piv *piv = self;

	(void)json_object_set_new(
	    object, "pin_tries", json_integer(pin_tries(piv->state, "pin")));
	(void)json_object_set_new(
	    object, "puk_tries", json_integer(pin_tries(piv->state, "puk")));
	(void)json_object_set_new(
	    object, "pin_verified", json_boolean(piv->pin_verified));
}

enum error
piv_open(struct state *state, struct applet *ret_applet)
{
	struct piv *piv = calloc(1, sizeof *piv);

	if (piv == NULL)
		return ERR_NOMEM;
	piv->state = state;
	piv->extensions = state_number(state, "card", "extensions", 1) != 0;
	*ret_applet = (struct applet){.kind = "piv",
	    .atr = atr,
	    .atr_len = sizeof atr,
	    .reset = reset,
	    .run = run,
	    .signs = signs,
	    .count = count,
	    .free = free,
	    .self = piv};
	return ERR_OK;
}

/* A PIN as the card gets it: padded with FF to 8 octets. */
static enum error
pad_pin(const char *text, uint8_t ret_pin[PIV_PIN_LEN])
{
	size_t len = strlen(text);

	if (len < 6 || len > PIV_PIN_LEN)
		return ERR_INPUT;
	memset(ret_pin, 0xff, PIV_PIN_LEN);
	memcpy(ret_pin, text, len);
	return ERR_OK;
}

enum error
piv_set_pins(struct state *state, const struct piv_options *options)
{
	uint8_t pin[PIV_PIN_LEN], puk[PIV_PIN_LEN];
	enum error err;

	err = pad_pin(options->pin ? options->pin : PIV_PIN_DEFAULT, pin);
	if (err == ERR_OK)
		err =
		    pad_pin(options->puk ? options->puk : PIV_PUK_DEFAULT, puk);
	if (err == ERR_OK)
		err = pin_set(state, "pin", pin, sizeof pin);
	if (err == ERR_OK)
		err = pin_set(state, "puk", puk, sizeof puk);
	return err;
}

bool
piv_pin_is_default(const struct state *state, const char *name)
{
	uint8_t value[PIV_PIN_LEN], without[PIV_PIN_LEN];
	size_t len;

	return pad_pin(
		   strcmp(name, "pin") == 0 ? PIV_PIN_DEFAULT : PIV_PUK_DEFAULT,
		   without) == ERR_OK &&
	       state_bytes(state, name, "value", value, sizeof value, &len) ==
		   ERR_OK &&
	       len == sizeof without && memcmp(value, without, len) == 0;
}

const char *
piv_mgm_default(uint8_t alg)
{
	const char *longest = PIV_MGM_DEFAULT;
	const size_t digits = 2 * block_key_len(alg);
	static char text[2 * MGM_LEN_MAX + 1];

	if (digits == 0 || digits > strlen(longest))
		return NULL;
	memcpy(text, longest, digits);
	text[digits] = '\0';
	return text;
}

enum error
piv_set_mgm(struct state *state, uint8_t alg, const char *hex)
{
	uint8_t key[MGM_LEN_MAX];
	size_t len;
	enum error err;

	err = hex_decode(hex, strlen(hex), key, sizeof key, &len);
	if (err == ERR_OK && len != block_key_len(alg))
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = state_put_number(state, "mgm", "alg", alg);
	if (err == ERR_OK)
		err = state_put_bytes(state, "mgm", "key", key, len);
	return err;
}

enum error
piv_create(struct state *state, const struct piv_options *options)
{
	uint8_t serial[4];
	const uint8_t alg = options->mgm_alg != 0 ? options->mgm_alg : KEY_3DES;
	enum error err;

	if (RAND_bytes(serial, sizeof serial) != 1)
		return ERR_CRYPTO;
	serial[0] = (serial[0] & 0x7f) | 1; /* a positive DER INTEGER of 4 */
	err =
	    state_put_number(state, "card", "extensions", options->extensions);
	if (err == ERR_OK)
		err = state_put_bytes(
		    state, "card", "serial", serial, sizeof serial);
	if (err == ERR_OK)
		err = piv_set_pins(state, options);
	if (err == ERR_OK)
		err = state_put_number(state, "mgm", "factory", alg);
	if (err == ERR_OK)
		err = piv_set_mgm(state, alg,
		    options->mgm ? options->mgm : piv_mgm_default(alg));
	if (err == ERR_OK && options->attestation != NULL)
		err = piv_set_attestation(state, options->attestation);
	return err;
}
