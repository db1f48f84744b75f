/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose turn it is to hash: bounded, fair, and safe from the dead. */
#include "authd/turn.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/unit/test.h"

enum { WORKERS = 16 };

static struct shared *s;
static pthread_t threads[WORKERS];
static struct waiter {
	unsigned worker;
	uint64_t source;
	unsigned class;
	int timeout_ms;
	enum error err;
	bool waited;
	int place; /* in which order turns were given */
} waiters[WORKERS];
static atomic_int places;

static void
start(unsigned hashes, unsigned queue)
{
	assert_ok(shared_new(WORKERS, hashes, queue, &s));
	places = 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return s == NULL ? 0 : munmap(s, sizeof *s);
}

/* Takes a turn that must be free. */
static void
enter_at_once(unsigned worker, uint64_t source)
{
	bool waited = true;

	assert_ok(turn_enter(s, worker, source, 0, 0, &waited));
	assert_false(waited);
}

static void *
wait_in_line(void *data)
{
	struct waiter *w = data;

	w->err = turn_enter(
	    s, w->worker, w->source, w->class, w->timeout_ms, &w->waited);
	if (w->err == ERR_OK)
		w->place = ++places;
	if (w->err == ERR_OK)
		turn_leave(s, w->worker);
	return NULL;
}

static unsigned
waiting(void)
{
	unsigned n;

	shared_lock(s);
	n = s->waiting;
	shared_unlock(s);
	return n;
}

static void
pause_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

/* Puts a worker into the queue, and waits until it stands there. */
static void
queue_up(unsigned worker, uint64_t source, unsigned class)
{
	struct waiter *w = &waiters[worker];
	unsigned before = waiting();
	int left = 4000;

	*w = (struct waiter){.worker = worker,
	    .source = source,
	    .class = class,
	    .timeout_ms = 10000};
	assert_int_equal(
	    pthread_create(&threads[worker], NULL, wait_in_line, w), 0);
	while (waiting() == before && left-- > 0)
		pause_ms(1);
	assert_true(left > 0);
}

/* Into a full queue, where another has to give way. */
static void
push_in(unsigned worker, uint64_t source)
{
	struct waiter *w = &waiters[worker];
	enum turn_state turn = TURN_NONE;

	*w = (struct waiter){
	    .worker = worker, .source = source, .timeout_ms = 10000};
	assert_int_equal(
	    pthread_create(&threads[worker], NULL, wait_in_line, w), 0);
	while (turn != TURN_WAITING) {
		shared_lock(s);
		turn = s->worker[worker].turn;
		shared_unlock(s);
	}
}

static struct waiter *
joined(unsigned worker)
{
	(void)pthread_join(threads[worker], NULL);
	return &waiters[worker];
}

static void
no_more_at_a_time_than_may_hash(void **state)
{
	bool waited;

	(void)state;
	start(2, 4);
	enter_at_once(0, 1);
	enter_at_once(1, 1);
	assert_error(turn_enter(s, 2, 1, 0, 30, &waited), ERR_TIMEOUT);
	assert_true(waited);
	assert_int_equal(s->running, 2);
	assert_int_equal(s->waiting, 0);
	turn_leave(s, 0);
	enter_at_once(2, 1);
}

static void
waiting_ends_in_time(void **state)
{
	int64_t before;
	bool waited;

	(void)state;
	start(1, 4);
	enter_at_once(0, 1);
	before = clock_ms();
	assert_error(turn_enter(s, 1, 2, 0, 1050, &waited), ERR_TIMEOUT);
	assert_in_range(clock_ms() - before, 1049, 3000);
	assert_error(turn_enter(s, 1, 2, 0, 0, &waited), ERR_TIMEOUT);
}

static void
a_turn_given_back_wakes_the_next(void **state)
{
	(void)state;
	start(1, 4);
	enter_at_once(0, 1);
	queue_up(1, 1, 0);
	turn_leave(s, 0);
	assert_ok(joined(1)->err);
	assert_true(waiters[1].waited);
	assert_int_equal(s->running, 0);
}

/* Three of a flood, then one quiet source: it goes first but one. */
static void
sources_take_turns(void **state)
{
	(void)state;
	start(1, 8);
	enter_at_once(0, 7);
	queue_up(1, 7, 0);
	queue_up(2, 7, 0);
	queue_up(3, 7, 0);
	queue_up(4, 9, 0);
	turn_leave(s, 0);
	assert_ok(joined(1)->err);
	assert_ok(joined(2)->err);
	assert_ok(joined(3)->err);
	assert_ok(joined(4)->err);
	/* 9 never had a turn, 7 just had one */
	assert_int_equal(waiters[4].place, 1);
	assert_int_equal(waiters[1].place, 2);
	assert_int_equal(waiters[2].place, 3);
	assert_int_equal(waiters[3].place, 4);
}

static void
the_lower_class_waits_for_all_others(void **state)
{
	(void)state;
	start(1, 8);
	enter_at_once(0, 1);
	queue_up(1, 2, 1);
	queue_up(2, 1, 0);
	queue_up(3, 1, 0);
	turn_leave(s, 0);
	assert_ok(joined(1)->err);
	assert_ok(joined(2)->err);
	assert_ok(joined(3)->err);
	assert_int_equal(waiters[1].place, 3);
}

