/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/mac.h"

#include <string.h>

enum { DIGITS = MAC_TEXT - 1, SHORTEST = 11, LONGEST = 17 };

static char
digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return (char)c;
	if (c >= 'a' && c <= 'f')
		return (char)c;
	if (c >= 'A' && c <= 'F')
		return (char)(c - 'A' + 'a');
	return '\0';
}

/* How many digits a group has, if all have the same number: 2, 4, 6 or 12. */
static bool
is_group(size_t size)
{
	return size == 2 || size == 4 || size == 6 || size == DIGITS;
}

enum error
mac_canonical(const void *raw, size_t len, char ret_mac[MAC_TEXT])
{
	const unsigned char *at = raw;
	unsigned char separator = '\0';
	char group[DIGITS + 1], mac[MAC_TEXT];
	size_t in_group = 0, size = 0, n = 0, i;

	if (len < SHORTEST || len > LONGEST)
		return ERR_INPUT;
	for (i = 0; i <= len; i++) {
		char c = '\0';

		if (i < len)
			c = digit(at[i]);

		if (c != '\0') {
			if (in_group == DIGITS)
				return ERR_INPUT;
			group[in_group++] = c;
			continue;
		}
		if (i < len && (strchr(":-. ", at[i]) == NULL ||
				   (separator != '\0' && at[i] != separator)))
			return ERR_INPUT;
		if (i < len)
			separator = at[i];
		/* 0:1f:... */
		if (in_group == 1) {
			group[1] = group[0];
			group[0] = '0';
			in_group = 2;
		}
		if (!is_group(in_group) || (size != 0 && in_group != size) ||
		    n + in_group > DIGITS)
			return ERR_INPUT;
		memcpy(mac + n, group, in_group);
		n += in_group;
		size = in_group;
		in_group = 0;
	}
	if (n != DIGITS)
		return ERR_INPUT;
	mac[DIGITS] = '\0';
	memcpy(ret_mac, mac, MAC_TEXT);
	return ERR_OK;
}

bool
mac_is_random(const char *mac)
{
	return strchr("2367abef", mac[1]) != NULL;
}
