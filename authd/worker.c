/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/account.h"
#include "authd/attempt.h"
#include "authd/ending.h"
#include "authd/keyring_client.h"
#include "authd/peer.h"
#include "authd/sandbox.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/signature.h"
#include "common/crypto/webauthn.h"
#include "common/wire/packet.h"

enum { REQUEST_TIMEOUT_MS = 1000, CLIENT_LIFETIME = 5, IDLE_MS = 1000 };

/* The keyring's public key and our share of its mask; two decoys. */
static enum error
say_hello(struct worker *w)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	const Sekisho__KeyringReply *reply;
	unsigned char random[PWHASH_TAG];
	enum error err;

	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_HELLO;
	request.hello = &hello;
	err = keyring_ask(w->keyring_fd, &request, w->arena, &reply);
	if (err != ERR_OK)
		return err;
	if (reply->mask_key.len != MASK_KEY ||
	    reply->public_key.len != SEAL_PUBLIC_KEY)
		return ERR_INPUT;
	memcpy(w->mask.key, reply->mask_key.data, MASK_KEY);
	memcpy(w->public_key, reply->public_key.data, SEAL_PUBLIC_KEY);
	w->key_version = reply->key_version;
	arena_reset(w->arena);
	randombytes_buf(random, sizeof random);
	err = seal_box(w->public_key, SEAL_PASSWORD, "decoy", random,
	    sizeof random, &w->decoy_tag);
	if (err == ERR_OK)
		err = seal_box(w->public_key, SEAL_TOTP, "decoy/decoy", random,
		    20, &w->decoy_seed);
	return err;
}

/* The secret of a client that has to prove itself by it. */
static enum error
open_secret(
    struct worker *w, struct store_client *client, Sekisho__ClientReply *reply)
{
	Sekisho__KeyringRequest ask = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__SecretOpen open = SEKISHO__SECRET_OPEN__INIT;
	Sekisho__SealedBox box = SEKISHO__SEALED_BOX__INIT;
	const Sekisho__KeyringReply *opened;
	enum error err;

	box.key_version = client->secret.key_version;
	box.box.data = client->secret.bytes;
	box.box.len = client->secret.len;
	open.client = client->id;
	open.secret = &box;
	ask.body_case = SEKISHO__KEYRING_REQUEST__BODY_SECRET;
	ask.secret = &open;
	err = keyring_ask(w->keyring_fd, &ask, w->arena, &opened);
	if (err == ERR_OK)
		reply->secret = opened->opened;
	return err;
}

/*
 * A RADIUS client's record, for FreeRADIUS only. One that came over TLS has
 * proved itself by its certificate: its secret stays in its box.
 */