static void
a_full_queue_is_busy(void **state)
{
	bool waited;

	(void)state;
	start(1, 2);
	enter_at_once(0, 1);
	queue_up(1, 1, 0);
	queue_up(2, 2, 0);
	/* each source has one: none gives way */
	assert_error(turn_enter(s, 3, 3, 0, 5000, &waited), ERR_BUSY);
	assert_error(turn_enter(s, 3, 1, 0, 5000, &waited), ERR_BUSY);
	turn_leave(s, 0);
	assert_ok(joined(1)->err);
	assert_ok(joined(2)->err);
}

static void
the_busiest_source_gives_way(void **state)
{
	(void)state;
	start(1, 3);
	enter_at_once(0, 1);
	queue_up(1, 5, 0);
	queue_up(2, 5, 0);
	queue_up(3, 6, 0);
	push_in(4, 8);
	/* the newest of 5 lost its place */
	assert_error(joined(2)->err, ERR_BUSY);
	turn_leave(s, 0);
	assert_ok(joined(1)->err);
	assert_ok(joined(3)->err);
	assert_ok(joined(4)->err);
	assert_int_equal(s->worker[2].turn, TURN_NONE);
}

static void
the_lower_class_gives_way_first(void **state)
{
	bool waited;

	(void)state;
	start(1, 2);
	enter_at_once(0, 1);
	queue_up(1, 5, 1);
	queue_up(2, 6, 0);
	/* one of its own class does not get in, one above does */
	assert_error(turn_enter(s, 3, 7, 1, 0, &waited), ERR_BUSY);
	push_in(4, 7);
	assert_error(joined(1)->err, ERR_BUSY);
	turn_leave(s, 0);
	assert_ok(joined(2)->err);
	assert_ok(joined(4)->err);
}

/* Killed while it hashed, while it waited, or while it held the lock. */
static void
what_the_dead_held_is_given_back(void **state)
{
	int how, status;

	(void)state;
	for (how = 0; how < 3; how++) {
		pid_t child;

		start(1, 4);
		if (how == 1)
			enter_at_once(0, 1);
		child = fork();
		if (child == 0) {
			bool waited;
			enum error err = ERR_OK;

			if (how == 2)
				shared_lock(s);
			else
				err = turn_enter(s, 1, 1, 0, 5000, &waited);
			if (err == ERR_OK)
				(void)raise(SIGKILL);
			_exit(1);
		}
		if (how == 1) {
			while (waiting() == 0)
				pause_ms(1);
			(void)kill(child, SIGKILL);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		turn_forget(s, 1);
		if (how == 1)
			turn_leave(s, 0);
		assert_int_equal(s->running, 0);
		assert_int_equal(s->waiting, 0);
		enter_at_once(2, 1);
		assert_int_equal(s->running, 1);
		(void)munmap(s, sizeof *s);
		s = NULL;
	}
}

/* Counts that a death in the middle left wrong do not hang the queue. */
static void
wrong_counts_are_mended(void **state)
{
	(void)state;
	start(2, 4);
	enter_at_once(0, 1);
	s->waiting = 3; /* nobody does */
	s->running = 2;
	turn_forget(s, 5);
	assert_int_equal(s->waiting, 0);
	assert_int_equal(s->running, 1);
	enter_at_once(1, 1);
}

/* Workers of all kinds at random: never more than may, and all get out. */
static atomic_int inside, most, done;

static void *
in_and_out(void *data)
{
	unsigned worker = *(unsigned *)data, i;

	for (i = 0; i < 200; i++) {
		bool waited;

		if (turn_enter(s, worker, worker % 3, worker % 2, 2000,
			&waited) != ERR_OK)
			continue;
		if (++inside > most)
			most = inside;
		if (inside > 2)
			most = 99;
		inside--;
		turn_leave(s, worker);
		done++;
	}
	return NULL;
}

static void
many_at_once(void **state)
{
	unsigned index[WORKERS], i;

	(void)state;
	start(2, 8);
	inside = most = done = 0;
	for (i = 0; i < WORKERS; i++) {
		index[i] = i;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, in_and_out, &index[i]),
		    0);
	}
	for (i = 0; i < WORKERS; i++)
		(void)pthread_join(threads[i], NULL);
	assert_in_range(most, 1, 2);
	assert_true(done >= 200);
	assert_int_equal(s->running, 0);
	assert_int_equal(s->waiting, 0);
}

static void
too_many_workers(void **state)
{
	struct shared *none = NULL;

	(void)state;
	assert_error(shared_new(SHARED_WORKERS + 1, 1, 1, &none), ERR_INPUT);
	assert_null(none);
}

int
main(void)
{
#define CLEANED(test) cmocka_unit_test_teardown(test, tear_down)
	const struct CMUnitTest tests[] = {
	    CLEANED(no_more_at_a_time_than_may_hash),
	    CLEANED(waiting_ends_in_time),
	    CLEANED(a_turn_given_back_wakes_the_next),
	    CLEANED(sources_take_turns),
	    CLEANED(the_lower_class_waits_for_all_others),
	    CLEANED(a_full_queue_is_busy),
	    CLEANED(the_busiest_source_gives_way),
	    CLEANED(the_lower_class_gives_way_first),
	    cmocka_unit_test(what_the_dead_held_is_given_back),
	    CLEANED(wrong_counts_are_mended),
	    CLEANED(many_at_once),
	    cmocka_unit_test(too_many_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
