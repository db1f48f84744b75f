/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that hashes for others, and how one asks it. */
#include "authd/hasher.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/wire/packet.h"
#include "tests/unit/test.h"

enum { ASKERS = 3, COST_KIB = 8192 };

static const struct pwhash_cost cost = {1, COST_KIB};
static const unsigned char salt[PWHASH_SALT] = "0123456789abcde";
static int asker[ASKERS];
static struct arena *arena;
static pid_t hasher;

static int
set_up(void **state)
{
	struct config config = {.uid = getuid(), .gid = getgid()};
	int served[ASKERS], i, pair[2];

	(void)state;
	for (i = 0; i < ASKERS; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
			return -1;
		asker[i] = pair[0];
		served[i] = pair[1];
	}
	log_open("hasher", LOG_LEVEL_ERROR);
	hasher = fork();
	if (hasher == 0)
		_exit(hasher_main(&config, served, ASKERS));
	for (i = 0; i < ASKERS; i++)
		(void)close(served[i]);
	return arena_new(MESSAGE_ARENA, &arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	int status, i;

	(void)state;
	(void)kill(hasher, SIGTERM);
	(void)waitpid(hasher, &status, 0);
	for (i = 0; i < ASKERS; i++)
		(void)close(asker[i]);
	arena_free(&arena);
	/* it ended by itself, and so was neither killed nor in error */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void
check_tag(int fd, const struct pwhash_cost *at, const char *password)
{
	unsigned char got[PWHASH_TAG], want[PWHASH_TAG];

	assert_ok(pwhash_tag(at, salt, password, strlen(password), want));
	assert_ok(
	    hasher_tag(fd, at, salt, password, strlen(password), arena, got));
	assert_memory_equal(got, want, PWHASH_TAG);
	arena_reset(arena);
}

static void
tags_are_those_of_argon2(void **state)
{
	const struct pwhash_cost larger = {2, 2 * COST_KIB}, small = {1, 64};
	char longest[129];
	int i;

	(void)state;
	memset(longest, 'x', 128);
	longest[128] = '\0';
	/* in new memory, in the same again, in other amounts, and back */
	for (i = 0; i < ASKERS; i++)
		check_tag(asker[i], &cost, "password");
	check_tag(asker[0], &cost, "Password");
	check_tag(asker[1], &larger, "password");
	check_tag(asker[2], &small, "password");
	check_tag(asker[0], &cost, "");
	check_tag(asker[0], &cost, longest);
}

static void
what_cannot_be_hashed_is_a_failure(void **state)
{
	const struct pwhash_cost none = {0, COST_KIB}, tiny = {1, 1};
	unsigned char tag[PWHASH_TAG];

	(void)state;
	assert_error(
	    hasher_tag(asker[0], &none, salt, "p", 1, arena, tag), ERR_NOMEM);
	assert_error(
	    hasher_tag(asker[0], &tiny, salt, "p", 1, arena, tag), ERR_NOMEM);
	check_tag(asker[0], &cost, "password");
}

/* Neither noise, nor another's message, nor a question given up harms. */
static void
noise_is_not_answered(void **state)
{
	Sekisho__HashRequest request = SEKISHO__HASH_REQUEST__INIT;
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	Sekisho__KeyringRequest other = SEKISHO__KEYRING_REQUEST__INIT;
	struct message m = {.kind = MESSAGE_HASH_REQUEST};

	(void)state;
	assert_int_equal(send(asker[0], "SK", 2, 0), 2);
	other.body_case = SEKISHO__KEYRING_REQUEST__BODY_HELLO;
	other.hello = &hello;
	assert_ok(packet_send(asker[0],
	    &(struct message){
		.kind = MESSAGE_KEYRING_REQUEST, .keyring_request = &other},
	    100));
	request.id = 7;
	request.opslimit = 1;
	request.memlimit_kib = COST_KIB;
	request.salt.data = (uint8_t[PWHASH_SALT]){0};
	request.salt.len = PWHASH_SALT;
	m.hash_request = &request;
	assert_ok(packet_send(asker[0], &m, 100)); /* its answer comes first */
	check_tag(asker[0], &cost, "password");
}

#ifndef SEKISHO_SANITIZED

static long
resident_kib(void)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)hasher);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	}
	(void)fclose(f);
	return kib;
}

/* One arena while it works, none when it has nothing to do. */
static void
memory_is_kept_only_while_there_is_work(void **state)
{
	const struct pwhash_cost larger = {1, 2 * COST_KIB};
	long busy, quiet, i;

	(void)state;
	check_tag(asker[0], &larger, "password");
	check_tag(asker[0], &cost, "password");
	busy = resident_kib();
	for (i = 0; i < 30 && resident_kib() > busy - COST_KIB / 2; i++)
		(void)usleep(100000);
	quiet = resident_kib();
	assert_in_range(busy - quiet, COST_KIB / 2, COST_KIB + 512);
	check_tag(asker[0], &cost, "password");
}

#endif

static void
a_dead_one_is_waited_for_only_so_long(void **state)
{
	unsigned char tag[PWHASH_TAG];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_error(
	    hasher_tag(pair[0], &cost, salt, "p", 1, arena, tag), ERR_TIMEOUT);
	(void)close(pair[1]);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_not_equal(
	    hasher_tag(pair[0], &cost, salt, "p", 1, arena, tag), ERR_OK);
	(void)close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		tags_are_those_of_argon2, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_cannot_be_hashed_is_a_failure, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		noise_is_not_answered, set_up, tear_down),
#ifndef SEKISHO_SANITIZED
	    cmocka_unit_test_setup_teardown(
		memory_is_kept_only_while_there_is_work, set_up, tear_down),
#endif
	    cmocka_unit_test_setup_teardown(
		a_dead_one_is_waited_for_only_so_long, set_up, tear_down),
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
