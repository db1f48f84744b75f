/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/listener.h"

#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* systemd's socket of that path, or -1. */
static int
given_listener(const char *path)
{
	static int given = -1; /* asked once: it forgets */
	int fd;

	if (given < 0)
		given = sd_listen_fds(1);
	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + given; fd++) {
		if (sd_is_socket_unix(fd, SOCK_SEQPACKET, 1, path, 0) > 0)
			return fd;
	}
	return -1;
}

static int
bind_listener(const struct config *config, const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	(void)unlink(path);
	mask = umask(0117);
	if (bind(fd, (struct sockaddr *)&sun, sizeof sun) != 0 ||
	    listen(fd, 256) != 0) {
		(void)umask(mask);
		(void)close(fd);
		return -1;
	}
	(void)umask(mask);
	if (config->socket_group[0] != '\0') {
		const struct group *group = getgrnam(config->socket_group);

		if (group == NULL ||
		    chown(path, (uid_t)-1, group->gr_gid) != 0) {
			(void)close(fd);
			return -1;
		}
	}
	return fd;
}

enum error
listener_open(const struct config *config, const char *path,
    struct listener *ret_listener)
{
	ret_listener->fd = given_listener(path);
	if (ret_listener->fd < 0) {
		ret_listener->own = true;
		ret_listener->fd = bind_listener(config, path);
	}
	if (ret_listener->fd < 0 ||
	    fcntl(ret_listener->fd, F_SETFL, O_NONBLOCK) != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}
