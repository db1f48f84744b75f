/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - runs what the configuration names: an argument vector, no shell,
 * no descriptor of ours, an environment of PATH and SEKISHO_READER alone, in a
 * process group of its own.
 */
#ifndef SEKISHO_DOOR_COMMAND_H
#define SEKISHO_DOOR_COMMAND_H

#include <sys/types.h>

#include "common/base/conf.h"

/*
 * Waits for its end. ERR_TIMEOUT: it took longer and was ended, with what it
 * had started: by SIGTERM, and 500 ms later by SIGKILL; ERR_SYSTEM: it could
 * not be started, or failed (*ret_status as waitpid(2) has it; -1: not
 * started).
 */
MUST_CHECK enum error command_run(const struct conf_list *command,
    const char *reader, int timeout_ms, int *ret_status);

/* Starts it; *ret_fd reads its standard output. */
MUST_CHECK enum error command_start(
    const struct conf_list *command, pid_t *ret_pid, int *ret_fd);

/* Ends it with what it has started, in the same way, and waits. */
void command_end(pid_t *pid, int *fd);

#endif
