/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * code.h - one-time codes as people type them: full-width digits, blanks and
 * hyphens are accepted. Pure.
 */
#ifndef SEKISHO_RULES_CODE_H
#define SEKISHO_RULES_CODE_H

#include <stddef.h>

#include "common/base/error.h"

enum { CODE_MAX = 8 };

struct code {
	char digits[CODE_MAX + 1]; /* 6 or 8 ASCII digits */
	size_t prefix;		   /* octets of the input before the code */
};

/* The whole input is one code. ERR_INPUT otherwise. */
MUST_CHECK enum error code_parse(
    const void *raw, size_t len, struct code *ret_code);

/*
 * Every way to split an appended code off the end (6 digits, 8 digits), with
 * something left before it. Returns how many were written, at most 2.
 */
size_t code_splits(const void *raw, size_t len, struct code ret_codes[2]);

#endif