static enum error
find_client(struct worker *w, const Sekisho__ClientRequest *request,
    Sekisho__ClientReply *reply)
{
	char address[INET6_ADDRSTRLEN];
	struct store_client client;
	bool tls = request->n_tls_name > 0;
	enum error err;

	if (inet_ntop(request->address.len == 4 ? AF_INET : AF_INET6,
		request->address.data, address, sizeof address) == NULL)
		return ERR_INPUT;
	err = tls ? store_client_tls(w->db, address, request->tls_name,
			request->n_tls_name, w->config->database_timeout_ms,
			&client)
		  : store_client(w->db, address, w->config->database_timeout_ms,
			w->arena, &client);
	if (err == ERR_NOTFOUND) {
		log_info("unknown client", "address", address, "certificate",
		    tls ? request->tls_name[0] : "");
		reply->found = SEKISHO__CLIENT_REPLY__FOUND__UNKNOWN;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	if (!tls)
		err = open_secret(w, &client, reply);
	if (err != ERR_OK)
		return err;
	reply->found = SEKISHO__CLIENT_REPLY__FOUND__FOUND;
	reply->client_id =
	    arena_strndup(w->arena, client.id, strlen(client.id));
	reply->client_version = (uint64_t)client.version;
	reply->name = arena_strndup(w->arena, client.name, strlen(client.name));
	reply->require_message_authenticator = !client.no_ma;
	reply->lifetime = CLIENT_LIFETIME;
	return reply->client_id == NULL || reply->name == NULL ? ERR_NOMEM
							       : ERR_OK;
}

static void
serve_client(struct worker *w, int fd, const struct message *in)
{
	Sekisho__ClientReply reply = SEKISHO__CLIENT_REPLY__INIT;
	struct message out = {.kind = MESSAGE_CLIENT_REPLY};
	enum error err;

	err = find_client(w, in->client_request, &reply);
	if (err != ERR_OK)
		log_error("client look-up failed", "why", error_text(err),
		    "database", db_error(w->db));
	out.client_reply = &reply;
	if (packet_send(fd, &out, REQUEST_TIMEOUT_MS) != ERR_OK)
		log_debug("the plugin did not wait for its answer");
}

/* Refused for want of room: at most a line a second and worker. */
static void
say_overload(enum error err)
{
	static int64_t last_ms;
	static int64_t count;
	int64_t now = clock_ms();

	count++;
	if (now - last_ms < 1000)
		return;
	log_warn("no answer: too busy", "why",
	    err == ERR_TIMEOUT ? "waited too long for a hash"
			       : "queue full, or the same person twice at once",
	    "times", log_num(count));
	last_ms = now;
	count = 0;
}

static void
serve_attempt(struct worker *w, int fd, const struct message *in)
{
	Sekisho__AuthReply reply = SEKISHO__AUTH_REPLY__INIT;
	struct message out = {.kind = MESSAGE_AUTH_REPLY};
	struct attempt attempt;
	enum error err;

	err = attempt_run(w, in->auth_request, &attempt, &reply);
	if (err != ERR_OK) {
		/* Reported as a failure, never as a mismatch. */
		if (err == ERR_BUSY || err == ERR_TIMEOUT)
			say_overload(err);
		else if (err != ERR_DENIED)
			log_error("no answer", "why", error_text(err),
			    "database", db_error(w->db));
		sekisho__auth_reply__init(&reply);
	}
	out.auth_reply = &reply;
	if (packet_send(fd, &out, REQUEST_TIMEOUT_MS) != ERR_OK)
		log_debug("the plugin did not wait for its answer");
	if (err == ERR_OK)
		attempt_after(&attempt);
	sodium_memzero(&attempt, sizeof attempt);
}

static void
serve_account(struct worker *w, int fd, const struct message *in)
{
	Sekisho__AccountReply reply = SEKISHO__ACCOUNT_REPLY__INIT;
	struct message out = {.kind = MESSAGE_ACCOUNT_REPLY};
	struct account_event event;
	bool taken = false;
	enum error err;

	err = account_event(in->account_request, w->config->realms, &event);
	if (err == ERR_OK)
		err = account_take(
		    w->db, w->config->database_timeout_ms, &event, &taken);
	account_event_clear(&event);
	if (err != ERR_OK)
		log_error("accounting was not recorded", "why", error_text(err),
		    "database", db_error(w->db));
	reply.taken = err == ERR_OK && taken;
	out.account_reply = &reply;
	if (packet_send(fd, &out, REQUEST_TIMEOUT_MS) != ERR_OK)
		log_debug("the plugin did not wait for its answer");
}

static void
serve(struct worker *w, int fd)
{
	struct message in;
	enum error err;

	if (!peer_is_plugin(w->config, fd))
		return;
	err = packet_receive(fd, REQUEST_TIMEOUT_MS, w->arena, &in);
	if (err != ERR_OK) {
		if (err != ERR_CLOSED)
			log_warn("a request was not understood", "why",
			    error_text(err));
	} else if (in.kind == MESSAGE_AUTH_REQUEST) {
		serve_attempt(w, fd, &in);
	} else if (in.kind == MESSAGE_CLIENT_REQUEST) {
		serve_client(w, fd, &in);
	} else if (in.kind == MESSAGE_ACCOUNT_REQUEST) {
		serve_account(w, fd, &in);
	} else {
		log_warn("a request was not understood", "why", "its kind");
	}
	arena_reset(w->arena);
}

static int
watch(struct worker *w)
{
	struct epoll_event on_listen = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	struct epoll_event on_db = {.events = EPOLLIN | EPOLLRDHUP};
	int ep;

	ep = epoll_create1(EPOLL_CLOEXEC);
	on_listen.data.fd = w->listen_fd;
	on_db.data.fd = db_fd(w->db);
	/* Exclusive: one connection wakes one worker, not all of them. */
	if (ep < 0 ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, w->listen_fd, &on_listen) != 0 ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, on_db.data.fd, &on_db) != 0) {
		log_error("cannot watch", "why", log_errno());
		if (ep >= 0)
			(void)close(ep);
		return -1;
	}
	return ep;
}

