/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cardtools/feed/framer.h"
#include "cardtools/feed/input.h"
#include "cardtools/feed/tls.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	PEERS = 16,
	HANDSHAKE_MS = 10000,
	/* a peer whose cable was pulled is not alive for longer than this */
	KEEP_IDLE_S = 15,
	KEEP_EVERY_S = 5,
	KEEP_TIMES = 3,
	ADDRESS_TEXT = 96,
};

struct peer {
	int fd;
	struct tls_line *line;
	bool proven;
	int64_t until; /* for its handshake */
	uint64_t given, marked, committed, told;
	char word[24]; /* an acknowledgement under way; "" if none is */
	char address[ADDRESS_TEXT];
	struct framer framer;
};

struct tls_input {
	struct input input;
	struct tls *tls;
	int listener;
	bool counted, acknowledge;
	size_t turn; /* whose line is next, so that none starves */
	struct peer *peer[PEERS];
};

static struct tls_input *
self(struct input *input)
{
	return (struct tls_input *)(void *)input;
}

static void
drop(struct tls_input *in, size_t i, const char *why)
{
	struct peer *peer = in->peer[i];

	/* who never proved a name is a stranger, or somebody with a scanner */
	if (peer->proven)
		log_info(
		    "a peer is gone", "address", peer->address, "why", why);
	else
		log_warn(
		    "a peer was refused", "address", peer->address, "why", why);
	tls_end(&peer->line);
	(void)close(peer->fd);
	free(peer);
	in->peer[i] = NULL;
}

static void
keep_alive(int fd)
{
	const int on = 1, idle = KEEP_IDLE_S, every = KEEP_EVERY_S,
		  times = KEEP_TIMES;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof every);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

/* A place for one more; of those who have proven nothing the oldest goes. */
static size_t
find_room(struct tls_input *in)
{
	size_t i, oldest = PEERS;

	for (i = 0; i < PEERS; i++) {
		if (in->peer[i] == NULL)
			return i;
		if (!in->peer[i]->proven &&
		    (oldest == PEERS ||
			in->peer[i]->until < in->peer[oldest]->until))
			oldest = i;
	}
	if (oldest < PEERS)
		drop(in, oldest, "too many connections");
	return oldest;
}

