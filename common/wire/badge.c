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
