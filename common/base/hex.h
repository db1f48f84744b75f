/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hex.h - hexadecimal and UUID text, for the database's own forms. */
#ifndef SEKISHO_BASE_HEX_H
#define SEKISHO_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum { UUID_TEXT = 37 }; /* with its NUL */

/* Writes 2 * len digits and a NUL. */
void hex_encode(const unsigned char *bytes, size_t len, char *ret_text);

/* Exactly hex_len / 2 octets into ret_bytes of cap octets. */
MUST_CHECK enum error hex_decode(const char *hex, size_t hex_len,
    unsigned char *ret_bytes, size_t cap, size_t *ret_len);

/* 16 octets as a UUID of version 8 (RFC 9562 5.8): made from a digest. */
void uuid_from_bytes(const unsigned char bytes[16], char ret_uuid[UUID_TEXT]);

/* A random one, version 4. */
void uuid_random(char ret_uuid[UUID_TEXT]);

/* True for 8-4-4-4-12 lower-case hexadecimal digits. */
bool uuid_valid(const char *text);

/* All 16 octets as they are, also where they are no UUID of RFC 9562. */
void uuid_write(const unsigned char bytes[16], char ret_uuid[UUID_TEXT]);
MUST_CHECK enum error uuid_read(const char *text, unsigned char ret_bytes[16]);

#endif
