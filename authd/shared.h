/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared.h - the memory that all workers of a node share: whose turn it is
 * to hash (turn.h), who is being evaluated (gate.h), what each source has
 * used up (source.h), which refusals are running (refusals.h). One robust
 * mutex; what a dead worker held is given back by the supervisor. Nothing in
 * here is a secret.
 */
#ifndef SEKISHO_AUTHD_SHARED_H
#define SEKISHO_AUTHD_SHARED_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	SHARED_WORKERS = 200,
	SHARED_SOURCES = 1024,
	SHARED_RECENT = 64,
	SHARED_FINISHED = 128,
	SHARED_REFUSALS = 1024
};

enum turn_state { TURN_NONE, TURN_WAITING, TURN_GRANTED, TURN_EVICTED };

struct shared_worker {
	atomic_bool ready; /* connected, locked in, accepting */
	uint64_t subject;  /* gate: being evaluated; 0 none */
	enum turn_state turn;
	uint64_t source; /* turn: on whose behalf */
	unsigned class;	 /* turn: a lower one always goes first */
	unsigned hasher; /* turn: whose it has, if granted */
	uint64_t ticket; /* turn: order of arrival */
	sem_t wake;
};

struct shared_source {
	uint64_t key;	      /* 0 free */
	int64_t tokens_milli; /* failed hashes left, in thousandths */
	int64_t refilled_ms;
	int64_t window_ms;   /* start of the ten minutes below */
	uint64_t persons[4]; /* bitmap of who failed, by digest */
};

/* One that was told by the database: all that a repetition and its sum need. */
struct refusal {
	uint64_t key; /* mask_number of client and login; 0 free */
	uint64_t client_version;
	int64_t fresh_until_ms; /* CLOCK_MONOTONIC */
	int64_t noted_ms;
	unsigned seen;	       /* how often the database was asked lately */
	int64_t wait_until_ms; /* end of the refusal time */
	uint64_t pending;      /* refused since, not yet written */
	bool english;	       /* language of the client */
	char ref[8];
	char subject[37], person[37], client[37];
	char scope[64];
	char login[254];
};

struct shared {
	pthread_mutex_t lock;
	atomic_bool accountant_ready;
	unsigned workers;
	unsigned hashes;  /* that may run at a time */
	unsigned waiters; /* that may wait */
	unsigned running;
	unsigned waiting;
	uint64_t tickets;
	uint64_t evaluations;		    /* gate: finished so far */
	uint64_t finished[SHARED_FINISHED]; /* gate: their subjects, a ring */
	struct {
		uint64_t source;
		uint64_t ticket;
	} recent[SHARED_RECENT]; /* when each source last had its turn */
	struct shared_worker worker[SHARED_WORKERS];
	struct shared_source source[SHARED_SOURCES];
	struct refusal refusal[SHARED_REFUSALS];
};

/* Anonymous shared memory, made before the first fork. */
MUST_CHECK enum error shared_new(unsigned workers, unsigned hashes,
    unsigned waiters, struct shared **ret_shared);

void shared_lock(struct shared *shared);
void shared_unlock(struct shared *shared);

#endif
