/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/code.h"

#include <stdbool.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

/* Blanks and hyphens that people and phones put between digits. */
static bool
is_filler(ucs4_t uc)
{
	return uc == ' ' || uc == '-' || uc == 0x3000 || uc == 0x00a0;
}

/* Value of an ASCII or full-width digit, -1 otherwise. */
static int
digit_value(ucs4_t uc)
{
	if (uc >= '0' && uc <= '9')
		return (int)(uc - '0');
	if (uc >= 0xff10 && uc <= 0xff19)
		return (int)(uc - 0xff10);
	return -1;
}

enum error
code_parse(const void *raw, size_t len, struct code *ret_code)
{
	const uint8_t *s = raw;
	struct code code = {.prefix = 0};
	size_t at = 0, n = 0;

	if (len > 64)
		return ERR_INPUT;
	while (at < len) {
		ucs4_t uc;
		int step = u8_mbtouc(&uc, s + at, len - at);
		int value = digit_value(uc);

		if (value >= 0 && n < CODE_MAX)
			code.digits[n++] = (char)('0' + value);
		else if (value >= 0 || !is_filler(uc))
			return ERR_INPUT;
		at += (size_t)step;
	}
	if (n != 6 && n != 8)
		return ERR_INPUT;
	code.digits[n] = '\0';
	*ret_code = code;
	return ERR_OK;
}

size_t
code_splits(const void *raw, size_t len, struct code ret_codes[2])
{
	const uint8_t *start = raw, *p = start + len, *prev;
	char reversed[CODE_MAX];
	size_t n = 0, found = 0, i;

	while (n < CODE_MAX && p > start) {
		ucs4_t uc;
		int value;

		prev = u8_prev(&uc, p, start);
		value = prev == NULL ? -1 : digit_value(uc);
		if (value < 0)
			break;
		reversed[n++] = (char)('0' + value);
		p = prev;
		if ((n == 6 || n == 8) && p > start) {
			struct code *code = &ret_codes[found++];

			for (i = 0; i < n; i++)
				code->digits[i] = reversed[n - 1 - i];
			code->digits[n] = '\0';
			code->prefix = (size_t)(p - start);
		}
	}
	return found;
}
