/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/escape.h"

#include <string.h>

#include "common/base/hex.h"
#include "common/base/utf8.h"

void
escape_octets(const void *octets, size_t len, char *ret_text)
{
	const unsigned char *in = octets;
	char *out = ret_text;
	size_t i = 0;

	while (i < len) {
		char ahead[5] = "";
		size_t n;

		/* a character has at most four octets; behind the end is NUL */
		memcpy(ahead, in + i, len - i < 4 ? len - i : 4);
		n = in[i] == '\\' ? 0 : utf8_printable(ahead);
		if (n > 0) {
			memcpy(out, in + i, n);
			out += n;
			i += n;
		} else {
			*out++ = '\\';
			*out++ = 'x';
			hex_encode(in + i, 1, out);
			out += 2;
			i++;
		}
	}
	*out = '\0';
}

enum error
escape_undo(
    const char *text, unsigned char *ret_octets, size_t cap, size_t *ret_len)
{
	size_t n = 0, one;

	while (*text != '\0') {
		if (n == cap)
			return ERR_INPUT;
		if (*text != '\\') {
			ret_octets[n++] = (unsigned char)*text++;
			continue;
		}
		if (strlen(text) < 4 || text[1] != 'x' ||
		    hex_decode(text + 2, 2, ret_octets + n, 1, &one) != ERR_OK)
			return ERR_INPUT;
		n++;
		text += 4;
	}
	*ret_len = n;
	return ERR_OK;
}
