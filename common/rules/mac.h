/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mac.h - MAC addresses (IEEE 802, 48 bits) as clients and people write them.
 * RFC 3580 3.21 wants 00-10-A4-23-19-C0; what comes has colons, points, blanks,
 * groups of two, three times four or six digits, capitals or not, and zeros
 * left out before a single digit.
 */
#ifndef SEKISHO_RULES_MAC_H
#define SEKISHO_RULES_MAC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum { MAC_TEXT = 13 };

/* Twelve small hexadecimal digits and a NUL. ERR_INPUT for anything else. */
MUST_CHECK enum error mac_canonical(
    const void *raw, size_t len, char ret_mac[MAC_TEXT]);

/* Administered locally (IEEE 802-2014 8.2.2): made up, as phones do that hide
 * their own. mac is canonical. */
bool mac_is_random(const char *mac);

#endif
