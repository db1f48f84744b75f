/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn.h - starts helper programs. A helper has its end of a SOCK_SEQPACKET
 * pair as standard input and nothing else: no other descriptor, no
 * environment but what it is given, no terminal, no ignored signals, no
 * real user other than the effective one.
 */
#ifndef SEKISHO_TERMINAL_SPAWN_H
#define SEKISHO_TERMINAL_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/base/error.h"

struct helper {
	const char *path;
	char *const *argv;
	char *const *env;
	bool change; /* to this user and group, and to no other group */
	uid_t uid;
	gid_t gid;
	bool outlives;	/* a child that is not killed when its parent ends */
	unsigned limit; /* seconds after which SIGALRM ends it; 0: none */
};

/*
 * For use inside other people's programs: the helper is nobody's child, so
 * the application sees no SIGCHLD and cannot wait for it by accident, and
 * nothing of its signal handling is touched. Closing *ret_fd ends it.
 */
MUST_CHECK enum error spawn_detached(const struct helper *helper, int *ret_fd);

/*
 * A child of the caller, killed by the kernel when the caller ends, unless it
 * outlives it.
 */
MUST_CHECK enum error spawn_child(
    const struct helper *helper, pid_t *ret_pid, int *ret_fd);

/* Kills and waits. */
void spawn_end(pid_t *pid, int *fd);

#endif
