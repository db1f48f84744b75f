/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate (one evaluation a person) and the budgets of sources. */
#include "authd/gate.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authd/source.h"
#include "tests/unit/test.h"

static struct shared *s;

static int
set_up(void **state)
{
	(void)state;
	return shared_new(8, 1, 1, &s) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return munmap(s, sizeof *s);
}

static bool
enter(unsigned worker, uint64_t subject, uint64_t moment)
{
	bool stale = false;

	assert_ok(gate_enter(s, worker, subject, moment, &stale));
	return stale;
}

static void
one_evaluation_a_subject(void **state)
{
	bool stale;

	(void)state;
	assert_false(enter(0, 77, gate_moment(s)));
	assert_error(gate_enter(s, 1, 77, gate_moment(s), &stale), ERR_BUSY);
	assert_false(enter(1, 78, gate_moment(s)));
	gate_leave(s, 0);
	assert_error(gate_enter(s, 2, 78, gate_moment(s), &stale), ERR_BUSY);
	assert_false(enter(2, 77, gate_moment(s)));
}

/* What was read before another's evaluation ended is old. */
static void
finished_since_the_moment_is_stale(void **state)
{
	uint64_t before = gate_moment(s);

	(void)state;
	assert_false(enter(0, 77, before));
	gate_leave(s, 0);
	assert_true(enter(1, 77, before));
	assert_false(enter(2, 78, before));
	gate_leave(s, 1);
	assert_false(enter(1, 77, gate_moment(s)));
}

static void
what_the_ring_forgot_counts_as_stale(void **state)
{
	uint64_t before = gate_moment(s);
	unsigned i;

	(void)state;
	for (i = 0; i < SHARED_FINISHED; i++) {
		(void)enter(0, 1000 + i, gate_moment(s));
		gate_leave(s, 0);
	}
	/* all of them are still known, 77 was not among them */
	assert_false(enter(1, 77, before));
	gate_leave(s, 1);
	assert_true(enter(2, 78, before));
	assert_false(enter(3, 79, gate_moment(s)));
}

static void
leaving_twice_is_leaving_once(void **state)
{
	uint64_t before = gate_moment(s);

	(void)state;
	(void)enter(0, 77, before);
	gate_leave(s, 0);
	gate_leave(s, 0);
	gate_leave(s, 5);
	assert_true(gate_moment(s) == before + 1);
}

static void
what_the_dead_held_is_given_back(void **state)
{
	bool stale;
	int how, status;

	(void)state;
	for (how = 0; how < 2; how++) {
		uint64_t before = gate_moment(s);
		pid_t child = fork();

		if (child == 0) {
			(void)!gate_enter(s, 4, 77, before, &stale);
			if (how == 1)
				shared_lock(s);
			(void)raise(SIGKILL);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_error(gate_enter(s, 1, 77, before, &stale), ERR_BUSY);
		gate_leave(s, 4);
		assert_true(enter(1, 77, before));
		gate_leave(s, 1);
	}
}

static const struct source_rule rule = {3, 60, 5};

static void
a_burst_and_then_a_rate(void **state)
{
	int64_t now = 1000000;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_true(source_within_budget(s, &rule, 9, now));
		source_failed(s, &rule, 9, 1, now);
	}
	assert_false(source_within_budget(s, &rule, 9, now));
	/* 60 a minute are one a second */
	assert_false(source_within_budget(s, &rule, 9, now + 999));
	assert_true(source_within_budget(s, &rule, 9, now + 1000));
	source_failed(s, &rule, 9, 1, now + 1000);
	assert_false(source_within_budget(s, &rule, 9, now + 1001));
	/* others are not meant; rest fills the burst, and no more */
	assert_true(source_within_budget(s, &rule, 10, now));
	now += 3600000;
	for (i = 0; i < 3; i++)
		source_failed(s, &rule, 9, 1, now);
	assert_false(source_within_budget(s, &rule, 9, now));
}

/* Asked every millisecond, it must not lose what it gains. */
static void
looking_often_costs_nothing(void **state)
{
	int64_t now = 1000000, i;

	(void)state;
	for (i = 0; i < 3; i++)
		source_failed(s, &rule, 9, 1, now);
	for (i = 0; i < 1000; i++)
		assert_false(source_within_budget(s, &rule, 9, now + i));
	assert_true(source_within_budget(s, &rule, 9, now + 1000));
}

static void
distinct_persons(void **state)
{
	const struct source_rule many = {10000, 10000, 5};
	int64_t now = 1000000;
	uint64_t p;

	(void)state;
	for (p = 0; p < 5; p++) {
		source_failed(s, &many, 9, p, now);
		source_failed(s, &many, 9, p, now);
	}
	assert_true(source_within_budget(s, &many, 9, now));
	source_failed(s, &many, 9, 200, now);
	assert_false(source_within_budget(s, &many, 9, now));
	assert_false(source_within_budget(s, &many, 9, now + 600000));
	/* after ten minutes they are forgotten */
	assert_true(source_within_budget(s, &many, 9, now + 600001));
}

/* More sources than entries: the stalest neighbour gives way. */
static void
entries_are_taken_over(void **state)
{
	int64_t now = 1000000;
	uint64_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		source_failed(s, &rule, SHARED_SOURCES, 1, now);
	assert_false(source_within_budget(s, &rule, SHARED_SOURCES, now));
	for (i = 2; i < 10; i++)
		assert_true(source_within_budget(
		    s, &rule, i * SHARED_SOURCES, now + (int64_t)i));
	/* the first was the stalest: forgotten, which errs on the kind side */
	assert_true(source_within_budget(s, &rule, SHARED_SOURCES, now + 20));
}

int
main(void)
{
#define SHARED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    SHARED(one_evaluation_a_subject),
	    SHARED(finished_since_the_moment_is_stale),
	    SHARED(what_the_ring_forgot_counts_as_stale),
	    SHARED(leaving_twice_is_leaving_once),
	    SHARED(what_the_dead_held_is_given_back),
	    SHARED(a_burst_and_then_a_rate),
	    SHARED(looking_often_costs_nothing),
	    SHARED(distinct_persons),
	    SHARED(entries_are_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
