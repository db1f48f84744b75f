/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/keyring_client.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/wire/packet.h"
#include "tests/unit/test.h"

/* What the keyring at the other end does with one question. */
enum mood { GOOD, LATE_ONES_FIRST, FAULTY, SILENT, GARBAGE, GONE, ECHO };

struct keyring {
	enum mood mood;
	int fd;
};

static void
answer(int fd, uint64_t id, Sekisho__KeyringReply__Result result)
{
	Sekisho__KeyringReply reply = SEKISHO__KEYRING_REPLY__INIT;
	struct message m = {
	    .kind = MESSAGE_KEYRING_REPLY, .keyring_reply = &reply};

	reply.id = id;
	reply.result = result;
	if (packet_send(fd, &m, 100) != ERR_OK)
		abort();
}

static void *
serve(void *data)
{
	const struct keyring *k = data;
	struct arena *arena = NULL;
	struct message m;
	uint64_t id;

	if (arena_new(MESSAGE_ARENA, &arena) != ERR_OK ||
	    packet_receive(k->fd, 2000, arena, &m) != ERR_OK)
		abort();
	id = m.keyring_request->id;
	switch (k->mood) {
	case LATE_ONES_FIRST:
		answer(k->fd, id + 1, SEKISHO__KEYRING_REPLY__RESULT__YES);
		answer(k->fd, 0, SEKISHO__KEYRING_REPLY__RESULT__YES);
		answer(k->fd, id, SEKISHO__KEYRING_REPLY__RESULT__NO);
		break;
	case GOOD:
		answer(k->fd, id, SEKISHO__KEYRING_REPLY__RESULT__YES);
		break;
	case FAULTY:
		answer(k->fd, id, SEKISHO__KEYRING_REPLY__RESULT__FAULT);
		break;
	case SILENT:
		break;
	case GARBAGE:
		(void)send(k->fd, "SK", 2, 0);
		break;
	case GONE:
		(void)shutdown(k->fd, SHUT_RDWR);
		break;
	case ECHO: /* a question is no answer */
		if (packet_send(k->fd, &m, 100) != ERR_OK)
			abort();
		break;
	}
	arena_free(&arena);
	return NULL;
}

static enum error
ask(enum mood mood, Sekisho__KeyringReply__Result *ret_result)
{
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	const Sekisho__KeyringReply *reply = NULL;
	struct arena *arena = NULL;
	struct keyring k = {.mood = mood};
	pthread_t thread;
	enum error err;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	k.fd = pair[1];
	assert_int_equal(pthread_create(&thread, NULL, serve, &k), 0);
	assert_ok(arena_new(MESSAGE_ARENA, &arena));
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_HELLO;
	request.hello = &hello;
	err = keyring_ask(pair[0], &request, arena, &reply);
	if (err == ERR_OK)
		*ret_result = reply->result;
	(void)pthread_join(thread, NULL);
	arena_free(&arena);
	(void)close(pair[0]);
	(void)close(pair[1]);
	return err;
}

static void
an_answer(void **state)
{
	Sekisho__KeyringReply__Result result;

	(void)state;
	assert_ok(ask(GOOD, &result));
	assert_int_equal(result, SEKISHO__KEYRING_REPLY__RESULT__YES);
}

/* A yes meant for somebody else must not let anyone in. */
static void
late_answers_are_passed_over(void **state)
{
	Sekisho__KeyringReply__Result result;

	(void)state;
	assert_ok(ask(LATE_ONES_FIRST, &result));
	assert_int_equal(result, SEKISHO__KEYRING_REPLY__RESULT__NO);
}

static void
a_fault_is_an_error_not_a_mismatch(void **state)
{
	Sekisho__KeyringReply__Result result;

	(void)state;
	assert_error(ask(FAULTY, &result), ERR_CRYPTO);
	assert_error(ask(GARBAGE, &result), ERR_INPUT);
	assert_error(ask(GONE, &result), ERR_CLOSED);
}

static void
silence_ends_in_time(void **state)
{
	Sekisho__KeyringReply__Result result;
	int64_t before = clock_ms();

	(void)state;
	assert_error(ask(SILENT, &result), ERR_TIMEOUT);
	assert_error(ask(ECHO, &result), ERR_TIMEOUT);
	assert_in_range(clock_ms() - before, 2 * KEYRING_TIMEOUT_MS - 10,
	    2 * KEYRING_TIMEOUT_MS + 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer),
	    cmocka_unit_test(late_answers_are_passed_over),
	    cmocka_unit_test(a_fault_is_an_error_not_a_mismatch),
	    cmocka_unit_test(silence_ends_in_time),
	};

	return sodium_init() < 0 ? 1
				 : cmocka_run_group_tests(tests, NULL, NULL);
}
