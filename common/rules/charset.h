/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset.h - names and passwords of gateways that do not send UTF-8, as RFC
 * 2865 5 asks for: CP932 (Windows in Japan) and ISO-8859-1. Which it is stands
 * in the client's record; guessing would make two persons of one name.
 */
#ifndef SEKISHO_RULES_CHARSET_H
#define SEKISHO_RULES_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum charset { CHARSET_UTF8, CHARSET_CP932, CHARSET_LATIN1 };

/* Before a process is locked in: what iconv would load later. */
MUST_CHECK enum error charset_prepare(void);

/* CHARSET_UTF8 for any other word. */
enum charset charset_from_text(const char *word);

/* Whether it could be anything but ASCII. */
bool charset_matters(const void *octets, size_t len);

/*
 * The same in UTF-8, at most cap octets. ERR_INPUT for what is no text in that
 * character set, or too long.
 */
MUST_CHECK enum error charset_to_utf8(enum charset charset, const void *octets,
    size_t len, void *ret_text, size_t cap, size_t *ret_len);

#endif
