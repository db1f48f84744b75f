/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peer.h - who is at the other end of a connection that was accepted. */
#ifndef SEKISHO_AUTHD_PEER_H
#define SEKISHO_AUTHD_PEER_H

#include <stdbool.h>

#include "authd/config.h"

/* Whether it is the plugin's user (SO_PEERCRED); says so if it is not. */
bool peer_is_plugin(const struct config *config, int fd);

#endif
