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

enum { BADGE_MAX = 10, BADGE_HEX = 2 * BADGE_MAX + 1 };

/*
 * Whether octets can be the number of one card: 4, 7 or 10 of ISO/IEC 14443-3,
 * or 8 of FeliCa, and not what a telephone draws anew each time.
 */
bool badge_valid(const void *octets, size_t len);

#endif
