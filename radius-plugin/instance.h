/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance.h - one configured instance of the module. Written while
 * FreeRADIUS starts, read by all its threads afterwards.
 */
#ifndef SEKISHO_RADIUS_INSTANCE_H
#define SEKISHO_RADIUS_INSTANCE_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/wire/packet.h"

struct clients;

struct instance {
	/* From the configuration; FreeRADIUS owns and frees the string. */
	char const *socket;
	uint32_t timeout_ms;
	uint32_t connect_timeout_ms;
	uint32_t client_timeout_ms;

	char account_socket[PACKET_PATH]; /* beside the socket */
	const char *name;
	int auth_type; /* our value of Auth-Type */
	struct clients *clients;

	/* Complaints: at most one a second, and how many were left out. */
	atomic_llong complained;
	atomic_uint unsaid;
};

#endif
