/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keyring.h - the process that alone can open sealed boxes. It compares tags
 * and checks codes and answers yes or no; no seed and no tag ever leaves it.
 */
#ifndef SEKISHO_AUTHD_KEYRING_H
#define SEKISHO_AUTHD_KEYRING_H

#include <stddef.h>

#include "authd/config.h"
#include "authd/keys.h"
#include "common/wire/message.h"

/* Who asks decides what may be asked. */
enum keyring_peer { KEYRING_PEER_WORKER, KEYRING_PEER_CLERK };

/*
 * Serves the descriptors (the clerk's is the last) until it is told to
 * end. Takes the keys over. Returns the exit code.
 */
int keyring_main(const struct config *config, struct keys *keys, const int *fds,
    size_t n_fds);

/* One request, for tests and the fuzzer. Never fails: a fault is an answer. */
void keyring_answer(const struct keys *keys, enum keyring_peer peer,
    const Sekisho__KeyringRequest *request, struct arena *arena,
    Sekisho__KeyringReply *ret_reply);

#endif
