/* SPDX-License-Identifier: GPL-2.0-or-later */
/* duty.h - what the clerk's jobs work with. */
#ifndef SEKISHO_AUTHD_DUTY_H
#define SEKISHO_AUTHD_DUTY_H

#include "authd/ca_client.h"
#include "authd/config.h"
#include "common/base/arena.h"
#include "common/db/db.h"

struct duty {
	const struct config *config;
	struct db *db;
	int keyring_fd;
	struct ca_client ca;
	struct arena *arena; /* reset after each piece of work */
};

#endif
