/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - messages over a local SOCK_SEQPACKET socket. Every call has a
 * deadline; none touches anything but the descriptor it is given.
 */
#ifndef SEKISHO_WIRE_PACKET_H
#define SEKISHO_WIRE_PACKET_H

#include <stdint.h>

#include "common/wire/message.h"

/* Connects to authd at path within timeout_ms. Caller closes *ret_fd. */
MUST_CHECK enum error packet_connect(
    const char *path, int timeout_ms, int *ret_fd);

enum { PACKET_PATH = 108 }; /* unix(7): of a socket, with its NUL */

/*
 * Where interim updates go: account.sock beside authd's socket. ERR_CONFIG
 * if that is too long.
 */
MUST_CHECK enum error packet_account_path(
    const char *path, char ret_path[PACKET_PATH]);

/* ERR_TIMEOUT, ERR_CLOSED or ERR_SYSTEM; the octets sent are wiped. */
MUST_CHECK enum error packet_send(
    int fd, const struct message *message, int timeout_ms);

/*
 * Waits for one message. ERR_INPUT if it cannot be decoded (a packet that
 * did not fit is one of those). What the message points to lies in arena.
 */
MUST_CHECK enum error packet_receive(
    int fd, int timeout_ms, struct arena *arena, struct message *ret_message);

#endif
