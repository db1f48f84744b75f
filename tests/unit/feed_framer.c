/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/framer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/feed/place.h"
#include "tests/unit/test.h"

static struct framer framer;

static void
feed(const char *text, size_t len)
{
	size_t room;
	char *to = framer_room(&framer, &room);

	assert_true(len <= room);
	memcpy(to, text, len);
	framer_fed(&framer, len);
}

static void
line(const char *expected)
{
	size_t len;

	assert_ok(framer_next(&framer, &len));
	if (len != strlen(expected) || strncmp(framer.line, expected, len) != 0)
		fail_msg("'%.*s', not '%s'", (int)len, framer.line, expected);
}

static void
more(void)
{
	size_t len;

	assert_error(framer_next(&framer, &len), ERR_TIMEOUT);
}

static void
lines(void **state)
{
	size_t len;

	(void)state;
	framer_begin(&framer, false);
	more();
	feed("one\r\n\ntw", 8);
	line("one");
	assert_int_equal(framer.passed, 5);
	assert_int_equal(framer.begun, 0);
	line("");
	assert_int_equal(framer.passed, 6);
	assert_int_equal(framer.begun, 5);
	more();
	assert_int_equal(framer.passed, 6); /* what is begun is not passed */
	feed("o\nrest", 6);
	line("two");
	assert_int_equal(framer.begun, 6);
	more();
	assert_ok(framer_rest(&framer, &len));
	assert_int_equal(len, 4);
	assert_int_equal(framer.passed, 14);
	more();
	assert_error(framer_rest(&framer, &len), ERR_TIMEOUT);
}

static void
one_by_one(const char *text, size_t len, const char *const *expected)
{
	size_t i, got;

	for (i = 0; i < len; i++) {
		feed(text + i, 1);
		if (framer_next(&framer, &got) == ERR_OK) {
			assert_int_equal(got, strlen(*expected));
			assert_memory_equal(framer.line, *expected, got);
			expected++;
		}
	}
	assert_null(*expected);
}

static void
octet_by_octet(void **state)
{
	const char *const two[] = {"a", "bcd", NULL};

	(void)state;
	framer_begin(&framer, false);
	one_by_one("a\nbcd\n", 6, two);
	framer_begin(&framer, true);
	one_by_one("1 a3 bcd", 8, two);
}

static void
too_long(void **state)
{
	static char big[FRAMER_BUFFER];
	size_t len, i;

	(void)state;
	memset(big, 'x', sizeof big);
	framer_begin(&framer, false);
	feed(big, FEED_LINE_MAX);
	more();
	feed("\nnext\n", 6);
	assert_ok(framer_next(&framer, &len));
	assert_int_equal(len, FEED_LINE_MAX);
	assert_false(framer.too_long);
	line("next");
	assert_false(framer.too_long);
	for (i = 0; i < 100; i++) {
		feed(big, sizeof big);
		more();
	}
	feed("\nnext\n", 6);
	assert_ok(framer_next(&framer, &len));
	assert_true(framer.too_long);
	assert_int_equal(len, FEED_LINE_MAX);
	line("next");
	assert_false(framer.too_long);
	assert_int_equal(
	    framer.passed, FEED_LINE_MAX + 6 + 100 * (size_t)FRAMER_BUFFER + 6);
}

static void
counted(void **state)
{
	static char big[10000];
	size_t len, i;
	static const char *const bad[] = {
	    "x", " ", "01 a", "-1 a", "12345678 a", "1x", "\n", "<13>"};

	(void)state;
	framer_begin(&framer, true);
	feed("3 a\nb2 c\n10 0123", 16);
	line("a\nb");
	line("c"); /* a newline at the end is of those who are used to it */
	more();
	feed("456789", 6);
	line("0123456789");
	assert_error(framer_rest(&framer, &len), ERR_TIMEOUT);
	feed("5 ab", 4);
	more();
	assert_error(framer_rest(&framer, &len), ERR_INPUT);
	memset(big, 'x', sizeof big);
	framer_begin(&framer, true);
	feed("20000 ", 6);
	more();
	feed(big, sizeof big);
	more();
	feed(big, sizeof big);
	assert_ok(framer_next(&framer, &len));
	assert_true(framer.too_long);
	feed("1 z", 3);
	line("z");
	for (i = 0; i < COUNT(bad); i++) {
		framer_begin(&framer, true);
		feed(bad[i], strlen(bad[i]));
		assert_error(framer_next(&framer, &len), ERR_INPUT);
	}
}

static void
places(void **state)
{
	char path[] = "/tmp/sekisho-place-XXXXXX", text[PLACE_TEXT];
	char damaged[PLACE_TEXT + 1];
	struct place place, again;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && write(fd, "first\nsecond\nthird\n", 19) == 19);
	assert_ok(place_take(fd, 13, 7, &place));
	place_write(&place, text);
	assert_ok(place_read(text, &again));
	assert_true(again.offset == 13 && again.tail == 7);
	assert_true(place_fits(&again, fd));
	/* it may grow, but what was read stays */
	assert_true(pwrite(fd, "fourth\n", 7, 19) == 7);
	assert_true(place_fits(&again, fd));
	assert_true(pwrite(fd, "S", 1, 6) == 1);
	assert_false(place_fits(&again, fd));
	assert_true(pwrite(fd, "s", 1, 6) == 1 && ftruncate(fd, 12) == 0);
	assert_false(place_fits(&again, fd));
	assert_int_equal(place_take(fd, 13, 7, &place), ERR_SYSTEM);
	/* the beginning of any file fits its own inode alone */
	assert_ok(place_take(fd, 0, 0, &place));
	assert_true(place_fits(&place, fd));
	place.inode++;
	assert_false(place_fits(&place, fd));
	assert_error(place_read("", &again), ERR_INPUT);
	assert_error(place_read("file1 1 2 3 4 abc", &again), ERR_INPUT);
	(void)snprintf(damaged, sizeof damaged, "%s ", text);
	assert_error(place_read(damaged, &again), ERR_INPUT);
	(void)snprintf(damaged, sizeof damaged, "%s", text);
	damaged[4] = '2';
	assert_error(place_read(damaged, &again), ERR_INPUT);
	(void)close(fd);
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(octet_by_octet),
	    cmocka_unit_test(too_long),
	    cmocka_unit_test(counted),
	    cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
