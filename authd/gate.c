/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/gate.h"

uint64_t
gate_moment(struct shared *shared)
{
	uint64_t moment;

	shared_lock(shared);
	moment = shared->evaluations;
	shared_unlock(shared);
	return moment;
}

enum error
gate_enter(struct shared *shared, unsigned worker, uint64_t subject,
    uint64_t moment, bool *ret_stale)
{
	enum error err = ERR_OK;
	bool stale;
	uint64_t n;
	unsigned i;

	shared_lock(shared);
	for (i = 0; i < shared->workers; i++) {
		if (shared->worker[i].subject == subject)
			err = ERR_BUSY;
	}
	/* More finished than the ring remembers: assume ours was among them. */
	stale = shared->evaluations - moment > SHARED_FINISHED;
	for (n = moment; !stale && n < shared->evaluations; n++)
		stale = shared->finished[n % SHARED_FINISHED] == subject;
	if (err == ERR_OK) {
		shared->worker[worker].subject = subject;
		*ret_stale = stale;
	}
	shared_unlock(shared);
	return err;
}

void
gate_leave(struct shared *shared, unsigned worker)
{
	struct shared_worker *w = &shared->worker[worker];

	shared_lock(shared);
	if (w->subject != 0) {
		shared->finished[shared->evaluations % SHARED_FINISHED] =
		    w->subject;
		shared->evaluations++;
		w->subject = 0;
	}
	shared_unlock(shared);
}
