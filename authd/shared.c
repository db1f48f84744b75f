/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/shared.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum error
shared_new(unsigned workers, unsigned hashes, unsigned waiters,
    struct shared **ret_shared)
{
	pthread_mutexattr_t attr;
	struct shared *shared;
	unsigned i;

	if (workers > SHARED_WORKERS)
		return ERR_INPUT;
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return ERR_NOMEM;
	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(&shared->lock, &attr) != 0) {
		(void)munmap(shared, sizeof *shared);
		return ERR_SYSTEM;
	}
	(void)pthread_mutexattr_destroy(&attr);
	for (i = 0; i < workers; i++) {
		if (sem_init(&shared->worker[i].wake, 1, 0) != 0)
			abort(); /* cannot fail with these arguments */
	}
	shared->workers = workers;
	shared->hashes = hashes;
	shared->waiters = waiters;
	*ret_shared = shared;
	return ERR_OK;
}

void
shared_lock(struct shared *shared)
{
	int rc = pthread_mutex_lock(&shared->lock);

	/*
	 * Its holder died. Every change under the lock is a few stores that
	 * leave the counts recomputable; turn_forget() does that.
	 */
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&shared->lock);
	if (rc != 0)
		abort();
}

void
shared_unlock(struct shared *shared)
{
	(void)pthread_mutex_unlock(&shared->lock);
}
