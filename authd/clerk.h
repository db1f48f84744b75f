/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clerk.h - the process that does what must happen by itself. Every node
 * runs one; an advisory lock in the database elects the one that works.
 * All its jobs are idempotent.
 */
#ifndef SEKISHO_AUTHD_CLERK_H
#define SEKISHO_AUTHD_CLERK_H

#include "authd/config.h"

/*
 * Works until it is told to end or the database is gone. ca_fd is -1 where
 * there is no card CA.
 */
int clerk_main(const struct config *config, int keyring_fd, int ca_fd);

#endif
