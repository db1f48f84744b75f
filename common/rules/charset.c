/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/charset.h"

#include <iconv.h>
#include <stdint.h>
#include <string.h>

static const char *const names[] = {NULL, "CP932", "ISO-8859-1"};
static iconv_t opened[sizeof names / sizeof names[0]];
static bool prepared;

enum error
charset_prepare(void)
{
	size_t i;

	for (i = CHARSET_CP932; i < sizeof names / sizeof names[0]; i++) {
		if (prepared)
			return ERR_OK;
		opened[i] = iconv_open("UTF-8", names[i]);
		if ((intptr_t)opened[i] == -1)
			return ERR_SYSTEM;
	}
	prepared = true;
	return ERR_OK;
}

enum charset
charset_from_text(const char *word)
{
	return strcmp(word, "cp932") == 0	 ? CHARSET_CP932
	       : strcmp(word, "iso-8859-1") == 0 ? CHARSET_LATIN1
						 : CHARSET_UTF8;
}

bool
charset_matters(const void *octets, size_t len)
{
	const unsigned char *at = octets;
	size_t i;

	for (i = 0; i < len; i++) {
		if (at[i] > 0x7f)
			return true;
	}
	return false;
}

enum error
charset_to_utf8(enum charset charset, const void *octets, size_t len,
    void *ret_text, size_t cap, size_t *ret_len)
{
	union {
		const void *in;
		char *out; /* iconv's, which writes nothing there */
	} from = {.in = octets};
	char *to = ret_text;
	size_t left = cap;

	*ret_len = 0;
	if (len == 0)
		return ERR_OK;
	if (charset == CHARSET_UTF8) {
		if (len > cap)
			return ERR_INPUT;
		memcpy(ret_text, octets, len);
		*ret_len = len;
		return ERR_OK;
	}
	if (!prepared)
		return ERR_SYSTEM;
	(void)iconv(opened[charset], NULL, NULL, NULL, NULL);
	if (iconv(opened[charset], &from.out, &len, &to, &left) != 0 ||
	    len != 0)
		return ERR_INPUT;
	*ret_len = cap - left;
	return ERR_OK;
}
