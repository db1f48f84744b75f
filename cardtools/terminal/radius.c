/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/radius.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"

enum { NOBODY_THERE_MS = 200 }; /* pause after "port unreachable" */

/*
 * A socket connected to the server: the kernel hands over what comes from
 * that address and port, and nothing else.
 */
static enum error
connect_to(const char *source, const struct server *server, const char *port,
    int *ret_fd)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *info = NULL, *from = NULL;
	enum error err = ERR_CONFIG;
	int fd = -1;

	if (getaddrinfo(server->host, port, &hints, &info) != 0 ||
	    (source[0] != '\0' && getaddrinfo(source, "0", &hints, &from) != 0))
		goto out;
	err = ERR_SYSTEM;
	fd = socket(
	    info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    (from != NULL && bind(fd, from->ai_addr, from->ai_addrlen) != 0) ||
	    connect(fd, info->ai_addr, info->ai_addrlen) != 0)
		goto out;
	*ret_fd = fd;
	fd = -1;
	err = ERR_OK;
out:
	if (fd >= 0)
		(void)close(fd);
	if (info != NULL)
		freeaddrinfo(info);
	if (from != NULL)
		freeaddrinfo(from);
	return err;
}

/* One datagram, if it is the answer. ERR_BUSY: it was not; wait on. */
static enum error
receive(struct radius *radius, int fd, const struct server *server,
    const struct packet *request, struct radius_reply *ret_reply)
{
	unsigned char octets[PACKET_MAX + 1];
	enum error err;
	ssize_t n;

	n = recv(fd, octets, sizeof octets, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? ERR_BUSY
							 : ERR_CLOSED;
	err = packet_decode(
	    request, radius->secret, octets, (size_t)n, ret_reply);
	sodium_memzero(octets, sizeof octets);
	if (err == ERR_OK || err == ERR_NOMEM)
		return err;
	/* Whoever forges replies must not end the wait for the real one. */
	log_warn(
	    err == ERR_CRYPTO
		? "a reply was dropped: it is not proven to be the server's"
		: "a reply was dropped: it cannot be read",
	    "server", server->host, "why", packet_fault());
	return ERR_BUSY;
}

/* Sends once and waits. ERR_TIMEOUT: no answer. ERR_CLOSED: nobody waits any
 * more. */
static enum error
try(struct radius *radius, int fd, const struct server *server,
    const struct packet *request, struct radius_reply *ret_reply)
{
	int64_t until = clock_ms() + radius->settings->timeout_ms;
	bool nobody_there = false;
	const unsigned char *octets;
	size_t len;

	octets = packet_octets(request, &len);
	if (send(fd, octets, len, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED)
		(void)send(fd, octets, len, MSG_NOSIGNAL);
	for (;;) {
		struct pollfd p[2] = {
		    {.fd = nobody_there ? -1 : fd, .events = POLLIN},
		    {.fd = radius->watched, .events = POLLRDHUP},
		};
		int64_t left = until - clock_ms();
		int n = poll(p, 2, left > 0 ? (int)left : 0);

		if (n < 0 && errno != EINTR)
			return ERR_SYSTEM;
		if (n == 0)
			return ERR_TIMEOUT;
		if (p[1].revents & (POLLHUP | POLLRDHUP | POLLERR))
			return ERR_CLOSED;
		if (p[0].revents != 0) {
			enum error err =
			    receive(radius, fd, server, request, ret_reply);

			if (err != ERR_BUSY && err != ERR_CLOSED)
				return err;
			if (err == ERR_CLOSED) {
				nobody_there = true;
				if (until > clock_ms() + NOBODY_THERE_MS)
					until = clock_ms() + NOBODY_THERE_MS;
			}
		}
	}
}

/*
 * Nobody else can speak on this connection, and nothing else was asked on it:
 * what is not the answer is a fault of the server's, and not waited out.
 */
static enum error
read_answer(struct radius *radius, struct radsec_line *line,
    const struct server *server, const struct packet *request,
    const struct radsec_wait *wait, struct radius_reply *ret_reply)
{
	unsigned char octets[PACKET_MAX];
	enum error err;
	size_t len;

	err = radsec_receive(line, octets, sizeof octets, &len, wait);
	if (err != ERR_OK)
		return err;
	err = packet_decode(request, radius->secret, octets, len, ret_reply);
	sodium_memzero(octets, sizeof octets);
	if (err != ERR_OK && err != ERR_NOMEM)
		log_warn("a reply was dropped: it is not the answer", "server",
		    server->host, "why", packet_fault());
	return err;
}

/*
 * A connection a request, as over UDP a socket. Nothing is sent twice: TCP
 * sees to that. Whatever goes wrong is silence, for the next server.
 */
static enum error
ask_tls(struct radius *radius, const struct server *server,
    const struct packet *packet, struct radius_reply *ret_reply)
{
	const struct radsec_wait wait = {
	    clock_ms() +
		(int64_t)radius->settings->tries * radius->settings->timeout_ms,
	    radius->watched};
	struct radsec_line *line = NULL;
	const unsigned char *octets;
	enum error err;
	size_t len;

	octets = packet_octets(packet, &len);
	err = radsec_open(radius->radsec, server, &wait, &line);
	if (err == ERR_OK)
		err = radsec_send(line, octets, len, &wait);
	if (err == ERR_OK)
		err =
		    read_answer(radius, line, server, packet, &wait, ret_reply);
	radsec_close(&line);
	if (err == ERR_OK || err == ERR_CLOSED || err == ERR_NOMEM)
		return err;
	log_warn(err == ERR_CRYPTO
		     ? "a server was not believed: it has not proved its name"
		     : "a server does not answer",
	    "server", server->host, "port", server->port, "why",
	    radsec_fault());
	return ERR_TIMEOUT;
}

/* Accounting has a port of its own (RFC 2866 3), over UDP. */
static enum error
ask_udp(struct radius *radius, const struct server *server,
    const struct packet *packet, struct radius_reply *ret_reply)
{
	enum error err;
	int fd = -1, i;

	err = connect_to(radius->settings->source_address, server,
	    packet_is_account(packet) ? server->account_port : server->port,
	    &fd);
	if (err != ERR_OK) {
		/* No route is as good as no answer. */
		log_warn("a server cannot be reached", "server", server->host,
		    "why", log_errno());
		err = ERR_TIMEOUT;
		goto out;
	}
	/* The same octets from the same port: the server knows a repetition. */
	err = ERR_TIMEOUT;
	for (i = 0; i < radius->settings->tries && err == ERR_TIMEOUT; i++)
		err = try(radius, fd, server, packet, ret_reply);
	if (err == ERR_TIMEOUT)
		log_warn("a server does not answer", "server", server->host,
		    "port", server->port);
out:
	if (fd >= 0)
		(void)close(fd);
	return err;
}

static enum error
ask(struct radius *radius, const struct server *server,
    const struct radius_request *request, struct radius_reply *ret_reply)
{
	struct packet *packet = NULL;
	unsigned char id;
	enum error err;

	randombytes_buf(&id, 1);
	err = packet_encode(request, radius->secret, id, &packet);
	if (err == ERR_OK)
		err = (radius->radsec != NULL ? ask_tls : ask_udp)(
		    radius, server, packet, ret_reply);
	packet_free(&packet);
	return err;
}

enum error
radius_secrets(const struct settings *s, struct secret **ret_secret,
    struct radsec **ret_radsec, char message[CONF_MESSAGE])
{
	enum error err = settings_secret(s, ret_secret, message);

	if (err != ERR_OK || s->radsec_name[0] == '\0')
		return err;
	return radsec_new(s, ret_radsec, message);
}

enum error
radius_exchange(struct radius *radius, const struct radius_request *request,
    struct radius_reply *ret_reply)
{
	size_t n = radius->settings->n_servers, i;
	enum error err = ERR_TIMEOUT;

	for (i = 0; i < n && err == ERR_TIMEOUT; i++) {
		size_t which = (radius->first + i) % n;

		err = ask(radius, &radius->settings->servers[which], request,
		    ret_reply);
		if (err == ERR_OK)
			radius->first = which;
	}
	return err;
}
