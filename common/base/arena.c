/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/arena.h"

#include <sodium.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum error
arena_new(size_t size, struct arena **ret_arena)
{
	struct arena *arena;

	arena = calloc(1, sizeof *arena);
	if (arena == NULL)
		return ERR_NOMEM;
	arena->base = calloc(1, size);
	if (arena->base == NULL) {
		free(arena);
		return ERR_NOMEM;
	}
	arena->size = size;
	*ret_arena = arena;
	return ERR_OK;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	void *block;

	if (size > arena->size - arena->used)
		return NULL;
	block = arena->base + arena->used;
	size = (size + align - 1) / align * align;
	if (size > arena->size - arena->used)
		arena->used = arena->size;
	else
		arena->used += size;
	return block;
}

char *
arena_strndup(struct arena *arena, const void *bytes, size_t len)
{
	char *copy = NULL;

	if (len < arena->size)
		copy = arena_alloc(arena, len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

void
arena_reset(struct arena *arena)
{
	sodium_memzero(arena->base, arena->used);
	arena->used = 0;
}

void
arena_free(struct arena **arena)
{
	if (arena == NULL || *arena == NULL)
		return;
	arena_reset(*arena);
	free((*arena)->base);
	free(*arena);
	*arena = NULL;
}
