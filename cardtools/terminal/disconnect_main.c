/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sekisho-disconnect - takes the servers' Disconnect-Requests for the
 * sessions of this terminal. A service that systemd starts with its socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/terminal/disconnect.h"
#include "cardtools/terminal/rights.h"

enum { FIRST_FD = 3 }; /* sd_listen_fds(3) */

static void
log_line(enum log_level level, const char *line)
{
	static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

	syslog(levels[level], "%s", line);
}

/* The socket that systemd has opened, IPv4 or IPv6; -1: none. */
static int
given_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	int type = 0;
	socklen_t len = sizeof type;

	if (pid == NULL || n == NULL || strcmp(n, "1") != 0 ||
	    strtol(pid, NULL, 10) != (long)getpid() ||
	    getsockopt(FIRST_FD, SOL_SOCKET, SO_TYPE, &type, &len) != 0 ||
	    type != SOCK_DGRAM)
		return -1;
	return FIRST_FD;
}

/* For where there is no systemd: one address and port, IPv4. */
static int
own_socket(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];
	long port;
	int fd;

	if (colon == NULL || (size_t)(colon - text) >= sizeof host)
		return -1;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	port = strtol(colon + 1, NULL, 10);
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || port < 1 ||
	    port > 65535)
		return -1;
	address.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* An address of either family, IPv4 as mapped. */
static bool
as_ipv6(const struct sockaddr_storage *from, struct sockaddr_in6 *ret)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct sockaddr_in v4;

	if (from->ss_family == AF_INET6) {
		memcpy(ret, from, sizeof *ret);
		return true;
	}
	if (from->ss_family != AF_INET)
		return false;
	memcpy(&v4, from, sizeof v4);
	memset(ret, 0, sizeof *ret);
	ret->sin6_family = AF_INET6;
	ret->sin6_port = v4.sin_port;
	memcpy(ret->sin6_addr.s6_addr, mapped, sizeof mapped);
	memcpy(ret->sin6_addr.s6_addr + sizeof mapped, &v4.sin_addr, 4);
	return true;
}

/* One after the other, for ever. */
static enum error
serve(struct disconnect *d, int fd)
{
	static uint8_t octets[DYNAUTH_MAX + 1], answer[DYNAUTH_MAX];

	for (;;) {
		struct sockaddr_storage from = {0};
		struct sockaddr_in6 peer;
		socklen_t from_len = sizeof from;
		size_t len;
		ssize_t n;

		n = recvfrom(fd, octets, sizeof octets, 0,
		    (struct sockaddr *)&from, &from_len);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return ERR_SYSTEM;
		if (n < 0 || !as_ipv6(&from, &peer))
			continue;
		disconnect_take(
		    d, &peer, octets, (size_t)n, time(NULL), answer, &len);
		if (len > 0 && sendto(fd, answer, len, MSG_NOSIGNAL,
				   (struct sockaddr *)&from, from_len) < 0)
			log_warn("an answer was not sent", "why", log_errno());
	}
}

static int
usage(void)
{
	(void)fputs(
	    "usage: sekisho-disconnect [-c FILE] [-n] [-l ADDRESS:PORT]\n"
	    "started by systemd with its socket, or with -l\n",
	    stderr);
	return 2;
}

int
main(int argc, char *argv[])
{
	static struct disconnect d;
	char message[CONF_MESSAGE];
	static struct settings settings; /* d points to it */
	struct secret *secret = NULL;
	const char *conf = NULL, *listen_at = NULL;
	bool only_check = false;
	enum error err;
	int option, fd = -1;

	while ((option = getopt(argc, argv, "c:l:n")) != -1) {
		if (option == 'c')
			conf = optarg;
		else if (option == 'l')
			listen_at = optarg;
		else if (option == 'n')
			only_check = true;
		else
			return usage();
	}
	err = settings_read(conf, &settings, message);
	if (err == ERR_OK)
		err = settings_file_secret(&settings, &secret, message);
	if (err != ERR_OK || only_check) {
		if (err != ERR_OK)
			(void)fprintf(
			    stderr, "sekisho-disconnect: %s\n", message);
		goto out;
	}
	fd = listen_at != NULL ? own_socket(listen_at) : given_socket();
	if (fd < 0) {
		err = ERR_CONFIG;
		(void)fprintf(stderr, "sekisho-disconnect: no socket: %s\n",
		    listen_at != NULL ? strerror(errno)
				      : "systemd gave none; see -l");
		goto out;
	}
	secret_harden_process();
	openlog("sekisho-disconnect", LOG_PID, LOG_AUTHPRIV);
	log_open("disconnect", rights_log_level(&settings));
	log_to(log_line);
	err = dynauth_init();
	if (err == ERR_OK)
		err = rights_drop(&settings);
	d.settings = &settings;
	d.secret = secret;
	if (err == ERR_OK)
		err = serve(&d, fd);
	log_error("ended", "why", error_text(err));
out:
	secret_free(&secret);
	settings_clear(&settings);
	return err != ERR_OK;
}
