/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/peer.h"

#include <sys/socket.h>

#include "common/base/log.h"

bool
peer_is_plugin(const struct config *config, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    peer.uid == config->plugin_uid)
		return true;
	log_warn("refused a connection: not the plugin's user", "uid",
	    log_num((int64_t)peer.uid));
	return false;
}
