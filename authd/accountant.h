/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accountant.h - the process that takes interim updates (RFC 2866 5.1), of
 * which clients send more than of anything else. It listens on a socket of
 * its own and records what has come in while the last statement ran in one
 * statement, so that they are cheaper the more there are, and never in the
 * way of a login.
 */
#ifndef SEKISHO_AUTHD_ACCOUNTANT_H
#define SEKISHO_AUTHD_ACCOUNTANT_H

#include "authd/config.h"
#include "authd/shared.h"

/* Serves until SIGTERM or until the database is gone. Returns the exit code. */
int accountant_main(
    const struct config *config, struct shared *shared, int listen_fd);

#endif
