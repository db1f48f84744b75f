/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/guess/fold.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum { KATAKANA = 0x30a1, KATAKANA_LAST = 0x30f6, KANA_APART = 0x60 };

enum error
fold(const void *text, size_t len, char ret_fold[FOLD_MAX])
{
	uint8_t folded[FOLD_MAX];
	size_t n = sizeof folded, at = 0, to = 0;
	enum error err = ERR_OK;
	uint8_t *result;

	ret_fold[0] = '\0';
	if (len == 0)
		return ERR_OK;
	if (len > FOLD_TEXT || u8_check(text, len) != NULL)
		return ERR_INPUT;
	result = u8_casefold(text, len, NULL, UNINORM_NFKC, folded, &n);
	if (result != folded) {
		if (result != NULL)
			sodium_memzero(result, n);
		free(result);
		return ERR_INPUT;
	}
	while (at < n && err == ERR_OK) {
		ucs4_t uc;
		int wrote;

		at += (size_t)u8_mbtouc(&uc, folded + at, n - at);
		if (uc_is_general_category_withtable(uc, UC_CATEGORY_MASK_Zs))
			continue;
		if (uc >= KATAKANA && uc <= KATAKANA_LAST)
			uc -= KANA_APART;
		wrote = u8_uctomb((uint8_t *)ret_fold + to, uc,
		    (ptrdiff_t)(FOLD_MAX - 1 - to));
		if (wrote < 0)
			err = ERR_INPUT;
		else
			to += (size_t)wrote;
	}
	ret_fold[to] = '\0';
	sodium_memzero(folded, sizeof folded);
	return err;
}

void
fold_unleet(char *folded, char one)
{
	static const char from[] = "@4834$50+7!|6";
	static const char to[] = "aabeassottiig";
	const char *found;

	for (; *folded != '\0'; folded++) {
		found = strchr(from, *folded);
		if (found != NULL)
			*folded = to[found - from];
		else if (*folded == '1')
			*folded = one;
	}
}

size_t
fold_chars(const char *text, size_t len)
{
	return u8_mbsnlen((const uint8_t *)text, len);
}
