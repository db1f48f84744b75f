/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hasher.h - processes that do nothing but Argon2id, one for each hash that
 * may run at a time. A worker that has its turn (turn.h) has one of them to
 * itself. They keep their memory between two hashes, which nearly doubles
 * what a core can do; and what Argon2 leaves in it belongs to a process that
 * reads nothing from others but salts, costs and passwords.
 */
#ifndef SEKISHO_AUTHD_HASHER_H
#define SEKISHO_AUTHD_HASHER_H

#include <stddef.h>

#include "authd/config.h"
#include "common/base/arena.h"
#include "common/crypto/pwhash.h"

/* A turn is held as long as one waits: longer than any sensible cost. */
enum { HASHER_TIMEOUT_MS = 5000 };

/* Serves the descriptors, one a worker, until told to end. The exit code. */
int hasher_main(const struct config *config, const int *fds, size_t n_fds);

/*
 * As pwhash_tag(), by the hasher at the other end of fd. ERR_TIMEOUT if it
 * died over it. The arena is the request's.
 */
MUST_CHECK enum error hasher_tag(int fd, const struct pwhash_cost *cost,
    const unsigned char salt[PWHASH_SALT], const void *password, size_t len,
    struct arena *arena, unsigned char ret_tag[PWHASH_TAG]);

#endif
