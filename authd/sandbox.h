/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h - what each process gives up before it reads the first octet
 * from others: user, core dumps, new privileges, and every system call it
 * does not need. A forbidden call kills the process.
 */
#ifndef SEKISHO_AUTHD_SANDBOX_H
#define SEKISHO_AUTHD_SANDBOX_H

#include <fcntl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/base/error.h"

enum sandbox {
	SANDBOX_WORKER,	 /* accepts, talks on open descriptors */
	SANDBOX_KEYRING, /* talks on open descriptors */
	SANDBOX_CLERK,	 /* the same, and makes files that were not there */
	SANDBOX_HASHER,	 /* talks on open descriptors, hashes */
};

/* How the clerk may open: the only flags, so nothing that exists. */
enum { SANDBOX_CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

/*
 * Drops to uid and gid for good (nothing if we are that already), and has
 * the kernel end us if the supervisor ends.
 */
MUST_CHECK enum error sandbox_drop_user(uid_t uid, gid_t gid, pid_t supervisor);

/* Installs the filter. Does nothing in builds with sanitizers. */
MUST_CHECK enum error sandbox_lock(enum sandbox sandbox);

/*
 * For the process with a vendor's module in it, of which nobody knows what it
 * calls: takes away core dumps, new privileges, other processes' memory,
 * other programs, the kernel's own doors, and the network unless it is
 * wanted. Such a call fails. Does nothing about calls in builds with
 * sanitizers.
 */
MUST_CHECK enum error sandbox_fence(bool network);

#endif
