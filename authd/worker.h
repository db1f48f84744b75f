/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker.h - a prefork process that serves one request at a time, on its
 * own database connection, from top to bottom.
 */
#ifndef SEKISHO_AUTHD_WORKER_H
#define SEKISHO_AUTHD_WORKER_H

#include "authd/config.h"
#include "authd/mask.h"
#include "authd/shared.h"
#include "common/base/arena.h"
#include "common/crypto/seal.h"
#include "common/db/db.h"

struct worker {
	const struct config *config;
	struct shared *shared;
	unsigned index;
	int listen_fd;
	int keyring_fd;
	const int *hasher_fds; /* by turn_hasher() */
	struct db *db;
	struct arena *arena; /* of the request being served */
	struct mask mask;
	unsigned key_version; /* of the keyring's newest key */
	unsigned char public_key[SEAL_PUBLIC_KEY];
	struct box decoy_tag, decoy_seed; /* opened where there is nothing */
};

/* Serves until SIGTERM or until the database is gone. Returns the exit code. */
int worker_main(const struct config *config, struct shared *shared,
    unsigned index, int listen_fd, int keyring_fd, const int *hasher_fds);

#endif
