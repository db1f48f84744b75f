/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secret.h - the one type that holds passwords, codes, seeds and keys.
 * Its bytes are wiped when freed, compared in constant time, and never given
 * to the log: there is deliberately no function that prints one.
 */
#ifndef SEKISHO_BASE_SECRET_H
#define SEKISHO_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum { SECRET_MAX = 65536 };

struct secret {
	size_t len;
	unsigned char *bytes; /* len octets and one NUL that is not counted */
};

/* A zeroed secret of len octets (at most SECRET_MAX). Caller frees. */
MUST_CHECK enum error secret_new(size_t len, struct secret **ret_secret);

/* A copy of len octets. The caller still has to wipe its own copy. */
MUST_CHECK enum error secret_copy(
    const void *bytes, size_t len, struct secret **ret_secret);

/* Wipes, frees and sets NULL. Takes NULL and pointers to NULL. */
void secret_free(struct secret **secret);

/* Constant time in the contents, not in the lengths. */
bool secret_equal(const void *a, size_t a_len, const void *b, size_t b_len);

/*
 * Reads one line (without its newline) from a descriptor, at most max
 * octets; a longer line is ERR_INPUT. Reads octet by octet, so that what
 * follows stays for the next reader.
 */
MUST_CHECK enum error secret_read_line(
    int fd, size_t max, struct secret **ret_secret);

/* Reads a whole file of at most max octets. */
MUST_CHECK enum error secret_read_file(
    const char *path, size_t max, struct secret **ret_secret);

/* No core dumps, no ptrace, no other process reading our memory. */
void secret_harden_process(void);

#endif
