/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/apdu.h"

#include <string.h>

enum { CLA_CHAIN = 0x10, CLA_READER = 0xff };

enum error
apdu_parse(const uint8_t *b, size_t len, struct apdu *ret_apdu)
{
	struct apdu a = {.le = 256};
	size_t head, lc, tail, wide;

	if (len < 4)
		return ERR_INPUT;
	a.cla = b[0];
	a.ins = b[1];
	a.p1 = b[2];
	a.p2 = b[3];
	if (len == 4)
		goto done;
	if (len == 5) {
		a.le = b[4] == 0 ? 256 : b[4];
		goto done;
	}
	wide = b[4] == 0 ? 2 : 1; /* octets of Le */
	if (wide == 2 && len < 7)
		return ERR_INPUT;
	if (wide == 2 && len == 7) {
		a.le = (size_t)b[5] << 8 | b[6];
		a.le = a.le == 0 ? 65536 : a.le;
		goto done;
	}
	head = wide == 2 ? 7 : 5;
	lc = wide == 2 ? (size_t)b[5] << 8 | b[6] : b[4];
	if (lc == 0 || len < head + lc)
		return ERR_INPUT;
	a.data = b + head;
	a.len = lc;
	tail = len - head - lc;
	if (tail == 1 && wide == 1) {
		a.le = b[len - 1] == 0 ? 256 : b[len - 1];
	} else if (tail == 2 && wide == 2) {
		a.le = (size_t)b[len - 2] << 8 | b[len - 1];
		a.le = a.le == 0 ? 65536 : a.le;
	} else if (tail != 0) {
		return ERR_INPUT;
	}
done:
	*ret_apdu = a;
	return ERR_OK;
}

void
talk_reset(struct talk *talk)
{
	memset(talk, 0, sizeof *talk);
	talk->sw = SW_CONDITIONS;
}

enum error
talk_take(struct talk *talk, const struct apdu *part, struct apdu *ret_apdu,
    uint16_t *ret_sw)
{
	const uint8_t head[4] = {
	    part->cla & (uint8_t)~CLA_CHAIN, part->ins, part->p1, part->p2};
	/* FF is no class: a word to the reader (PC/SC part 3, 3.2) */
	bool last = (part->cla & CLA_CHAIN) == 0 || part->cla == CLA_READER;

	/* ISO/IEC 7816-4 5.1.1.1: another command ends a chain unfinished */
	if (talk->chained && memcmp(head, talk->chain_head, sizeof head) != 0) {
		talk->chained = false;
		talk->chain_len = 0;
		*ret_sw = SW_CHAIN;
		return ERR_DENIED;
	}
	if (!talk->chained && last) {
		*ret_apdu = *part;
		return ERR_OK;
	}
	if (part->len > sizeof talk->chain - talk->chain_len) {
		talk->chained = false;
		talk->chain_len = 0;
		*ret_sw = SW_LENGTH;
		return ERR_DENIED;
	}
	memcpy(talk->chain_head, head, sizeof head);
	if (part->len > 0)
		memcpy(talk->chain + talk->chain_len, part->data, part->len);
	talk->chain_len += part->len;
	talk->chained = !last;
	if (!last)
		return ERR_BUSY;
	*ret_apdu = *part;
	ret_apdu->data = talk->chain;
	ret_apdu->len = talk->chain_len;
	talk->chain_len = 0;
	return ERR_OK;
}

size_t
talk_give(struct talk *talk, size_t le, uint8_t *out)
{
	size_t left = talk->reply.data.len - talk->given;
	size_t n = left < le ? left : le;
	uint16_t sw = talk->sw;

	if (n > 0)
		memcpy(out, talk->reply.bytes + talk->given, n);
	talk->given += n;
	left -= n;
	if (left > 0)
		sw = (uint16_t)(SW_MORE | (left > 0xff ? 0 : left));
	out[n] = (uint8_t)(sw >> 8);
	out[n + 1] = (uint8_t)sw;
	return n + 2;
}
