/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a door sends as a card's number is one, or nothing; and two forms of one
 * are the same. The first octet says how long Calling-Station-Id is.
 */
#include <string.h>

#include "common/base/hex.h"
#include "common/wire/badge.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char number[BADGE_MAX], again[BADGE_MAX];
	char text[BADGE_HEX];
	size_t len, again_len, split;

	if (size == 0)
		return 0;
	split = data[0] < size ? data[0] : size - 1;
	if (badge_of_door(data + 1, split, data + 1 + split, size - 1 - split,
		number, &len) != ERR_OK)
		return 0;
	must(badge_valid(number, len));
	hex_encode(number, len, text);
	must(badge_of_door(text, 2 * len, "door", 4, again, &again_len) ==
	     ERR_OK);
	must(again_len == len && memcmp(number, again, len) == 0);
	return 0;
}
