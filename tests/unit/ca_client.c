/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the CA's process: what it answers, and what when it does not. */
#include "authd/ca_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/wire/packet.h"
#include "tests/unit/test.h"

enum mood { GOOD, LATE_ONES_FIRST, FAULTY, GARBAGE, GONE, NOTHING_SIGNED };

struct authority {
	enum mood mood;
	int fd;
};

static struct arena *arena;

static void
answer(int fd, uint64_t id, bool done, enum mood mood)
{
	static unsigned char octets[] = "signature", spki[] = "key";
	static char label[] = "label";
	Sekisho__CaReply reply = SEKISHO__CA_REPLY__INIT;
	struct message m = {.kind = MESSAGE_CA_REPLY, .ca_reply = &reply};

	reply.id = id;
	reply.result = done ? SEKISHO__CA_REPLY__RESULT__DONE
			    : SEKISHO__CA_REPLY__RESULT__FAULT;
	reply.spki = (ProtobufCBinaryData){3, spki};
	reply.key_label = label;
	if (mood != NOTHING_SIGNED)
		reply.signature = (ProtobufCBinaryData){9, octets};
	if (packet_send(fd, &m, 100) != ERR_OK)
		abort();
}

static void *
serve(void *data)
{
	const struct authority *a = data;
	struct arena *own = NULL;
	struct message m;
	uint64_t id;

	if (arena_new(MESSAGE_ARENA, &own) != ERR_OK ||
	    packet_receive(a->fd, 2000, own, &m) != ERR_OK ||
	    m.kind != MESSAGE_CA_REQUEST || m.ca_request->deadline < clock_ms())
		abort();
	id = m.ca_request->id;
	switch (a->mood) {
	case LATE_ONES_FIRST:
		answer(a->fd, id + 1, false, a->mood);
		answer(a->fd, id, true, a->mood);
		break;
	case GOOD:
	case NOTHING_SIGNED:
		answer(a->fd, id, true, a->mood);
		break;
	case FAULTY:
		answer(a->fd, id, false, a->mood);
		break;
	case GARBAGE:
		(void)send(a->fd, "SK", 2, 0);
		break;
	case GONE:
		(void)shutdown(a->fd, SHUT_RDWR);
		break;
	}
	arena_free(&own);
	return NULL;
}

/* One question; *ca is afterwards as it was left. */
static enum error
ask(enum mood mood, bool sign, struct ca_client *ca)
{
	const unsigned char digest[SIGNATURE_DIGEST] = {1};
	unsigned char signature[SIGNATURE_MAX];
	struct authority a = {.mood = mood};
	struct ca_key key;
	pthread_t thread;
	int pair[2];
	size_t len = 0;
	enum error err;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	a.fd = pair[1];
	*ca = (struct ca_client){.fd = pair[0], .arena = arena};
	assert_int_equal(pthread_create(&thread, NULL, serve, &a), 0);
	if (sign) {
		err = ca_client_sign(
		    ca, PADDING_NONE, HASH_SHA256, digest, signature, &len);
		if (err == ERR_OK)
			assert_memory_equal(signature, "signature", len);
	} else {
		err = ca_client_key(ca, &key);
		if (err == ERR_OK) {
			assert_int_equal(key.len, 3);
			assert_string_equal(key.label, "label");
		}
	}
	(void)pthread_join(thread, NULL);
	(void)close(pair[0]);
	(void)close(pair[1]);
	arena_reset(arena);
	return err;
}

static void
answers(void **state)
{
	struct ca_client ca;

	(void)state;
	assert_ok(ask(GOOD, false, &ca));
	assert_ok(ask(GOOD, true, &ca));
	assert_ok(ask(LATE_ONES_FIRST, true, &ca));
	assert_true(ca.away == 0);
	assert_error(ask(NOTHING_SIGNED, true, &ca), ERR_CLOSED);
}

static void
who_does_not_answer_is_away(void **state)
{
	static const enum mood moods[] = {FAULTY, GARBAGE, GONE};
	struct ca_client ca;
	struct ca_key key;
	int64_t begun;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(moods); i++) {
		assert_error(ask(moods[i], true, &ca), ERR_CLOSED);
		assert_true(ca.away > clock_ms() + CA_AWAY_MS / 2);
		/* and is not asked again, nor waited for */
		begun = clock_ms();
		assert_error(ca_client_key(&ca, &key), ERR_CLOSED);
		assert_true(clock_ms() - begun < 1000);
	}
	ca = (struct ca_client){.fd = -1, .arena = arena};
	assert_error(ca_client_key(&ca, &key), ERR_CLOSED);
}

static int
set_up(void **state)
{
	(void)state;
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers),
	    cmocka_unit_test(who_does_not_answer_is_away),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
