/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/name.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum error
name_canonical(const void *raw, size_t len, char ret_name[NAME_MAX_OCTETS + 1])
{
	uint8_t folded[4 * NAME_MAX_OCTETS];
	size_t n = sizeof folded, chars = 0, at = 0;
	uint8_t *result;

	if (len == 0 || len > NAME_MAX_OCTETS || u8_check(raw, len) != NULL)
		return ERR_INPUT;
	/* Folding may leave something to compose: fold, then NFKC again. */
	result = u8_casefold(raw, len, NULL, UNINORM_NFKC, folded, &n);
	if (result != folded) {
		free(result);
		return ERR_INPUT;
	}
	if (n == 0 || n > NAME_MAX_OCTETS)
		return ERR_INPUT;
	while (at < n) {
		ucs4_t uc;

		at += (size_t)u8_mbtouc(&uc, folded + at, n - at);
		if (uc_is_general_category_withtable(
			uc, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z) ||
		    ++chars > NAME_MAX_CHARS)
			return ERR_INPUT;
	}
	memcpy(ret_name, folded, n);
	ret_name[n] = '\0';
	return ERR_OK;
}

static bool
is_realm(const char *realms, const char *word, size_t len)
{
	const char *at = realms;
	size_t n;

	for (; len > 0 && *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		if (n == len && memcmp(at, word, len) == 0)
			return true;
	}
	return false;
}

enum error
name_at_home(const void *raw, size_t len, const char *realms,
    char ret_name[NAME_MAX_OCTETS + 1])
{
	enum error err = name_canonical(raw, len, ret_name);
	char *at;

	if (err != ERR_OK || realms[0] == '\0')
		return err;
	at = strrchr(ret_name, '@');
	if (at != NULL && at != ret_name &&
	    is_realm(realms, at + 1, strlen(at + 1))) {
		*at = '\0';
		return ERR_OK;
	}
	at = strchr(ret_name, '\\');
	if (at != NULL && at[1] != '\0' &&
	    is_realm(realms, ret_name, (size_t)(at - ret_name)))
		memmove(ret_name, at + 1, strlen(at + 1) + 1);
	return ERR_OK;
}

enum error
name_realms(const char *words, char **ret_realms)
{
	char word[NAME_MAX_OCTETS + 1], *realms, *to;
	size_t n;

	/* folding may lengthen a word, to NAME_MAX_OCTETS at most */
	realms = calloc(strlen(words) / 2 + 2, NAME_MAX_OCTETS + 1);
	if (realms == NULL)
		return ERR_NOMEM;
	to = realms;
	for (words += strspn(words, " "); *words != '\0';
	     words += strspn(words, " ")) {
		n = strcspn(words, " ");
		if (name_canonical(words, n, word) != ERR_OK ||
		    strpbrk(word, "@\\") != NULL) {
			free(realms);
			return ERR_INPUT;
		}
		if (to != realms)
			*to++ = ' ';
		to = stpcpy(to, word);
		words += n;
	}
	*ret_realms = realms;
	return ERR_OK;
}

enum error
password_normalise(const void *raw, size_t len, unsigned char *ret_octets,
    size_t cap, size_t *ret_len)
{
	uint8_t nfc[1024];
	size_t n = sizeof nfc;
	enum error err = ERR_INPUT;
	uint8_t *result;

	if (len == 0 || len > cap || memchr(raw, '\0', len) != NULL ||
	    u8_check(raw, len) != NULL)
		return ERR_INPUT;
	result = u8_normalize(UNINORM_NFC, raw, len, nfc, &n);
	if (result == nfc && n > 0 && n <= cap) {
		memcpy(ret_octets, nfc, n);
		*ret_len = n;
		err = ERR_OK;
	} else if (result != nfc && result != NULL) {
		/* It grew beyond the buffer: longer than any cap of ours. */
		sodium_memzero(result, n);
		free(result);
	}
	sodium_memzero(nfc, sizeof nfc);
	return err;
}
