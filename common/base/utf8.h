/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.h - what of a text may be shown as it is (RFC 3629). */
#ifndef SEKISHO_BASE_UTF8_H
#define SEKISHO_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Octets of the character at text, which ends with a NUL; 0 if there is no
 * well-formed one, or a control character (C0, DEL, C1).
 */
size_t utf8_printable(const char *text);

/*
 * True if all characters are printable and none changes the direction of
 * writing or breaks the line, so that what is read is what is compared.
 */
bool utf8_plain(const char *text);

#endif
