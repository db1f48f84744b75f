/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/hasher.h"

#include <poll.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "authd/ending.h"
#include "authd/sandbox.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/pwhash_arena.h"
#include "common/wire/packet.h"

enum {
	QUIET_MS = 1000, /* after which the memory is given back */
	NICE = 5,
};

/* A cost or salt that cannot be is answered with no tag: a failure. */
static void
serve(int fd, struct arena *arena)
{
	Sekisho__HashReply reply = SEKISHO__HASH_REPLY__INIT;
	unsigned char tag[PWHASH_TAG];
	struct message m;

	if (packet_receive(fd, 0, arena, &m) != ERR_OK ||
	    m.kind != MESSAGE_HASH_REQUEST) {
		log_warn("hasher: a request was not understood");
	} else {
		const Sekisho__HashRequest *r = m.hash_request;
		const struct pwhash_cost cost = {r->opslimit, r->memlimit_kib};

		/* an empty field has no address */
		const void *password =
		    r->password.len > 0 ? (const void *)r->password.data : "";

		reply.id = r->id;
		if (r->salt.len == PWHASH_SALT &&
		    pwhash_tag(&cost, r->salt.data, password, r->password.len,
			tag) == ERR_OK) {
			reply.tag.data = tag;
			reply.tag.len = sizeof tag;
		}
		m.kind = MESSAGE_HASH_REPLY;
		m.hash_reply = &reply;
		if (packet_send(fd, &m, 100) != ERR_OK)
			log_warn("hasher: an answer could not be sent");
	}
	sodium_memzero(tag, sizeof tag);
	arena_reset(arena);
}

int
hasher_main(const struct config *config, const int *fds, size_t n_fds)
{
	const pid_t supervisor = getppid();
	struct arena *arena = NULL;
	struct pollfd *polls;
	int code = EXIT_FAILURE;
	sigset_t waiting;
	size_t i;

	ending_hold(&waiting);
	/* What needs no hash goes before: a code, a card, the database. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	polls = calloc(n_fds, sizeof *polls);
	if (polls == NULL || arena_new(MESSAGE_ARENA, &arena) != ERR_OK)
		goto out;
	for (i = 0; i < n_fds; i++)
		polls[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	if (sandbox_drop_user(config->uid, config->gid, supervisor) != ERR_OK ||
	    sandbox_lock(SANDBOX_HASHER) != ERR_OK) {
		log_error("cannot lock the process in", "why", log_errno());
		goto out;
	}
	pwhash_arena_keep();
	while (!ending_told()) {
		const struct timespec quiet = {QUIET_MS / 1000, 0};
		int n = ppoll(polls, n_fds, &quiet, &waiting);

		if (n == 0)
			pwhash_arena_release();
		for (i = 0; n > 0 && i < n_fds; i++) {
			if ((polls[i].revents & POLLIN) != 0)
				serve(polls[i].fd, arena);
		}
	}
	code = EXIT_SUCCESS;
out:
	arena_free(&arena);
	free(polls);
	return code;
}

enum error
hasher_tag(int fd, const struct pwhash_cost *cost,
    const unsigned char salt[PWHASH_SALT], const void *password, size_t len,
    struct arena *arena, unsigned char ret_tag[PWHASH_TAG])
{
	Sekisho__HashRequest request = SEKISHO__HASH_REQUEST__INIT;
	struct message m = {.kind = MESSAGE_HASH_REQUEST};
	int64_t deadline = clock_ms() + HASHER_TIMEOUT_MS;
	enum error err;

	randombytes_buf(&request.id, sizeof request.id);
	request.opslimit = cost->opslimit;
	request.memlimit_kib = cost->memlimit_kib;
	/* packed, never written through */
	request.salt.data = (uint8_t *)(uintptr_t)salt;
	request.salt.len = PWHASH_SALT;
	request.password.data = (uint8_t *)(uintptr_t)password;
	request.password.len = len;
	m.hash_request = &request;
	err = packet_send(fd, &m, HASHER_TIMEOUT_MS);
	while (err == ERR_OK) {
		int64_t left = deadline - clock_ms();

		err = packet_receive(fd, left > 0 ? (int)left : 0, arena, &m);
		if (err != ERR_OK || m.kind != MESSAGE_HASH_REPLY ||
		    m.hash_reply->id != request.id)
			continue; /* of a question given up */
		if (m.hash_reply->tag.len != PWHASH_TAG)
			return ERR_NOMEM;
		memcpy(ret_tag, m.hash_reply->tag.data, PWHASH_TAG);
		return ERR_OK;
	}
	return err;
}
