/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * badge.h - the number of a card that has nothing else (FeliCa's IDm, a
 * MIFARE card's UID). Anybody can read it in passing and copy it: it names
 * somebody, and proves nothing.
 */
#ifndef SEKISHO_WIRE_BADGE_H
#define SEKISHO_WIRE_BADGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum { BADGE_MAX = 10, BADGE_HEX = 2 * BADGE_MAX + 1 };

/*
 * Whether octets can be the number of one card: 4, 7 or 10 of ISO/IEC 14443-3,
 * or 8 of FeliCa, and not what a telephone draws anew each time.
 */
bool badge_valid(const void *octets, size_t len);

/*
 * The number in what a door sends: hexadecimal, in either case, octets apart
 * by colons, hyphens, dots or blanks, or not. It stands in Calling-Station-Id,
 * or in User-Name where the other is none (some say there who they are
 * themselves). ERR_INPUT if neither is one, or both are and differ. ret_number
 * has room for BADGE_MAX octets.
 */
MUST_CHECK enum error badge_of_door(const void *calling, size_t calling_len,
    const void *user, size_t user_len, unsigned char *ret_number,
    size_t *ret_len);

#endif
