/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/accountant.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/account.h"
#include "authd/ending.h"
#include "authd/peer.h"
#include "authd/sandbox.h"
#include "authd/store.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/wire/packet.h"

enum {
	HELD = 64, /* connections at a time, and so events in a statement */
	REQUEST_TIMEOUT_MS = 1000,
	IDLE_MS = 1000,
	LISTEN = 0,
	DATABASE = 1,
	FIRST = 2, /* of the polled: the connections */
};

struct held {
	int fd;
	int64_t deadline; /* CLOCK_MONOTONIC, ms, for its request */
	bool asked;	  /* event is there, and ours to clear */
	bool taken;
	struct account_event event;
};

struct accountant {
	const struct config *config;
	int listen_fd;
	struct db *db;
	struct arena *arena; /* of the request being read */
	struct held held[HELD];
	size_t n;
};

/* Forgets the connection; the last one takes its place. */
static void
let_go(struct accountant *a, size_t i)
{
	(void)close(a->held[i].fd);
	if (a->held[i].asked)
		account_event_clear(&a->held[i].event);
	a->held[i] = a->held[--a->n];
}

/* False if there is nothing more to expect from it. */
static bool
hear(struct accountant *a, struct held *h)
{
	struct message in;
	enum error err;

	err = packet_receive(h->fd, 0, a->arena, &in);
	if (err == ERR_TIMEOUT)
		return clock_ms() < h->deadline;
	if (err == ERR_OK && in.kind != MESSAGE_ACCOUNT_REQUEST)
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = account_event(
		    in.account_request, a->config->realms, &h->event);
	h->asked = err == ERR_OK;
	arena_reset(a->arena);
	if (err != ERR_OK && err != ERR_CLOSED)
		log_warn(
		    "a request was not understood", "why", error_text(err));
	return h->asked;
}

static void
hear_all(struct accountant *a)
{
	size_t i = 0;

	while (i < a->n) {
		if (a->held[i].asked || hear(a, &a->held[i]))
			i++;
		else
			let_go(a, i);
	}
}

