/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - all memory of one request in one block, wiped at its end.
 * Nothing in it is freed alone; a request that needs more than the block
 * fails instead of growing.
 */
#ifndef SEKISHO_BASE_ARENA_H
#define SEKISHO_BASE_ARENA_H

#include <stddef.h>

#include "common/base/error.h"

struct arena {
	unsigned char *base;
	size_t size;
	size_t used;
};

MUST_CHECK enum error arena_new(size_t size, struct arena **ret_arena);

/* NULL when the block is full. Aligned for any type, zeroed. */
void *arena_alloc(struct arena *arena, size_t size);

/* A NUL-terminated copy, or NULL when the block is full. */
char *arena_strndup(struct arena *arena, const void *bytes, size_t len);

/* Wipes what was used and starts again at the beginning. */
void arena_reset(struct arena *arena);

void arena_free(struct arena **arena);

#endif