/* Until told to end, out of requests, or out of a database. */
static void
serve_all(struct worker *w, int ep, const sigset_t *waiting)
{
	const int most = w->config->worker_requests;
	int served = 0;

	while (!ending_told() && (most == 0 || served < most)) {
		struct epoll_event event;
		int fd, n;

		n = epoll_pwait(ep, &event, 1, IDLE_MS, waiting);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (n == 0) {
			attempt_write_sums(w);
			if (!db_usable(w->db))
				return;
			continue;
		}
		if (event.data.fd != w->listen_fd) {
			log_warn("lost the database connection");
			return;
		}
		fd = accept4(
		    w->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			continue; /* another worker was faster */
		serve(w, fd);
		(void)close(fd);
		served++;
		if (!db_usable(w->db)) {
			log_warn("gave the database connection up", "why",
			    db_error(w->db));
			return;
		}
	}
}

int
worker_main(const struct config *config, struct shared *shared, unsigned index,
    int listen_fd, int keyring_fd, const int *hasher_fds)
{
	struct worker w = {.config = config,
	    .shared = shared,
	    .index = index,
	    .listen_fd = listen_fd,
	    .keyring_fd = keyring_fd,
	    .hasher_fds = hasher_fds};
	const pid_t supervisor = getppid();
	char why[DB_ERROR_TEXT];
	sigset_t waiting;
	int ep = -1, code = EXIT_FAILURE;

	ending_hold(&waiting);
	if (arena_new(MESSAGE_ARENA, &w.arena) != ERR_OK)
		goto out;
	if (sandbox_drop_user(config->uid, config->gid, supervisor) != ERR_OK) {
		log_error("cannot change user", "why", log_errno());
		goto out;
	}
	if (db_open(config->database, config->database_timeout_ms, &w.db,
		why) != ERR_OK) {
		log_error("no database", "why", why);
		goto out;
	}
	ep = watch(&w);
	if (ep < 0)
		goto out;
	if (say_hello(&w) != ERR_OK) {
		log_error("the keyring does not answer");
		goto out;
	}
	store_prepare();
	if (charset_prepare() != ERR_OK) {
		log_error("cannot read CP932");
		goto out;
	}
	if (signature_init() != ERR_OK || webauthn_init() != ERR_OK) {
		log_error("cannot verify signatures");
		goto out;
	}
	if (sandbox_lock(SANDBOX_WORKER) != ERR_OK) {
		log_error("cannot lock the process in", "why", log_errno());
		goto out;
	}
	atomic_store(&shared->worker[index].ready, true);
	serve_all(&w, ep, &waiting);
	code = EXIT_SUCCESS;
out:
	atomic_store(&shared->worker[index].ready, false);
	db_close(&w.db);
	arena_free(&w.arena);
	sodium_memzero(&w.mask, sizeof w.mask);
	if (ep >= 0)
		(void)close(ep);
	return code;
}