static void
admit(struct accountant *a)
{
	int fd;

	while (a->n < HELD && (fd = accept4(a->listen_fd, NULL, NULL,
				   SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		a->held[a->n++] = (struct held){
		    .fd = fd, .deadline = clock_ms() + REQUEST_TIMEOUT_MS};
		if (!peer_is_plugin(a->config, fd))
			let_go(a, a->n - 1);
	}
}

/*
 * Client and session come first in an event's text: sorted like this,
 * accountants of two nodes lock the rows of both in one order.
 */
static int
by_session(const void *left, const void *right)
{
	const struct held *const *l = left, *const *r = right;

	return strcmp((*l)->event.json, (*r)->event.json);
}

/* "[event,event]"; the caller frees it. */
static char *
as_array(struct held *const *batch, size_t n)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	bool failed;

	if (out == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		(void)fputc(i == 0 ? '[' : ',', out);
		(void)fputs(batch[i]->event.json, out);
	}
	(void)fputc(']', out);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* What goes on is recorded; the rest is looked at one by one. */
static void
take_batch(struct accountant *a, struct held **batch, size_t n)
{
	struct db_result *places = NULL;
	const char *params[1];
	char *events;
	enum error err;
	int i;

	if (n == 0)
		return;
	qsort(batch, n, sizeof(struct held *), by_session);
	events = as_array(batch, n);
	if (events == NULL)
		return;
	params[0] = events;
	err = db_call(a->db, "account_continue",
	    "SELECT sekisho.account_continue($1::jsonb)", 1, params,
	    a->config->database_timeout_ms, &places);
	free(events);
	/* One that the database cannot read must not cost the others theirs. */
	if (err != ERR_OK) {
		log_warn("interim updates are tried one by one", "why",
		    error_text(err), "database", db_error(a->db));
		return;
	}
	for (i = 0; i < db_rows(places); i++) {
		int64_t place = db_int(places, i, 0);

		if (place >= 1 && (size_t)place <= n)
			batch[place - 1]->taken = true;
	}
	db_result_free(&places);
}

static void
take_alone(struct accountant *a, struct held *h)
{
	enum error err = ERR_DB;

	if (db_usable(a->db))
		err = account_take(a->db, a->config->database_timeout_ms,
		    &h->event, &h->taken);
	if (err != ERR_OK)
		log_error("accounting was not recorded", "why", error_text(err),
		    "database", db_error(a->db));
}

static void
answer(struct held *h)
{
	Sekisho__AccountReply reply = SEKISHO__ACCOUNT_REPLY__INIT;
	struct message out = {.kind = MESSAGE_ACCOUNT_REPLY};

	reply.taken = h->taken;
	out.account_reply = &reply;
	/* its buffer is empty: there is nothing to wait for */
	if (packet_send(h->fd, &out, 0) != ERR_OK)
		log_debug("the plugin did not wait for its answer");
}

static void
take_all(struct accountant *a)
{
	struct held *batch[HELD];
	size_t n = 0, i;

	for (i = 0; i < a->n; i++) {
		if (a->held[i].asked && a->held[i].event.interim)
			batch[n++] = &a->held[i];
	}
	take_batch(a, batch, n);
	for (i = 0; i < a->n; i++) {
		struct held *h = &a->held[i];

		if (h->asked && !h->taken)
			take_alone(a, h);
		if (h->asked)
			answer(h);
	}
	for (i = a->n; i-- > 0;) {
		if (a->held[i].asked)
			let_go(a, i);
	}
}

/* Until told to end, or out of a database. */
static void
serve_all(struct accountant *a, const sigset_t *waiting)
{
	while (!ending_told()) {
		const struct timespec idle = {IDLE_MS / 1000, 0};
		struct pollfd polls[FIRST + HELD];
		size_t i;

		polls[LISTEN] = (struct pollfd){
		    .fd = a->n < HELD ? a->listen_fd : -1, .events = POLLIN};
		polls[DATABASE] = (struct pollfd){
		    .fd = db_fd(a->db), .events = POLLIN | POLLRDHUP};
		for (i = 0; i < a->n; i++)
			polls[FIRST + i] = (struct pollfd){
			    .fd = a->held[i].fd, .events = POLLIN};
		if (ppoll(polls, FIRST + a->n, &idle, waiting) < 0)
			continue;
		if (polls[DATABASE].revents != 0) {
			log_warn("lost the database connection");
			return;
		}
		admit(a);
		hear_all(a);
		take_all(a);
		if (!db_usable(a->db)) {
			log_warn("gave the database connection up", "why",
			    db_error(a->db));
			return;
		}
	}
}

int
accountant_main(
    const struct config *config, struct shared *shared, int listen_fd)
{
	static struct accountant a;
	const pid_t supervisor = getppid();
	char why[DB_ERROR_TEXT];
	int code = EXIT_FAILURE;
	sigset_t waiting;

	a.config = config;
	a.listen_fd = listen_fd;
	ending_hold(&waiting);
	if (arena_new(MESSAGE_ARENA, &a.arena) != ERR_OK)
		goto out;
	if (sandbox_drop_user(config->uid, config->gid, supervisor) != ERR_OK) {
		log_error("cannot change user", "why", log_errno());
		goto out;
	}
	if (db_open(config->database, config->database_timeout_ms, &a.db,
		why) != ERR_OK) {
		log_error("no database", "why", why);
		goto out;
	}
	store_prepare();
	if (sandbox_lock(SANDBOX_WORKER) != ERR_OK) {
		log_error("cannot lock the process in", "why", log_errno());
		goto out;
	}
	atomic_store(&shared->accountant_ready, true);
	serve_all(&a, &waiting);
	code = EXIT_SUCCESS;
out:
	atomic_store(&shared->accountant_ready, false);
	while (a.n > 0)
		let_go(&a, a.n - 1);
	db_close(&a.db);
	arena_free(&a.arena);
	return code;
}
