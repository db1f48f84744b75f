/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/packet.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"

/* Waits until fd is ready for events, or the deadline has passed. */
static enum error
await(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t left = deadline - clock_ms();
		int n;

		n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n > 0)
			return ERR_OK;
		if (n == 0)
			return ERR_TIMEOUT;
		if (errno != EINTR)
			return ERR_SYSTEM;
	}
}

enum error
packet_account_path(const char *path, char ret_path[PACKET_PATH])
{
	const char *slash = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
	int n =
	    snprintf(ret_path, PACKET_PATH, "%.*saccount.sock", folder, path);

	return n > 0 && n < PACKET_PATH ? ERR_OK : ERR_CONFIG;
}

enum error
packet_connect(const char *path, int timeout_ms, int *ret_fd)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int64_t deadline = clock_ms() + timeout_ms;
	struct timespec pause = {0, 2000000};
	int fd;

	if (strlen(path) >= sizeof sun.sun_path)
		return ERR_CONFIG;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_SYSTEM;
	/* A full backlog is EAGAIN; there is nothing to poll for then. */
	while (connect(fd, (struct sockaddr *)&sun, sizeof sun) != 0) {
		if ((errno != EAGAIN && errno != EINTR) ||
		    clock_ms() >= deadline) {
			enum error err =
			    errno == EAGAIN ? ERR_TIMEOUT : ERR_CLOSED;

			(void)close(fd);
			return err;
		}
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	*ret_fd = fd;
	return ERR_OK;
}

enum error
packet_send(int fd, const struct message *message, int timeout_ms)
{
	int64_t deadline = clock_ms() + timeout_ms;
	uint8_t octets[MESSAGE_MAX];
	size_t len = 0;
	enum error err;

	err = message_encode(message, octets, &len);
	while (err == ERR_OK) {
		ssize_t n = send(fd, octets, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			break;
		if (errno == EAGAIN)
			err = await(fd, POLLOUT, deadline);
		else if (errno == EPIPE || errno == ECONNRESET)
			err = ERR_CLOSED;
		else if (errno != EINTR)
			err = ERR_SYSTEM;
	}
	sodium_memzero(octets, len);
	return err;
}

enum error
packet_receive(
    int fd, int timeout_ms, struct arena *arena, struct message *ret_message)
{
	int64_t deadline = clock_ms() + timeout_ms;
	uint8_t octets[MESSAGE_MAX];
	ssize_t n;
	enum error err;

	for (;;) {
		/* MSG_TRUNC: the real length, also of one that did not fit. */
		n = recv(fd, octets, sizeof octets, MSG_DONTWAIT | MSG_TRUNC);
		if (n >= 0)
			break;
		if (errno == EINTR)
			continue;
		if (errno == ECONNRESET)
			return ERR_CLOSED;
		if (errno != EAGAIN)
			return ERR_SYSTEM;
		err = await(fd, POLLIN, deadline);
		if (err != ERR_OK)
			return err;
	}
	if (n == 0)
		return ERR_CLOSED;
	if ((size_t)n > sizeof octets)
		err = ERR_INPUT;
	else
		err = message_decode(octets, (size_t)n, arena, ret_message);
	sodium_memzero(
	    octets, (size_t)n < sizeof octets ? (size_t)n : sizeof octets);
	return err;
}
