/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * name.h - login names as people type them, and as the database knows them:
 * NFKC (so that full-width letters from a Japanese input method are the
 * letters they look like), case folded, no control characters or blanks.
 * Every program canonicalises with this file before it asks the database.
 */
#ifndef SEKISHO_RULES_NAME_H
#define SEKISHO_RULES_NAME_H

#include <stddef.h>

#include "common/base/error.h"

enum { NAME_MAX_CHARS = 64, NAME_MAX_OCTETS = 253 };

/*
 * ERR_INPUT for empty, too long, invalid UTF-8, NUL, control characters and
 * white space. The result is NUL-terminated UTF-8.
 */
MUST_CHECK enum error name_canonical(
    const void *raw, size_t len, char ret_name[NAME_MAX_OCTETS + 1]);

/*
 * The same of a name with its realm: "sato@hospital.example" and
 * "HOSPITAL\\sato" are "sato" where realms, canonical words with single blanks
 * between, has that realm. Nothing is taken off twice, nor if nothing would be
 * left.
 */
MUST_CHECK enum error name_at_home(const void *raw, size_t len,
    const char *realms, char ret_name[NAME_MAX_OCTETS + 1]);

/* Words as name_at_home() wants them; caller frees *ret_realms. ERR_INPUT. */
MUST_CHECK enum error name_realms(const char *words, char **ret_realms);

/*
 * A password or code in NFC (RFC 8265 4.2: no case mapping, no width
 * mapping), at most cap octets. ERR_INPUT for invalid UTF-8, NUL, empty or
 * too long: it is refused, never truncated.
 */
MUST_CHECK enum error password_normalise(const void *raw, size_t len,
    unsigned char *ret_octets, size_t cap, size_t *ret_len);

#endif
