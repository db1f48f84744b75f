/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/crew.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"

enum {
	SEND_MS = 2000,
	STOP_MS = 1000, /* for a key to be told that nobody waits any more */
	STOP_STEP_MS = 20,
};

struct member {
	pid_t pid;
	int fd; /* -1: answered, or will not any more */
};

static volatile sig_atomic_t stopped;
static sigset_t mask;

static void
on_term(int number)
{
	(void)number;
	stopped = 1;
}

enum error
crew_init(void)
{
	const struct sigaction action = {.sa_handler = on_term};
	sigset_t term;

	if (sigemptyset(&term) != 0 || sigaddset(&term, SIGTERM) != 0 ||
	    sigprocmask(SIG_BLOCK, &term, &mask) != 0 ||
	    sigdelset(&mask, SIGTERM) != 0 ||
	    sigaction(SIGTERM, &action, NULL) != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

const sigset_t *
crew_mask(void)
{
	return &mask;
}

const volatile sig_atomic_t *
crew_stopped(void)
{
	return &stopped;
}

static void
start(struct member *members, size_t i, crew_work *work, const void *what)
{
	static struct frame answer;
	struct member *m = &members[i];
	pid_t parent = getpid();
	int pair[2];
	size_t j;

	*m = (struct member){.pid = -1, .fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	m->pid = fork();
	if (m->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
		if (getppid() != parent)
			_exit(1);
		(void)close(pair[0]);
		for (j = 0; j < i; j++) {
			if (members[j].fd >= 0)
				(void)close(members[j].fd);
		}
		work(what, i, &answer);
		_exit(frame_send(pair[1], &answer, SEND_MS) != ERR_OK);
	}
	(void)close(pair[1]);
	if (m->pid < 0)
		(void)close(pair[0]);
	else
		m->fd = pair[0];
}

static void
hang_up(struct member *m)
{
	if (m->fd >= 0)
		(void)close(m->fd);
	m->fd = -1;
}

/* One wait; false when there is nothing more to wait for. */
static bool
collect(struct member *members, size_t n, int64_t until, crew_final *final,
    struct frame *answer, bool *has)
{
	struct pollfd p[CREW_MAX];
	int64_t left = until - clock_ms();
	const struct timespec limit = {
	    .tv_sec = left / 1000, .tv_nsec = (long)(left % 1000) * 1000000};
	size_t i, waiting = 0;
	int ready;

	for (i = 0; i < n; i++) {
		p[i] = (struct pollfd){.fd = members[i].fd, .events = POLLIN};
		waiting += members[i].fd >= 0;
	}
	if (waiting == 0 || left <= 0)
		return false;
	ready = ppoll(p, n, &limit, &mask);
	if (stopped || (ready < 0 && errno != EINTR))
		return false;
	for (i = 0; i < n && ready > 0; i++) {
		if (p[i].revents == 0)
			continue;
		has[i] = frame_receive(members[i].fd, 0, &answer[i]) == ERR_OK;
		hang_up(&members[i]);
		if (has[i] && final(&answer[i]))
			return false;
	}
	return true;
}

static void
end(struct member *m, int64_t until)
{
	const struct timespec step = {.tv_nsec = STOP_STEP_MS * 1000000L};
	pid_t got;

	if (m->pid <= 0)
		return;
	for (;;) {
		got = waitpid(m->pid, NULL, WNOHANG);
		if (got != 0 && (got > 0 || errno != EINTR))
			break;
		if (clock_ms() >= until)
			(void)kill(m->pid, SIGKILL);
		(void)nanosleep(&step, NULL);
	}
	m->pid = 0;
}

void
crew_run(crew_work *work, const void *what, size_t n, int timeout_ms,
    crew_final *final, struct frame ret_answer[CREW_MAX],
    bool ret_has[CREW_MAX])
{
	struct member members[CREW_MAX];
	int64_t until = clock_ms() + timeout_ms;
	size_t i;

	for (i = 0; i < n; i++) {
		ret_has[i] = false;
		start(members, i, work, what);
	}
	while (collect(members, n, until, final, ret_answer, ret_has))
		;
	for (i = 0; i < n; i++) {
		hang_up(&members[i]);
		if (members[i].pid > 0)
			(void)kill(members[i].pid, SIGTERM);
	}
	until = clock_ms() + STOP_MS;
	for (i = 0; i < n; i++)
		end(&members[i], until);
}
