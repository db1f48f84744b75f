/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/test.h"

static char text[8192];
static size_t text_len;
static int out[2], real_stderr;

/* Standard error goes to a pipe, up to the next captured(). */
static void
capture(void)
{
	assert_int_equal(pipe(out), 0);
	real_stderr = dup(STDERR_FILENO);
	(void)dup2(out[1], STDERR_FILENO);
}

static const char *
captured(void)
{
	ssize_t n;

	(void)dup2(real_stderr, STDERR_FILENO);
	(void)close(real_stderr);
	(void)close(out[1]);
	text_len = 0;
	while (
	    (n = read(out[0], text + text_len, sizeof text - 1 - text_len)) > 0)
		text_len += (size_t)n;
	(void)close(out[0]);
	text[text_len] = '\0';
	return text;
}

static void
one_line_with_pairs(void **state)
{
	const char *line;

	(void)state;
	log_open("worker 3", LOG_LEVEL_INFO);
	capture();
	log_info("reject", "login", "佐藤", "client", NULL, "n", log_num(-7));
	line = captured();
	/* 2026-01-31T12:34:56.789Z */
	assert_int_equal(line[4], '-');
	assert_int_equal(line[23], 'Z');
	assert_string_equal(line + 24,
	    " worker 3 info: reject login=\"佐藤\" client=- n=\"-7\"\n");
}

static void
under_systemd_a_priority(void **state)
{
	(void)state;
	assert_int_equal(setenv("JOURNAL_STREAM", "8:12345", 1), 0);
	log_open("keyring", LOG_LEVEL_DEBUG);
	capture();
	log_error("a");
	log_warn("b");
	log_info("c");
	log_debug("d");
	assert_string_equal(captured(), "<3>keyring error: a\n"
					"<4>keyring warning: b\n"
					"<6>keyring info: c\n"
					"<7>keyring debug: d\n");
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void
levels_are_kept(void **state)
{
	(void)state;
	log_open("x", LOG_LEVEL_WARN);
	capture();
	log_info("c");
	log_debug("d");
	assert_string_equal(captured(), "");
}

/* Whatever a client sends: one line, and quotes only where we put them. */
static void
no_octet_forges_a_line(void **state)
{
	char value[256];
	const char *line, *p;
	unsigned c;

	(void)state;
	for (c = 1; c < 256; c++)
		value[c - 1] = (char)c;
	value[255] = '\0';
	log_open("x", LOG_LEVEL_INFO);
	capture();
	log_info("reject", "login", value, "ref", "K7-4821");
	line = captured();
	assert_int_equal(line[text_len - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + text_len - 1);
	for (p = line; p < line + text_len - 1; p++)
		assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	assert_non_null(strstr(line, "\\x0a"));
	assert_non_null(strstr(line, "\\x1b"));
	assert_non_null(strstr(line, "\\x7f"));
	assert_non_null(strstr(line, "!\\\"#"));
	assert_non_null(strstr(line, "[\\\\]"));
	assert_non_null(strstr(line, "\" ref=\"K7-4821\"\n"));
}

/* journalctl(1) shows a line with other octets as "[123B blob data]". */
static void
a_line_is_printable_utf8(void **state)
{
	static const char *const pairs[][2] = {
	    {"\xff", "\\xff"},
	    {"\x9b"
	     "31m",
		"\\x9b31m"},
	    {"\xc2\x9b", "\\xc2\\x9b"},
	    {"\xc2\xa0", "\xc2\xa0"},
	    {"\xc0\x8a", "\\xc0\\x8a"},
	    {"\xe0\x80\x8a", "\\xe0\\x80\\x8a"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	    {"\xe8\xaa", "\\xe8\\xaa"},
	    {"\xe8\"", "\\xe8\\\""},
	    {"認👩é", "認👩é"},
	};
	char want[64];
	size_t i;

	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	for (i = 0; i < COUNT(pairs); i++) {
		(void)snprintf(
		    want, sizeof want, " x info: r v=\"%s\"\n", pairs[i][1]);
		capture();
		log_info("r", "v", pairs[i][0]);
		assert_string_equal(captured() + 24, want);
	}
}

static void
a_forger_stays_inside_his_quotes(void **state)
{
	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	capture();
	log_info("reject", "login",
	    "a\" outcome=\"accept\"\n<6>worker 1 info: accept", "ref", "r");
	assert_string_equal(captured() + 24,
	    " x info: reject login=\"a\\\" outcome=\\\"accept\\\"\\x0a<6>"
	    "worker 1 info: accept\" ref=\"r\"\n");
}

static void
a_long_value_still_ends_in_one_newline(void **state)
{
	static char value[6000];

	(void)state;
	memset(value, '\n', sizeof value - 1);
	log_open("x", LOG_LEVEL_INFO);
	capture();
	log_info("reject", "login", value, "ref", "r");
	(void)captured();
	assert_ptr_equal(strchr(text, '\n'), text + text_len - 1);
	assert_true(text_len <= 2048);
}

static enum log_level sunk_level;
static char sunk[2100];

static void
sink(enum log_level level, const char *line)
{
	sunk_level = level;
	(void)snprintf(sunk, sizeof sunk, "%s", line);
}

static void
a_sink_gets_the_bare_line(void **state)
{
	static char value[4000];

	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	log_to(sink);
	log_warn("reject", "login", "a\nb");
	assert_int_equal(sunk_level, LOG_LEVEL_WARN);
	assert_string_equal(sunk, "reject login=\"a\\x0ab\"");
	memset(value, 'v', sizeof value - 1);
	log_info("reject", "login", value);
	assert_int_equal(strlen(sunk), 2047);
	log_to(NULL);
}

static void
numbers_and_errno(void **state)
{
	const char *a = log_num(INT64_MIN), *b = log_num(INT64_MAX);

	(void)state;
	assert_string_equal(a, "-9223372036854775808");
	assert_string_equal(b, "9223372036854775807");
	errno = ENOENT;
	assert_string_equal(log_errno(), "No such file or directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_line_with_pairs),
	    cmocka_unit_test(under_systemd_a_priority),
	    cmocka_unit_test(levels_are_kept),
	    cmocka_unit_test(no_octet_forges_a_line),
	    cmocka_unit_test(a_line_is_printable_utf8),
	    cmocka_unit_test(a_forger_stays_inside_his_quotes),
	    cmocka_unit_test(a_long_value_still_ends_in_one_newline),
	    cmocka_unit_test(a_sink_gets_the_bare_line),
	    cmocka_unit_test(numbers_and_errno),
	};

	(void)unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
