/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* What is to be freed is looked at at the last moment. */
static size_t wiped_len;
static bool wiped_clean;

void __real_free(void *pointer);
void __wrap_free(void *pointer);
static const unsigned char *watched;
static size_t watched_len;

void
__wrap_free(void *pointer)
{
	if (pointer != NULL && watched != NULL &&
	    (const unsigned char *)pointer <= watched &&
	    watched < (const unsigned char *)pointer + 64) {
		size_t i;

		wiped_clean = true;
		for (i = 0; i < watched_len; i++)
			wiped_clean &= watched[i] == 0;
		wiped_len = watched_len;
		watched = NULL;
	}
	__real_free(pointer);
}

static void
c14_3_freeing_wipes(void **state)
{
	struct secret *s = NULL;

	(void)state;
	assert_ok(secret_copy("Tr0ub4dor&3", 11, &s));
	watched = s->bytes;
	watched_len = s->len;
	secret_free(&s);
	assert_null(s);
	assert_int_equal(wiped_len, 11);
	assert_true(wiped_clean);
	secret_free(&s);
	secret_free(NULL);
}

static void
copies_and_bounds(void **state)
{
	struct secret *s = NULL;

	(void)state;
	assert_ok(secret_copy("a\0b", 3, &s));
	assert_int_equal(s->len, 3);
	assert_memory_equal(s->bytes, "a\0b", 4); /* and its own NUL */
	secret_free(&s);
	assert_ok(secret_copy(NULL, 0, &s));
	assert_int_equal(s->len, 0);
	assert_int_equal(s->bytes[0], 0);
	secret_free(&s);
	assert_ok(secret_new(SECRET_MAX, &s));
	secret_free(&s);
	assert_error(secret_new((size_t)SECRET_MAX + 1, &s), ERR_INPUT);
	assert_error(secret_new(SIZE_MAX, &s), ERR_INPUT);
	assert_null(s);
}

static void
equality(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", 3, "abc", 3));
	assert_true(secret_equal("a\0c", 3, "a\0c", 3));
	assert_false(secret_equal("a\0c", 3, "a\0d", 3));
	assert_false(secret_equal("abc", 3, "abd", 3));
	assert_false(secret_equal("abc", 3, "abcd", 4));
	assert_false(secret_equal("abc", 3, "", 0));
	assert_true(secret_equal("", 0, "", 0));
}

static int
pipe_with(const char *text, size_t len)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, len), len);
	(void)close(fd[1]);
	return fd[0];
}

static void
line_is(int fd, const char *want)
{
	struct secret *s = NULL;

	assert_ok(secret_read_line(fd, 16, &s));
	assert_string_equal((char *)s->bytes, want);
	assert_int_equal(s->len, strlen(want));
	secret_free(&s);
}

static void
lines_leave_what_follows(void **state)
{
	int fd = pipe_with("one\ntwo\r\n\nfour", 14);

	(void)state;
	line_is(fd, "one");
	line_is(fd, "two");
	line_is(fd, "");
	line_is(fd, "four");
	line_is(fd, "");
	(void)close(fd);
}

static void
a_line_too_long_is_refused(void **state)
{
	int fd = pipe_with("0123456789abcdef\n0123456789abcdefg\n", 35);
	struct secret *s = NULL;

	(void)state;
	line_is(fd, "0123456789abcdef");
	assert_error(secret_read_line(fd, 16, &s), ERR_INPUT);
	assert_null(s);
	(void)close(fd);
	assert_error(secret_read_line(-1, 16, &s), ERR_SYSTEM);
}

static void
files(void **state)
{
	char path[] = "/tmp/secret-XXXXXX";
	struct secret *s = NULL;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "0123456789", 10), 10);
	(void)close(fd);
	assert_ok(secret_read_file(path, 10, &s));
	assert_int_equal(s->len, 10);
	assert_string_equal((char *)s->bytes, "0123456789");
	secret_free(&s);
	assert_error(secret_read_file(path, 9, &s), ERR_INPUT);
	assert_error(secret_read_file("/tmp", 9, &s), ERR_SYSTEM);
	(void)unlink(path);
	assert_error(secret_read_file(path, 9, &s), ERR_NOTFOUND);
	assert_null(s);
}

static void
c14_3_a_hardened_process_leaves_no_core(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct rlimit core;

		secret_harden_process();
		_exit(getrlimit(RLIMIT_CORE, &core) == 0 &&
			      core.rlim_cur == 0 && core.rlim_max == 0 &&
			      prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(c14_3_freeing_wipes),
	    cmocka_unit_test(copies_and_bounds),
	    cmocka_unit_test(equality),
	    cmocka_unit_test(lines_leave_what_follows),
	    cmocka_unit_test(a_line_too_long_is_refused),
	    cmocka_unit_test(files),
	    cmocka_unit_test(c14_3_a_hardened_process_leaves_no_core),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
