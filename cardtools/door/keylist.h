/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keylist.h - whom a reader lets in when no server answers: ids of keys, as the
 * server told them, for as long as it said. In memory alone: who takes the
 * machine finds no list, and who starts it anew without a server has none.
 */
#ifndef SEKISHO_DOOR_KEYLIST_H
#define SEKISHO_DOOR_KEYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/wire/entry.h"

enum { KEYLIST_MAX = 20000 };

struct keylist {
	size_t n, cap;
	unsigned char (*key)[ENTRY_KEY]; /* in order */
	int64_t until;			 /* clock_ms; 0: there is none */
};

/* Whether a key is in it, now_ms being before its end. */
bool keylist_has(const struct keylist *list, const unsigned char key[ENTRY_KEY],
    int64_t now_ms);

/*
 * Adds a page as Sekisho-Keys has it. ERR_INPUT: no page, or not in order
 * behind what is there. *ret_last: no page follows.
 */
MUST_CHECK enum error keylist_add(struct keylist *list,
    const unsigned char *page, size_t len, int64_t now_ms, bool *ret_last);

void keylist_clear(struct keylist *list);

#endif
