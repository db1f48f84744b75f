/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape.h - octets that somebody else chose, as a text that can be stored and
 * shown, and back. Printable UTF-8 stays as it is; every other octet, and the
 * backslash, becomes \xhh. Two different values never become one text.
 */
#ifndef SEKISHO_BASE_ESCAPE_H
#define SEKISHO_BASE_ESCAPE_H

#include <stddef.h>

#include "common/base/error.h"

/* Needs 4 * len + 1 octets; writes a NUL behind. */
void escape_octets(const void *octets, size_t len, char *ret_text);

/* ERR_INPUT: not such a text, or more than cap octets. */
MUST_CHECK enum error escape_undo(
    const char *text, unsigned char *ret_octets, size_t cap, size_t *ret_len);

#endif
