/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GENERAL AUTHENTICATE and GENERATE (SP 800-73-4 part 2, 3.2.4 and 3.3.2). */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "tests/rigs/piv/piv.h"

enum { REF_MGM = 0x9b, ANSWER_MAX = 512 };

/* The dynamic authentication template, 7C. value NULL: not there. */
struct template
{
	struct tlv witness, challenge, response, point;
};

static const struct {
	uint8_t reference;
	const char *name;
	enum pin_policy policy;
} slots[] = {
    {0x9a, "9a", PIN_POLICY_ONCE},
    {0x9c, "9c", PIN_POLICY_ALWAYS},
    {0x9d, "9d", PIN_POLICY_ONCE},
    {0x9e, "9e", PIN_POLICY_NEVER},
};
enum { N_SLOTS = sizeof slots / sizeof slots[0] };

const char *
piv_slot(uint8_t reference)
{
	int i;

	for (i = 0; i < N_SLOTS; i++)
		if (slots[i].reference == reference)
			return slots[i].name;
	return NULL;
}

enum pin_policy
piv_policy(const struct piv *piv, const char *slot)
{
	int set = state_number(piv->state, "policy", slot, PIN_POLICY_SLOT);
	int i;

	if (set >= PIN_POLICY_NEVER && set <= PIN_POLICY_ALWAYS)
		return (enum pin_policy)set;
	for (i = 0; i < N_SLOTS; i++)
		if (strcmp(slots[i].name, slot) == 0)
			return slots[i].policy;
	return PIN_POLICY_ALWAYS;
}

static enum error
read_template(const struct apdu *apdu, struct template *ret_template)
{
	struct template t = {0};
	struct tlv outer, in;
	struct tlv_reader reader;
	enum error err;

	if (tlv_find(apdu->data, apdu->len, 0x7c, &outer) != ERR_OK)
		return ERR_INPUT;
	reader = (struct tlv_reader){outer.value, outer.len};
	while ((err = tlv_next(&reader, &in)) == ERR_OK) {
		switch (in.tag) {
		case 0x80:
			t.witness = in;
			break;
		case 0x81:
			t.challenge = in;
			break;
		case 0x82:
			t.response = in;
			break;
		case 0x85:
			t.point = in;
			break;
		default:
			return ERR_INPUT;
		}
	}
	if (err != ERR_NOTFOUND)
		return err;
	*ret_template = t;
	return ERR_OK;
}

/* 7C { tag value } */
static void
put_answer(struct reply *reply, uint32_t tag, const uint8_t *value, size_t len)
{
	buf_put_head(&reply->data, 0x7c, tlv_head_len(tag, len) + len);
	buf_put_tlv(&reply->data, tag, value, len);
}

/*
 * The management key both ways: mutual, with a witness that the host has to
 * decrypt, or single, with a challenge that it has to encrypt.
 */
static uint16_t
manage(
    struct piv *piv, uint8_t alg, const struct template *t, struct reply *reply)
{
	uint8_t key[MGM_LEN_MAX], out[BLOCK_MAX];
	size_t len, n = block_len(alg);
	bool had_witness = piv->has_witness, had_challenge = piv->has_challenge;

	/* what was offered is good for one answer */
	piv->has_witness = piv->has_challenge = false;
	if (state_bytes(piv->state, "mgm", "key", key, sizeof key, &len) !=
		ERR_OK ||
	    len != block_key_len(alg))
		return SW_FAILURE;
	if (t->witness.value != NULL && t->witness.len == 0) {
		if (RAND_bytes(piv->witness, (int)n) != 1 ||
		    block_encrypt(alg, key, piv->witness, out) != ERR_OK)
			return SW_FAILURE;
		piv->has_witness = true;
		put_answer(reply, 0x80, out, n);
		return SW_OK;
	}
	if (t->witness.value != NULL && t->challenge.value != NULL) {
		piv->managed =
		    had_witness && t->witness.len == n &&
		    CRYPTO_memcmp(t->witness.value, piv->witness, n) == 0;
		if (!piv->managed)
			return SW_SECURITY;
		if (t->challenge.len != n)
			return SW_DATA;
		if (block_encrypt(alg, key, t->challenge.value, out) != ERR_OK)
			return SW_FAILURE;
		put_answer(reply, 0x82, out, n);
		return SW_OK;
	}
	if (t->challenge.value != NULL && t->challenge.len == 0) {
		if (RAND_bytes(piv->challenge, (int)n) != 1)
			return SW_FAILURE;
		piv->has_challenge = true;
		put_answer(reply, 0x81, piv->challenge, n);
		return SW_OK;
	}
	if (t->response.value != NULL && had_challenge) {
		if (block_encrypt(alg, key, piv->challenge, out) != ERR_OK)
			return SW_FAILURE;
		piv->managed = t->response.len == n &&
			       CRYPTO_memcmp(t->response.value, out, n) == 0;
		return piv->managed ? SW_OK : SW_SECURITY;
	}
	return SW_DATA;
}

