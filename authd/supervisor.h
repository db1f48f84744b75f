/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervisor.h - starts the keyring, the clerk and the workers, and starts
 * again whatever ends. It reads nothing from others.
 */
#ifndef SEKISHO_AUTHD_SUPERVISOR_H
#define SEKISHO_AUTHD_SUPERVISOR_H

#include "authd/config.h"

/*
 * Runs until SIGTERM or SIGINT. SIGHUP reads config_path again and replaces
 * every process by one that knows it; requests under way are finished.
 * config is taken over. Returns the exit code.
 */
int supervisor_main(const char *config_path, struct config *config);

#endif
