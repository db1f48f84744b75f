/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - what a guesser tries first: the words of a language, and those of
 * a hospital. Lines of UTF-8, one word each; what begins with # is a remark.
 */
#ifndef SEKISHO_GUESS_WORDS_H
#define SEKISHO_GUESS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

enum { WORDS_FILE_MAX = 64 << 20, WORDS_LONGEST = 96 /* octets, folded */ };

struct words;

/*
 * general: the list that is built with the program, folded and sorted.
 * house: the hospital's own, as people write it; "" for none. The list is read
 * once and for all; processes that are forked later share it. On failure one
 * line goes into message.
 */
MUST_CHECK enum error words_open(const char *general, const char *house,
    struct words **ret_words, char *message, size_t message_size);

/* Whether a folded word is one of them. */
bool words_have(const struct words *words, const char *folded, size_t len);

size_t words_count(const struct words *words);

void words_close(struct words **words);

#endif