uint16_t
piv_authenticate(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	uint8_t alg = apdu->p1 == 0 ? KEY_3DES : apdu->p1;
	const char *slot = piv_slot(apdu->p2);
	uint8_t out[ANSWER_MAX];
	struct buf answer = {out, sizeof out, 0, false};
	struct template t;
	EVP_PKEY *key = NULL;
	enum pin_policy policy;
	enum error err;
	uint16_t sw;

	if (read_template(apdu, &t) != ERR_OK)
		return SW_DATA;
	if (apdu->p2 == REF_MGM)
		return alg == state_number(piv->state, "mgm", "alg", 0)
			   ? manage(piv, alg, &t, reply)
			   : SW_P1P2;
	if (slot == NULL)
		return SW_P1P2;
	if (t.response.value == NULL || t.response.len != 0 ||
	    (t.challenge.value == NULL) == (t.point.value == NULL))
		return SW_DATA;
	policy = piv_policy(piv, slot);
	if ((policy == PIN_POLICY_ONCE && !piv->pin_verified) ||
	    (policy == PIN_POLICY_ALWAYS && !piv->pin_fresh))
		return SW_SECURITY;
	if (key_load(piv->state, slot, &key) != ERR_OK ||
	    key_alg_of(key) != alg) {
		sw = SW_P1P2;
		goto out;
	}
	err = t.point.value != NULL
		  ? key_agree(key, t.point.value, t.point.len, &answer)
		  : key_sign(key, t.challenge.value, t.challenge.len, &answer);
	if (err != ERR_OK) {
		sw = err == ERR_INPUT ? SW_DATA : SW_FAILURE;
		goto out;
	}
	put_answer(reply, 0x82, out, answer.len);
	reply->has_signature = t.challenge.value != NULL;
	sw = SW_OK;
out:
	EVP_PKEY_free(key);
	return sw;
}

uint16_t
piv_generate(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	const char *slot = piv_slot(apdu->p2);
	uint8_t public[ANSWER_MAX];
	struct buf out = {public, sizeof public, 0, false};
	struct tlv control, alg, policy;
	EVP_PKEY *key = NULL;
	uint16_t sw = SW_FAILURE;
	int set = PIN_POLICY_SLOT;

	if (!piv->managed)
		return SW_SECURITY;
	if (apdu->p1 != 0 || slot == NULL)
		return SW_P1P2;
	if (tlv_find(apdu->data, apdu->len, 0xac, &control) != ERR_OK ||
	    tlv_find(control.value, control.len, 0x80, &alg) != ERR_OK ||
	    alg.len != 1)
		return SW_DATA;
	if (piv->extensions &&
	    tlv_find(control.value, control.len, 0xaa, &policy) == ERR_OK &&
	    policy.len == 1)
		set = policy.value[0];
	switch (key_generate(alg.value[0], &key)) {
	case ERR_OK:
		break;
	case ERR_INPUT:
		return SW_DATA;
	default:
		return SW_FAILURE;
	}
	if (key_put_public(key, &out) != ERR_OK)
		goto out;
	sw = SW_MEMORY;
	if (key_store(piv->state, slot, key) != ERR_OK ||
	    state_put_number(piv->state, "policy", slot, set) != ERR_OK ||
	    state_put_text(piv->state, "origin", slot, "generated") != ERR_OK ||
	    state_save(piv->state) != ERR_OK)
		goto out;
	buf_put_tlv(&reply->data, 0x7f49, out.bytes, out.len);
	sw = SW_OK;
out:
	EVP_PKEY_free(key);
	return sw;
}
