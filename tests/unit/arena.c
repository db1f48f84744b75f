/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "tests/unit/test.h"

static void
blocks_are_aligned_zeroed_and_apart(void **state)
{
	struct arena *arena = NULL;
	unsigned char *before = NULL;
	size_t size, before_size = 0;

	(void)state;
	assert_ok(arena_new(65536, &arena));
	for (size = 1; size < 200; size++) {
		unsigned char *block = arena_alloc(arena, size);
		size_t i;

		assert_non_null(block);
		assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
		for (i = 0; i < size; i++)
			assert_int_equal(block[i], 0);
		assert_true(before == NULL || block >= before + before_size);
		memset(block, 0xa5, size);
		before = block;
		before_size = size;
	}
	arena_free(&arena);
	assert_null(arena);
}

static void
a_full_arena_says_so(void **state)
{
	size_t size;

	(void)state;
	for (size = 0; size < 100; size++) {
		struct arena *arena = NULL;
		size_t n = 0;

		assert_ok(arena_new(size, &arena));
		assert_null(arena_alloc(arena, size + 1));
		assert_null(arena_alloc(arena, SIZE_MAX));
		assert_null(arena_alloc(arena, SIZE_MAX - 15));
		while (arena_alloc(arena, 16) != NULL)
			n++;
		assert_int_equal(n, size / 16);
		assert_true(arena->used <= arena->size);
		arena_reset(arena);
		if (size > 0)
			assert_non_null(arena_alloc(arena, size));
		assert_null(arena_alloc(arena, 1));
		arena_free(&arena);
	}
}

static void
copies_end_with_nul(void **state)
{
	struct arena *arena = NULL;
	char *copy;

	(void)state;
	assert_ok(arena_new(64, &arena));
	copy = arena_strndup(arena, "abcdef", 3);
	assert_string_equal(copy, "abc");
	copy = arena_strndup(arena, NULL, 0);
	assert_string_equal(copy, "");
	assert_null(arena_strndup(arena, "x", SIZE_MAX));
	assert_null(arena_strndup(arena, copy, 64));
	arena_free(&arena);
}

/* What a request left behind is gone before the next one. */
static void
c14_3_reset_wipes_what_was_used(void **state)
{
	struct arena *arena = NULL;
	size_t i;
	char *secret;

	(void)state;
	assert_ok(arena_new(1000, &arena));
	(void)arena_alloc(arena, 5);
	secret = arena_strndup(arena, "Tr0ub4dor&3", 11);
	assert_non_null(secret);
	memset(arena_alloc(arena, 900), 0xee, 900);
	arena_reset(arena);
	assert_int_equal(arena->used, 0);
	for (i = 0; i < arena->size; i++)
		assert_int_equal(arena->base[i], 0);
	arena_free(&arena);
	arena_free(&arena);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_are_aligned_zeroed_and_apart),
	    cmocka_unit_test(a_full_arena_says_so),
	    cmocka_unit_test(copies_end_with_nul),
	    cmocka_unit_test(c14_3_reset_wipes_what_was_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
