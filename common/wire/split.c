/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/split.h"

#include <string.h>

size_t
split_count(size_t len)
{
	if (len > SPLIT_VALUE)
		return 0;
	return (len + SPLIT_PART - 1) / SPLIT_PART;
}

enum error
split_piece(const void *value, size_t len, size_t i,
    unsigned char ret_piece[SPLIT_PIECE], size_t *ret_len)
{
	const unsigned char *octets = value;
	size_t total = split_count(len), part;

	if (i >= total)
		return ERR_INPUT;
	part = i + 1 < total ? SPLIT_PART : len - i * SPLIT_PART;
	ret_piece[0] = (unsigned char)(i + 1);
	ret_piece[1] = (unsigned char)total;
	memcpy(ret_piece + SPLIT_HEAD, octets + i * SPLIT_PART, part);
	*ret_len = SPLIT_HEAD + part;
	return ERR_OK;
}

void
split_begin(struct split *split, unsigned char *value, size_t cap)
{
	*split = (struct split){.value = value, .cap = cap};
}

enum error
split_add(struct split *s, const void *piece, size_t len)
{
	const unsigned char *octets = piece;

	if (s->err != ERR_OK)
		return s->err;
	s->err = ERR_INPUT;
	if (len <= SPLIT_HEAD || len > SPLIT_PIECE)
		return s->err;
	if (s->seen == 0)
		s->total = octets[1];
	/* So a second piece 1, a gap and a total that changes all end here. */
	if (s->total > SPLIT_PIECES || octets[1] != s->total ||
	    s->seen == s->total || octets[0] != s->seen + 1)
		return s->err;
	len -= SPLIT_HEAD;
	if (len > s->cap - s->len)
		return s->err;
	memcpy(s->value + s->len, octets + SPLIT_HEAD, len);
	s->len += len;
	s->seen++;
	s->err = ERR_OK;
	return ERR_OK;
}

enum error
split_end(const struct split *s, size_t *ret_len)
{
	if (s->err != ERR_OK)
		return s->err;
	if (s->seen == 0 || s->seen != s->total)
		return ERR_INPUT;
	*ret_len = s->len;
	return ERR_OK;
}
