/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/password.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static bool
contains_name(const unsigned char *password, size_t len, const char *login)
{
	uint8_t folded[16 * PASSWORD_MAX_OCTETS]; /* NFKC grows 11-fold */
	size_t n = sizeof folded;
	bool found;

	/* A name of one or two characters would forbid half of them. */
	if (strlen(login) < 3)
		return false;
	if (u8_casefold(password, len, NULL, UNINORM_NFKC, folded, &n) !=
	    folded)
		return false;
	found = memmem(folded, n, login, strlen(login)) != NULL;
	sodium_memzero(folded, sizeof folded);
	return found;
}

enum password_fault
password_check(const unsigned char *password, size_t len, const char *login,
    unsigned min_chars)
{
	bool letter = false, digit = false, symbol = false;
	unsigned chars = 0;
	size_t at = 0;

	while (at < len) {
		ucs4_t uc;

		at += (size_t)u8_mbtouc(&uc, password + at, len - at);
		chars++;
		if (uc_is_general_category_withtable(uc, UC_CATEGORY_MASK_N))
			digit = true;
		else if (uc_is_general_category_withtable(
			     uc, UC_CATEGORY_MASK_L))
			letter = true;
		else
			symbol = true;
	}
	if (chars < min_chars)
		return PASSWORD_SHORT;
	if (!letter || !digit || !symbol)
		return PASSWORD_NOT_MIXED;
	if (contains_name(password, len, login))
		return PASSWORD_HAS_NAME;
	return PASSWORD_GOOD;
}