static void
welcome(struct tls_input *in)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof from;
	char host[64], port[16];
	struct peer *peer;
	size_t i;
	int fd;

	fd = accept4(in->listener, (struct sockaddr *)&from, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	i = find_room(in);
	peer = i < PEERS ? calloc(1, sizeof *peer) : NULL;
	if (peer == NULL || tls_begin(in->tls, fd, &peer->line) != ERR_OK) {
		free(peer);
		(void)close(fd);
		return;
	}
	keep_alive(fd);
	peer->fd = fd;
	peer->until = clock_ms() + HANDSHAKE_MS;
	if (getnameinfo((struct sockaddr *)&from, len, host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		(void)snprintf(
		    peer->address, sizeof peer->address, "%s %s", host, port);
	framer_begin(&peer->framer, in->counted);
	in->peer[i] = peer;
}

/* An acknowledgement: how many lines of this connection are committed. */
static void
tell(struct tls_input *in, size_t i)
{
	struct peer *peer = in->peer[i];
	enum error err;

	if (!in->acknowledge || !peer->proven)
		return;
	/* one that is under way ends before another begins */
	if (peer->word[0] == '\0') {
		if (peer->told == peer->committed)
			return;
		peer->told = peer->committed;
		(void)snprintf(
		    peer->word, sizeof peer->word, "%" PRIu64 "\n", peer->told);
	}
	err = tls_write(peer->line, peer->word, strlen(peer->word));
	if (err == ERR_OK)
		peer->word[0] = '\0';
	else if (err != ERR_BUSY)
		drop(in, i, tls_fault());
}

/* What one connection has for us, into its framer, which is empty. */
static void
serve(struct tls_input *in, size_t i)
{
	struct peer *peer = in->peer[i];
	enum error err;
	size_t room, n;
	char *to;

	if (!peer->proven) {
		err = tls_handshake(peer->line);
		if (err == ERR_OK) {
			peer->proven = true;
			log_info("a peer has proven its name", "address",
			    peer->address);
		} else if (err != ERR_BUSY) {
			drop(in, i, tls_fault());
		}
		return;
	}
	if (peer->word[0] != '\0') {
		tell(in, i);
		return;
	}
	if (peer->framer.at < peer->framer.have)
		return; /* its lines first */
	to = framer_room(&peer->framer, &room);
	err = tls_read(peer->line, to, room, &n);
	if (err == ERR_OK)
		framer_fed(&peer->framer, n);
	else if (err != ERR_BUSY)
		drop(in, i, tls_fault());
}

/* Waits for whatever comes first, and sees to it. */
static void
attend(struct input *input, int timeout_ms)
{
	struct tls_input *in = self(input);
	struct pollfd p[PEERS + 1];
	size_t at[PEERS + 1], n = 1, i;
	int64_t now = clock_ms();
	bool pending = false;

	p[0] = (struct pollfd){.fd = in->listener, .events = POLLIN};
	for (i = 0; i < PEERS; i++) {
		struct peer *peer = in->peer[i];

		if (peer == NULL)
			continue;
		if (!peer->proven && peer->until <= now) {
			drop(in, i, "no handshake in time");
			continue;
		}
		p[n] = (struct pollfd){
		    .fd = peer->fd, .events = tls_events(peer->line)};
		pending = pending || (peer->proven && tls_pending(peer->line));
		at[n++] = i;
	}
	if (timeout_ms > 1000)
		timeout_ms = 1000; /* for the handshakes' deadlines */
	if (poll(p, n, pending ? 0 : timeout_ms) < 0)
		return;
	for (i = 1; i < n; i++) {
		struct peer *peer = in->peer[at[i]];

		if (p[i].revents != 0 ||
		    (peer->proven && tls_pending(peer->line)))
			serve(in, at[i]);
	}
	if (p[0].revents != 0)
		welcome(in);
}

static bool
alive(const struct input *input)
{
	const struct tls_input *in =
	    (const struct tls_input *)(const void *)input;
	size_t i;

	for (i = 0; i < PEERS; i++) {
		if (in->peer[i] != NULL && in->peer[i]->proven)
			return true;
	}
	return false;
}

static enum error
start(struct input *input, const char *cursor)
{
	(void)input;
	(void)cursor; /* who sends knows what was not acknowledged */
	return ERR_OK;
}

/* A line that is there already. */
static bool
ready(struct tls_input *in, struct line *ret_line)
{
	size_t step, len;

	for (step = 0; step < PEERS; step++) {
		const size_t i = (in->turn + step) % PEERS;
		struct peer *peer = in->peer[i];
		enum error err;

		if (peer == NULL || !peer->proven)
			continue;
		err = framer_next(&peer->framer, &len);
		if (err == ERR_INPUT)
			drop(in, i, "no count before a message (RFC 5425)");
		if (err != ERR_OK)
			continue;
		peer->given++;
		in->turn = i + 1;
		ret_line->text = peer->framer.line;
		ret_line->len = len;
		ret_line->too_long = peer->framer.too_long;
		ret_line->place[0] = '\0';
		return true;
	}
	return false;
}

static enum error
next(struct input *input, int timeout_ms, struct line *ret_line)
{
	struct tls_input *in = self(input);
	const int64_t deadline = clock_ms() + timeout_ms;

	for (;;) {
		int64_t left = deadline - clock_ms();

		if (ready(in, ret_line))
			return ERR_OK;
		if (left < 0)
			return ERR_TIMEOUT;
		attend(input, (int)left);
		if (left == 0)
			return ready(in, ret_line) ? ERR_OK : ERR_TIMEOUT;
	}
}

static enum error
cursor(struct input *input, char ret_cursor[CURSOR_MAX])
{
	struct tls_input *in = self(input);
	size_t i;

	for (i = 0; i < PEERS; i++) {
		if (in->peer[i] != NULL)
			in->peer[i]->marked = in->peer[i]->given;
	}
	ret_cursor[0] = '\0';
	return ERR_OK;
}

static void
committed(struct input *input)
{
	struct tls_input *in = self(input);
	size_t i;

	for (i = 0; i < PEERS; i++) {
		if (in->peer[i] == NULL)
			continue;
		in->peer[i]->committed = in->peer[i]->marked;
		tell(in, i);
	}
}

static void
close_input(struct input **input)
{
	struct tls_input *in = *input != NULL ? self(*input) : NULL;
	size_t i;

	if (in == NULL)
		return;
	for (i = 0; i < PEERS; i++) {
		if (in->peer[i] != NULL)
			drop(in, i, "the feed ends");
	}
	if (in->listener >= 0)
		(void)close(in->listener);
	tls_free(&in->tls);
	free(in);
	*input = NULL;
}

static const struct input_kind tls_kind = {
    attend, alive, start, next, cursor, committed, close_input};

/* "127.0.0.1:6514", "[::]:6514": numbers, not names. */
static enum error
listen_on(const char *address, bool check, int *ret_fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	const char *colon = strrchr(address, ':');
	struct addrinfo *info = NULL;
	const int on = 1;
	char host[256];
	size_t len;
	int fd;

	if (colon == NULL)
		return ERR_CONFIG;
	len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	(void)snprintf(host, sizeof host, "%.*s", (int)len, address);
	if (getaddrinfo(host, colon + 1, &hints, &info) != 0)
		return ERR_CONFIG;
	if (check) {
		freeaddrinfo(info);
		return ERR_OK;
	}
	fd = socket(
	    info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, info->ai_addr, info->ai_addrlen) != 0 ||
	    listen(fd, PEERS) != 0) {
		freeaddrinfo(info);
		if (fd >= 0)
			(void)close(fd);
		return ERR_SYSTEM;
	}
	freeaddrinfo(info);
	*ret_fd = fd;
	return ERR_OK;
}

enum error
input_tls(const struct feedconf *conf, bool check, struct input **ret_input,
    char message[CONF_MESSAGE])
{
	struct tls_input *in = calloc(1, sizeof *in);
	struct input *input;
	enum error err;

	if (in == NULL)
		return ERR_NOMEM;
	in->input.kind = &tls_kind;
	in->listener = -1;
	in->counted = conf->format == FEED_SYSLOG; /* RFC 5425 4.3 */
	in->acknowledge = conf->acknowledge;
	err = tls_new(conf->ca, conf->certificate, conf->key, conf->peers,
	    &in->tls, message);
	if (err == ERR_OK) {
		err = listen_on(conf->listen, check, &in->listener);
		if (err != ERR_OK)
			(void)snprintf(message, CONF_MESSAGE,
			    "input.listen %s: %s", conf->listen,
			    err == ERR_CONFIG ? "is no address and port"
					      : strerror(errno));
	}
	input = &in->input;
	if (err == ERR_OK)
		*ret_input = input;
	else
		close_input(&input);
	return err;
}
