/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/tlv.h"

#include <string.h>

static enum error
take(struct tlv_reader *r, uint8_t *ret_octet)
{
	if (r->left == 0)
		return ERR_INPUT;
	*ret_octet = *r->at++;
	r->left--;
	return ERR_OK;
}

static enum error
take_tag(struct tlv_reader *r, uint32_t *ret_tag)
{
	uint32_t tag;
	uint8_t octet;
	int n = 1;

	if (take(r, &octet) != ERR_OK)
		return ERR_INPUT;
	tag = octet;
	if ((octet & 0x1f) == 0x1f) {
		do {
			if (++n > 3 || take(r, &octet) != ERR_OK)
				return ERR_INPUT;
			tag = tag << 8 | octet;
		} while ((octet & 0x80) != 0);
	}
	*ret_tag = tag;
	return ERR_OK;
}

static enum error
take_len(struct tlv_reader *r, size_t *ret_len)
{
	size_t len = 0;
	uint8_t octet;
	int n;

	if (take(r, &octet) != ERR_OK)
		return ERR_INPUT;
	if (octet < 0x80) {
		*ret_len = octet;
		return ERR_OK;
	}
	if (octet != 0x81 && octet != 0x82)
		return ERR_INPUT;
	for (n = octet & 0x7f; n > 0; n--) {
		if (take(r, &octet) != ERR_OK)
			return ERR_INPUT;
		len = len << 8 | octet;
	}
	*ret_len = len;
	return ERR_OK;
}

enum error
tlv_next(struct tlv_reader *reader, struct tlv *ret_tlv)
{
	struct tlv tlv;

	if (reader->left == 0)
		return ERR_NOTFOUND;
	if (take_tag(reader, &tlv.tag) != ERR_OK ||
	    take_len(reader, &tlv.len) != ERR_OK || tlv.len > reader->left)
		return ERR_INPUT;
	tlv.value = reader->at;
	reader->at += tlv.len;
	reader->left -= tlv.len;
	*ret_tlv = tlv;
	return ERR_OK;
}

enum error
tlv_find(const uint8_t *bytes, size_t len, uint32_t tag, struct tlv *ret_tlv)
{
	struct tlv_reader reader = {bytes, len};
	struct tlv tlv;
	enum error err;

	while ((err = tlv_next(&reader, &tlv)) == ERR_OK) {
		if (tlv.tag == tag) {
			*ret_tlv = tlv;
			return ERR_OK;
		}
	}
	return err;
}

void
buf_put(struct buf *buf, const void *bytes, size_t len)
{
	if (buf->failed || len > buf->cap - buf->len) {
		buf->failed = true;
		return;
	}
	if (len > 0)
		memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
}

void
buf_put_head(struct buf *buf, uint32_t tag, size_t len)
{
	uint8_t head[6];
	size_t n = 0;

	if (tag > 0xffff)
		head[n++] = (uint8_t)(tag >> 16);
	if (tag > 0xff)
		head[n++] = (uint8_t)(tag >> 8);
	head[n++] = (uint8_t)tag;
	if (len > 0xffff) {
		buf->failed = true;
		return;
	}
	if (len > 0xff) {
		head[n++] = 0x82;
		head[n++] = (uint8_t)(len >> 8);
	} else if (len > 0x7f) {
		head[n++] = 0x81;
	}
	head[n++] = (uint8_t)len;
	buf_put(buf, head, n);
}

void
buf_put_tlv(struct buf *buf, uint32_t tag, const void *value, size_t len)
{
	buf_put_head(buf, tag, len);
	buf_put(buf, value, len);
}

size_t
tlv_head_len(uint32_t tag, size_t len)
{
	size_t n = tag > 0xffff ? 3 : tag > 0xff ? 2 : 1;

	return n + (len > 0xff ? 3 : len > 0x7f ? 2 : 1);
}
