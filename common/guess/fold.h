/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fold.h - one form for what people take for the same: width, case, katakana
 * and hiragana, combining marks; and letters written as digits and signs.
 */
#ifndef SEKISHO_GUESS_FOLD_H
#define SEKISHO_GUESS_FOLD_H

#include <stddef.h>

#include "common/base/error.h"

/* Room for the fold of any password: NFKC grows 11-fold. A longer text that
 * grows as much is refused. */
enum { FOLD_MAX = 4096, FOLD_TEXT = 1024 };

/*
 * NFKC, case folded, katakana as hiragana, without blanks (Zs). UTF-8 in,
 * NUL-terminated UTF-8 out. ERR_INPUT for what is no UTF-8 or does not fit.
 */
MUST_CHECK enum error fold(
    const void *text, size_t len, char ret_fold[FOLD_MAX]);

/* In place: p@55w0rd is password; one is what a 1 stands for, i or l. */
void fold_unleet(char *folded, char one);

/* Characters of UTF-8 that is known to be good. */
size_t fold_chars(const char *text, size_t len);

#endif
