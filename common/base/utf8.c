/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/utf8.h"

size_t
utf8_printable(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = *p < 0x80	 ? 1
		     : *p < 0xc2 ? 0
		     : *p < 0xe0 ? 2
		     : *p < 0xf0 ? 3
		     : *p < 0xf5 ? 4
				 : 0;
	size_t i;

	if (*p < 0x20 || *p == 0x7f)
		return 0;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* C1 controls, overlong forms, surrogates, beyond Unicode */
	if ((*p == 0xc2 && p[1] < 0xa0) || (*p == 0xe0 && p[1] < 0xa0) ||
	    (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
	    (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069. */
static bool
turns(const unsigned char *p)
{
	if (p[0] == 0xd8)
		return p[1] == 0x9c;
	if (p[0] != 0xe2)
		return false;
	if (p[1] == 0x80)
		return p[2] == 0x8e || p[2] == 0x8f ||
		       (p[2] >= 0xa8 && p[2] <= 0xae);
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

bool
utf8_plain(const char *text)
{
	while (*text != '\0') {
		size_t len = utf8_printable(text);

		if (len == 0 || turns((const unsigned char *)text))
			return false;
		text += len;
	}
	return true;
}
