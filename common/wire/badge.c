/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/badge.h"

#include <string.h>

enum { RANDOM_FIRST = 0x08 }; /* ISO/IEC 14443-3 6.5.4: a random number */

bool
badge_valid(const void *octets, size_t len)
{
	static const unsigned char none[BADGE_MAX];
	const unsigned char *number = octets;

	if (len != 4 && len != 7 && len != 8 && len != BADGE_MAX)
		return false;
	if (memcmp(number, none, len) == 0)
		return false;
	return len != 4 || number[0] != RANDOM_FIRST;
}

static int
digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_gap(unsigned char c)
{
	return c == ':' || c == '-' || c == '.' || c == ' ';
}

static bool
parse(const unsigned char *text, size_t text_len, unsigned char *ret_number,
    size_t *ret_len)
{
	size_t i = 0, len = 0;

	while (i < text_len) {
		int high, low;

		if (len > 0 && is_gap(text[i]))
			i++;
		if (text_len - i < 2 || len == BADGE_MAX)
			return false;
		high = digit(text[i]);
		low = digit(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret_number[len++] = (unsigned char)(high << 4 | low);
		i += 2;
	}
	*ret_len = len;
	return badge_valid(ret_number, len);
}

enum error
badge_of_door(const void *calling, size_t calling_len, const void *user,
    size_t user_len, unsigned char *ret_number, size_t *ret_len)
{
	unsigned char first[BADGE_MAX], second[BADGE_MAX];
	size_t first_len = 0, second_len = 0;
	bool has_first = parse(calling, calling_len, first, &first_len);
	bool has_second = parse(user, user_len, second, &second_len);

	if (!has_first && !has_second)
		return ERR_INPUT;
	if (has_first && has_second &&
	    (first_len != second_len || memcmp(first, second, first_len) != 0))
		return ERR_INPUT;
	*ret_len = has_first ? first_len : second_len;
	memcpy(ret_number, has_first ? first : second, *ret_len);
	return ERR_OK;
}
