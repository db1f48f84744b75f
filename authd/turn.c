/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/turn.h"

#include <errno.h>
#include <time.h>

/* When a source last had its turn; 0 for one not seen lately. */
static uint64_t
last_turn(const struct shared *s, uint64_t source)
{
	unsigned i;

	for (i = 0; i < SHARED_RECENT; i++) {
		if (s->recent[i].source == source)
			return s->recent[i].ticket;
	}
	return 0;
}

static void
note_turn(struct shared *s, uint64_t source)
{
	unsigned i, oldest = 0;

	for (i = 0; i < SHARED_RECENT; i++) {
		if (s->recent[i].source == source) {
			oldest = i;
			break;
		}
		if (s->recent[i].ticket < s->recent[oldest].ticket)
			oldest = i;
	}
	s->recent[oldest].source = source;
	s->recent[oldest].ticket = ++s->tickets;
}

/* Lower class first, then the source that has waited longest, then order. */
static bool
goes_before(const struct shared *s, const struct shared_worker *a,
    const struct shared_worker *b)
{
	uint64_t a_last, b_last;

	if (a->class != b->class)
		return a->class < b->class;
	a_last = last_turn(s, a->source);
	b_last = last_turn(s, b->source);
	if (a_last != b_last)
		return a_last < b_last;
	return a->ticket < b->ticket;
}

/* The lowest that is nobody's: a quiet node warms only one. */
static unsigned
free_hasher(const struct shared *s)
{
	unsigned hasher, i;

	for (hasher = 0; hasher + 1 < s->hashes; hasher++) {
		for (i = 0; i < s->workers; i++) {
			if (s->worker[i].turn == TURN_GRANTED &&
			    s->worker[i].hasher == hasher)
				break;
		}
		if (i == s->workers)
			break;
	}
	return hasher;
}

static void
grant(struct shared *s)
{
	while (s->running < s->hashes && s->waiting > 0) {
		struct shared_worker *next = NULL;
		unsigned i;

		for (i = 0; i < s->workers; i++) {
			struct shared_worker *w = &s->worker[i];

			if (w->turn == TURN_WAITING &&
			    (next == NULL || goes_before(s, w, next)))
				next = w;
		}
		if (next == NULL)
			return;
		next->hasher = free_hasher(s);
		next->turn = TURN_GRANTED;
		s->waiting--;
		s->running++;
		note_turn(s, next->source);
		(void)sem_post(&next->wake);
	}
}

static unsigned
waiting_of(const struct shared *s, uint64_t source, unsigned class)
{
	unsigned i, n = 0;

	for (i = 0; i < s->workers; i++) {
		const struct shared_worker *w = &s->worker[i];

		n += w->turn == TURN_WAITING && w->source == source &&
		     w->class >= class;
	}
	return n;
}

/*
 * The queue is full. The newest waiter of the busiest source gives way if
 * that source has at least two more waiting than ours, or a lower class.
 */
static bool
make_room(struct shared *s, uint64_t source, unsigned class)
{
	struct shared_worker *victim = NULL;
	unsigned i, ours = waiting_of(s, source, 0), most = ours + 1;

	for (i = 0; i < s->workers; i++) {
		struct shared_worker *w = &s->worker[i];
		unsigned n;

		if (w->turn != TURN_WAITING || w->class < class)
			continue;
		n = waiting_of(s, w->source, 0);
		if (w->class > class)
			n += s->workers;
		if (n > most || (n == most && victim != NULL &&
				    w->ticket > victim->ticket)) {
			most = n;
			victim = w;
		}
	}
	if (victim == NULL)
		return false;
	victim->turn = TURN_EVICTED;
	s->waiting--;
	(void)sem_post(&victim->wake);
	return true;
}

enum error
turn_enter(struct shared *s, unsigned worker, uint64_t source, unsigned class,
    int timeout_ms, bool *ret_waited)
{
	struct shared_worker *me = &s->worker[worker];
	struct timespec until;
	enum turn_state state;
	int rc;

	*ret_waited = false;
	shared_lock(s);
	while (sem_trywait(&me->wake) == 0)
		; /* a wake-up that came too late for the last wait */
	if (s->running >= s->hashes && s->waiting >= s->waiters &&
	    !make_room(s, source, class)) {
		shared_unlock(s);
		return ERR_BUSY;
	}
	me->turn = TURN_WAITING;
	me->source = source;
	me->class = class;
	me->ticket = ++s->tickets;
	s->waiting++;
	grant(s);
	state = me->turn;
	shared_unlock(s);
	if (state == TURN_GRANTED)
		return ERR_OK;

	*ret_waited = true;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	do {
		rc = sem_clockwait(&me->wake, CLOCK_MONOTONIC, &until);
	} while (rc != 0 && errno == EINTR);

	shared_lock(s);
	state = me->turn;
	if (state == TURN_WAITING) {
		me->turn = TURN_NONE;
		s->waiting--;
	} else if (state == TURN_EVICTED) {
		me->turn = TURN_NONE;
	}
	shared_unlock(s);
	if (state == TURN_GRANTED)
		return ERR_OK;
	return state == TURN_EVICTED ? ERR_BUSY : ERR_TIMEOUT;
}

unsigned
turn_hasher(const struct shared *s, unsigned worker)
{
	return s->worker[worker].hasher;
}

void
turn_leave(struct shared *s, unsigned worker)
{
	turn_forget(s, worker);
}

void
turn_forget(struct shared *s, unsigned worker)
{
	unsigned i;

	shared_lock(s);
	s->worker[worker].turn = TURN_NONE;
	/* Counted anew: a worker may have died in the middle of counting. */
	s->running = s->waiting = 0;
	for (i = 0; i < s->workers; i++) {
		s->running += s->worker[i].turn == TURN_GRANTED;
		s->waiting += s->worker[i].turn == TURN_WAITING;
	}
	grant(s);
	shared_unlock(s);
}
