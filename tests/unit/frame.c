/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/frame.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/test.h"

static int ours, theirs;

static int
set_up(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
		return -1;
	ours = pair[0];
	theirs = pair[1];
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)close(ours);
	(void)close(theirs);
	return 0;
}

static void
a_frame_arrives(void **state)
{
	struct frame frame, got;
	char text[8];
	unsigned number;

	(void)state;
	frame_begin(&frame, FRAME_ASK);
	frame_put_text(&frame, "17");
	frame_put_text(&frame, "PIN: ");
	frame_put(&frame, "a\0b", 3);
	frame_put(&frame, NULL, 0);
	assert_ok(frame_send(ours, &frame, 100));
	/* nothing of it is left */
	assert_null(memmem(frame.octets, sizeof frame.octets, "PIN", 3));
	assert_ok(frame_receive(theirs, 100, &got));
	assert_int_equal(got.kind, FRAME_ASK);
	assert_int_equal(got.n, 4);
	assert_ok(frame_number(&got, 0, 17, &number));
	assert_int_equal(number, 17);
	assert_error(frame_number(&got, 0, 16, &number), ERR_INPUT);
	assert_error(frame_number(&got, 1, 99, &number), ERR_INPUT);
	assert_error(frame_number(&got, 3, 99, &number), ERR_INPUT);
	assert_error(frame_number(&got, 4, 99, &number), ERR_INPUT);
	assert_ok(frame_text(&got, 1, text, sizeof text));
	assert_string_equal(text, "PIN: ");
	assert_error(frame_text(&got, 1, text, 5), ERR_INPUT);
	assert_error(frame_text(&got, 2, text, sizeof text), ERR_INPUT);
	assert_ok(frame_text(&got, 3, text, sizeof text));
	assert_string_equal(text, "");
	/* a field that is not there is an empty text */
	assert_ok(frame_text(&got, 9, text, sizeof text));
	assert_string_equal(text, "");
}

static void
what_does_not_fit_is_not_sent(void **state)
{
	static char big[FRAME_MAX];
	struct frame frame;
	int i;

	(void)state;
	frame_begin(&frame, FRAME_INFO);
	frame_put(&frame, big, FRAME_MAX - 6);
	assert_ok(frame_send(ours, &frame, 100));
	frame_begin(&frame, FRAME_INFO);
	frame_put(&frame, big, FRAME_MAX - 5);
	assert_error(frame_send(ours, &frame, 100), ERR_INPUT);
	frame_begin(&frame, FRAME_INFO);
	frame_put(&frame, big, (size_t)-1);
	frame_put_text(&frame, "x");
	assert_error(frame_send(ours, &frame, 100), ERR_INPUT);
	frame_begin(&frame, FRAME_INFO);
	for (i = 0; i <= FRAME_FIELDS; i++)
		frame_put_text(&frame, "x");
	assert_error(frame_send(ours, &frame, 100), ERR_INPUT);
}

static void
malformed_frames_are_refused(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} bad[] = {
	    {"ST\1", 3},
	    {"XT\1\1", 4},
	    {"SX\1\1", 4},
	    {"ST\2\1", 4},
	    {"ST\1\1\0", 5},
	    {"ST\1\1\0\2x", 7},
	    {"ST\1\1\xff\xff", 6},
	    {"ST\1\1\0\1xy", 8},
	};
	static char many[4 + 2 * (FRAME_FIELDS + 1)] = "ST\1\1";
	static char big[FRAME_MAX + 1] = "ST\1\1";
	struct frame got;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(
		    send(ours, bad[i].octets, bad[i].len, 0), bad[i].len);
		assert_error(frame_receive(theirs, 100, &got), ERR_INPUT);
	}
	assert_int_equal(send(ours, many, sizeof many, 0), sizeof many);
	assert_error(frame_receive(theirs, 100, &got), ERR_INPUT);
	assert_int_equal(send(ours, big, sizeof big, 0), sizeof big);
	assert_error(frame_receive(theirs, 100, &got), ERR_INPUT);
}

static void
silence_and_the_end(void **state)
{
	struct frame frame;

	(void)state;
	assert_error(frame_receive(theirs, 20, &frame), ERR_TIMEOUT);
	(void)close(ours);
	assert_error(frame_receive(theirs, 20, &frame), ERR_CLOSED);
	frame_begin(&frame, FRAME_ALIVE);
	assert_error(frame_send(theirs, &frame, 20), ERR_CLOSED);
	ours = dup(theirs);
}

int
main(void)
{
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(a_frame_arrives),
	    WITH_PAIR(what_does_not_fit_is_not_sent),
	    WITH_PAIR(malformed_frames_are_refused),
	    WITH_PAIR(silence_and_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
