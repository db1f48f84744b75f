/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a YubiKey adds to the standard, as yubico-piv-tool uses it. */
#include "tests/rigs/piv/piv.h"

static const uint8_t version[] = {5, 2, 7};

static uint16_t
set_mgm(struct piv *piv, const struct apdu *apdu)
{
	const uint8_t *b = apdu->data;

	if (!piv->managed)
		return SW_SECURITY;
	/* P2 FE would be "only with a touch", and nobody can touch this card */
	if (apdu->p1 != 0xff || (apdu->p2 != 0xff && apdu->p2 != 0xfe))
		return SW_P1P2;
	if (apdu->len < 3 || b[1] != 0x9b || b[2] != apdu->len - 3 ||
	    b[2] == 0 || b[2] != block_key_len(b[0]))
		return SW_DATA;
	if (state_put_number(piv->state, "mgm", "alg", b[0]) != ERR_OK ||
	    state_put_bytes(piv->state, "mgm", "key", b + 3, b[2]) != ERR_OK ||
	    state_save(piv->state) != ERR_OK)
		return SW_MEMORY;
	return SW_OK;
}

uint16_t
piv_vendor(struct piv *piv, const struct apdu *apdu, struct reply *reply)
{
	uint8_t serial[4];
	size_t len;

	switch (apdu->ins) {
	case 0xfd:
		buf_put(&reply->data, version, sizeof version);
		return SW_OK;
	case 0xf8:
		if (state_bytes(piv->state, "card", "serial", serial,
			sizeof serial, &len) != ERR_OK)
			return SW_FAILURE;
		buf_put(&reply->data, serial, len);
		return SW_OK;
	case 0xff:
		return set_mgm(piv, apdu);
	default:
		return SW_INS;
	}
}
