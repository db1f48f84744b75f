/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listener.h - the sockets that the plugin connects to. */
#ifndef SEKISHO_AUTHD_LISTENER_H
#define SEKISHO_AUTHD_LISTENER_H

#include <stdbool.h>

#include "authd/config.h"
#include "common/base/error.h"

struct listener {
	int fd;
	bool own; /* made by us, and not by systemd */
};

/* systemd's of that path, or one made there. ERR_SYSTEM says errno. */
MUST_CHECK enum error listener_open(const struct config *config,
    const char *path, struct listener *ret_listener);

#endif
