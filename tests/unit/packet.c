/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/unit/test.h"

static struct arena *arena;
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
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	(void)close(ours);
	(void)close(theirs);
	return 0;
}

static struct message
hello(Sekisho__ClientRequest *body)
{
	static uint8_t address[4] = {127, 0, 0, 1};

	sekisho__client_request__init(body);
	body->address = (ProtobufCBinaryData){4, address};
	return (struct message){
	    .kind = MESSAGE_CLIENT_REQUEST, .client_request = body};
}

static void
a_message_arrives(void **state)
{
	Sekisho__ClientRequest body;
	struct message m = hello(&body), got;

	(void)state;
	assert_ok(packet_send(ours, &m, 100));
	assert_ok(packet_receive(theirs, 100, arena, &got));
	assert_int_equal(got.kind, MESSAGE_CLIENT_REQUEST);
	assert_memory_equal(got.client_request->address.data, "\x7f\0\0\1", 4);
}

static void
silence_times_out(void **state)
{
	struct message got;
	int64_t before = clock_ms(), took;

	(void)state;
	assert_error(packet_receive(theirs, 60, arena, &got), ERR_TIMEOUT);
	took = clock_ms() - before;
	assert_in_range(took, 59, 2000);
	assert_error(packet_receive(theirs, 0, arena, &got), ERR_TIMEOUT);
	assert_error(packet_receive(theirs, -5, arena, &got), ERR_TIMEOUT);
}

static void
a_full_queue_times_out(void **state)
{
	Sekisho__ClientRequest body;
	struct message m = hello(&body);
	enum error err = ERR_OK;
	int n;

	(void)state;
	for (n = 0; n < 100000 && err == ERR_OK; n++)
		err = packet_send(ours, &m, 20);
	assert_error(err, ERR_TIMEOUT);
}

static void
the_other_side_is_gone(void **state)
{
	Sekisho__ClientRequest body;
	struct message m = hello(&body), got;

	(void)state;
	assert_ok(packet_send(theirs, &m, 100));
	(void)close(theirs);
	/* what was sent before still arrives */
	assert_ok(packet_receive(ours, 100, arena, &got));
	assert_error(packet_receive(ours, 100, arena, &got), ERR_CLOSED);
	assert_error(packet_send(ours, &m, 100), ERR_CLOSED);
	theirs = dup(ours);
}

static void
a_bad_descriptor_is_an_error(void **state)
{
	Sekisho__ClientRequest body;
	struct message m = hello(&body), got;

	(void)state;
	assert_error(packet_send(-1, &m, 10), ERR_SYSTEM);
	assert_error(packet_receive(-1, 10, arena, &got), ERR_SYSTEM);
}

static void
what_does_not_fit_is_refused_whole(void **state)
{
	static uint8_t big[MESSAGE_MAX + 1] = {'S', 'K', MESSAGE_VERSION,
	    MESSAGE_CLIENT_REQUEST, 0x0a, 4, 1, 2, 3, 4};
	Sekisho__ClientRequest body;
	struct message m = hello(&body), got;

	(void)state;
	assert_int_equal(send(ours, big, sizeof big, 0), sizeof big);
	assert_error(packet_receive(theirs, 100, arena, &got), ERR_INPUT);
	/* nothing of it is left for the next one */
	assert_ok(packet_send(ours, &m, 100));
	assert_ok(packet_receive(theirs, 100, arena, &got));
	assert_memory_equal(got.client_request->address.data, "\x7f\0\0\1", 4);
}

static void
garbage_is_refused(void **state)
{
	struct message got;

	(void)state;
	assert_int_equal(send(ours, "x", 1, 0), 1);
	assert_error(packet_receive(theirs, 100, arena, &got), ERR_INPUT);
	assert_int_equal(send(ours, "SK\1\3\x0a\xff", 6, 0), 6);
	assert_error(packet_receive(theirs, 100, arena, &got), ERR_INPUT);
}

/* A listener in a folder of its own. */
static int
listen_at(char *folder, char *path, int backlog)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_non_null(mkdtemp(folder));
	(void)stpcpy(stpcpy(path, folder), "/socket");
	memcpy(sun.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static void
connecting(void **state)
{
	char folder[] = "/tmp/packet-XXXXXX", path[64], too_long[200];
	int listener = listen_at(folder, path, 1), fd[8], n = 0;
	enum error err = ERR_OK;
	int64_t before;

	(void)state;
	before = clock_ms();
	while (n < 8 && err == ERR_OK) {
		before = clock_ms();
		err = packet_connect(path, 40, &fd[n]);
		n += err == ERR_OK;
	}
	/* the queue was full, and connecting gave up in time */
	assert_error(err, ERR_TIMEOUT);
	assert_in_range(n, 1, 7);
	assert_in_range(clock_ms() - before, 39, 2000);
	while (n > 0)
		(void)close(fd[--n]);
	(void)close(listener);
	assert_error(packet_connect(path, 40, &fd[0]), ERR_CLOSED);
	(void)unlink(path);
	assert_error(packet_connect(path, 40, &fd[0]), ERR_CLOSED);
	(void)rmdir(folder);
	memset(too_long, 'a', sizeof too_long);
	too_long[sizeof too_long - 1] = '\0';
	assert_error(packet_connect(too_long, 40, &fd[0]), ERR_CONFIG);
}

static void
beside(void **state)
{
	char path[PACKET_PATH], longest[PACKET_PATH];

	(void)state;
	assert_ok(packet_account_path("/run/sekisho/authd.sock", path));
	assert_string_equal(path, "/run/sekisho/account.sock");
	assert_ok(packet_account_path("authd.sock", path));
	assert_string_equal(path, "account.sock");
	assert_ok(packet_account_path("/a", path));
	assert_string_equal(path, "/account.sock");
	memset(longest, 'x', sizeof longest);
	memcpy(longest + 95, "/s", 3);
	assert_error(packet_account_path(longest, path), ERR_CONFIG);
	memcpy(longest + 94, "/s", 3);
	assert_ok(packet_account_path(longest, path));
	assert_int_equal(strlen(path), PACKET_PATH - 1);
}

int
main(void)
{
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_PAIR(a_message_arrives),
	    WITH_PAIR(silence_times_out),
	    WITH_PAIR(a_full_queue_times_out),
	    WITH_PAIR(the_other_side_is_gone),
	    WITH_PAIR(a_bad_descriptor_is_an_error),
	    WITH_PAIR(what_does_not_fit_is_refused_whole),
	    WITH_PAIR(garbage_is_refused),
	    cmocka_unit_test(connecting),
	    cmocka_unit_test(beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
