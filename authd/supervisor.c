/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "authd/accountant.h"
#include "authd/ca.h"
#include "authd/clerk.h"
#include "authd/gate.h"
#include "authd/hasher.h"
#include "authd/keyring.h"
#include "authd/listener.h"
#include "authd/shared.h"
#include "authd/turn.h"
#include "authd/worker.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum {
	HASHERS = 64, /* as many as config.c allows */
	CHILDREN = SHARED_WORKERS + HASHERS + 4,
	TICK_MS = 200,	  /* how often the dead are replaced */
	BACKOFF_MS = 500, /* after a child that lived shorter than this */
	STOP_MS = 5000,	  /* for requests under way */
};

enum role {
	ROLE_KEYRING,
	ROLE_CLERK,
	ROLE_ACCOUNTANT,
	ROLE_HASHER,
	ROLE_WORKER,
	ROLE_CA
};

struct child {
	enum role role;
	unsigned index; /* of a worker or a hasher */
	pid_t pid;	/* 0: to be started */
	int64_t started;
	int64_t not_before; /* CLOCK_MONOTONIC, ms */
	bool replaced;	    /* told to end on purpose */
	char name[24];
};

struct supervisor {
	const char *config_path;
	struct config config;
	struct shared *shared;
	struct listener listener, accounting;
	int signal_fd;
	/* One pair a process that asks the keyring: [0] its end, [1] ours. */
	int pair[CHILDREN][2];
	size_t n_pairs;
	/* Of hasher h and worker w: [h * workers + w], [0] is the worker's. */
	int (*hash_pair)[2];
	int ca_pair[2]; /* [0] is the clerk's; -1 without a card CA */
	struct child child[CHILDREN];
	size_t n_children;
	bool announced;
};

/* Closes every keyring socket but the one end that a process needs. */
static void
keep_pair(const struct supervisor *s, size_t pair)
{
	size_t i;

	for (i = 0; i < s->n_pairs; i++) {
		if (i != pair)
			(void)close(s->pair[i][0]);
		(void)close(s->pair[i][1]);
	}
}

static void
keep_no_pair(const struct supervisor *s)
{
	keep_pair(s, s->n_pairs);
}

/*
 * Of the sockets between workers and hashers, keeps the ends of one worker
 * or of one hasher, or of NOBODY, and lists them in order.
 */
enum { NOBODY = -1 };
static void
keep_hash_pairs(const struct supervisor *s, int worker, int hasher, int *fds)
{
	int w, h;

	for (h = 0; h < s->config.hashes; h++) {
		for (w = 0; w < s->config.workers; w++) {
			const int *pair =
			    s->hash_pair[h * s->config.workers + w];

			if (w == worker)
				fds[h] = pair[0];
			else
				(void)close(pair[0]);
			if (h == hasher)
				fds[w] = pair[1];
			else
				(void)close(pair[1]);
		}
	}
}

/* Of the sockets between clerk and CA, the end that a process needs. */
static int
keep_ca_pair(const struct supervisor *s, enum role role)
{
	int kept = -1;
	size_t i;

	for (i = 0; i < 2 && s->ca_pair[i] >= 0; i++) {
		if (role == (i == 0 ? ROLE_CLERK : ROLE_CA))
			kept = s->ca_pair[i];
		else
			(void)close(s->ca_pair[i]);
	}
	return kept;
}

/* It has neither the keyring's nor the hashers' sockets, nor ours. */
static int
run_ca(struct supervisor *s, int fd)
{
	keep_no_pair(s);
	keep_hash_pairs(s, NOBODY, NOBODY, NULL);
	return ca_main(&s->config, fd);
}

static int
run_hasher(struct supervisor *s, unsigned index)
{
	int fds[SHARED_WORKERS];

	keep_no_pair(s);
	keep_hash_pairs(s, NOBODY, (int)index, fds);
	return hasher_main(&s->config, fds, (size_t)s->config.workers);
}

static int
run_worker(struct supervisor *s, unsigned index)
{
	int fds[HASHERS];

	keep_pair(s, index);
	keep_hash_pairs(s, (int)index, NOBODY, fds);
	return worker_main(&s->config, s->shared, index, s->listener.fd,
	    s->pair[index][0], fds);
}

static int
run_keyring(struct supervisor *s)
{
	int fds[CHILDREN];
	char message[KEYS_MESSAGE];
	struct keys *keys = NULL;
	size_t i;

	keep_hash_pairs(s, NOBODY, NOBODY, NULL);
	for (i = 0; i < s->n_pairs; i++) {
		(void)close(s->pair[i][0]);
		fds[i] = s->pair[i][1];
	}
	if (keys_load(s->config.keys, &keys, message) != ERR_OK) {
		log_error("cannot read the keys", "why", message);
		return EXIT_FAILURE;
	}
	return keyring_main(&s->config, keys, fds, s->n_pairs);
}

static const char *const processes[] = {
    [ROLE_KEYRING] = "sekisho-keyring",
    [ROLE_CLERK] = "sekisho-clerk",
    [ROLE_ACCOUNTANT] = "sekisho-account", /* 15 octets are shown */
    [ROLE_HASHER] = "sekisho-hasher",
    [ROLE_WORKER] = "sekisho-worker",
    [ROLE_CA] = "sekisho-ca",
};

static int
run_child(struct supervisor *s, const struct child *c)
{
	sigset_t none;
	int ca;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)close(s->signal_fd);
	/* as ps(1) and pgrep(1) show it */
	(void)prctl(PR_SET_NAME, processes[c->role], 0L, 0L, 0L);
	log_open(c->name, s->config.level);
	ca = keep_ca_pair(s, c->role);
	if (c->role != ROLE_WORKER)
		(void)close(s->listener.fd);
	if (c->role != ROLE_ACCOUNTANT)
		(void)close(s->accounting.fd);
	switch (c->role) {
	case ROLE_KEYRING:
		return run_keyring(s);
	case ROLE_ACCOUNTANT:
		keep_no_pair(s);
		keep_hash_pairs(s, NOBODY, NOBODY, NULL);
		return accountant_main(&s->config, s->shared, s->accounting.fd);
	case ROLE_CLERK:
		keep_pair(s, s->n_pairs - 1);
		keep_hash_pairs(s, NOBODY, NOBODY, NULL);
		return clerk_main(&s->config, s->pair[s->n_pairs - 1][0], ca);
	case ROLE_HASHER:
		return run_hasher(s, c->index);
	case ROLE_WORKER:
		return run_worker(s, c->index);
	case ROLE_CA:
		return run_ca(s, ca);
	}
	return EXIT_FAILURE;
}

static void
start_child(struct supervisor *s, struct child *c)
{
	pid_t pid = fork();

	if (pid == 0)
		exit(run_child(s, c));
	c->started = clock_ms();
	c->replaced = false;
	if (pid < 0) {
		log_error("cannot fork", "why", log_errno());
		c->not_before = c->started + BACKOFF_MS;
		return;
	}
	c->pid = pid;
}

static void
start_missing(struct supervisor *s)
{
	int64_t now = clock_ms();
	size_t i;

	for (i = 0; i < s->n_children; i++) {
		struct child *c = &s->child[i];

		if (c->pid == 0 && c->not_before <= now)
			start_child(s, c);
	}
}

static void
bury(struct supervisor *s, struct child *c, int status)
{
	int64_t now = clock_ms();

	c->pid = 0;
	if (c->role == ROLE_WORKER) {
		atomic_store(&s->shared->worker[c->index].ready, false);
		turn_forget(s->shared, c->index);
		gate_leave(s->shared, c->index);
	}
	if (c->role == ROLE_ACCOUNTANT)
		atomic_store(&s->shared->accountant_ready, false);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		log_error("ended by the system-call filter; please report this",
		    "process", c->name);
	else if (!c->replaced &&
		 (WIFSIGNALED(status) || WEXITSTATUS(status) != 0))
		log_warn("a process ended and is replaced", "process", c->name,
		    "signal",
		    log_num(WIFSIGNALED(status) ? WTERMSIG(status) : 0));
	c->not_before = now - c->started < BACKOFF_MS ? now + BACKOFF_MS : now;
}

static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < s->n_children; i++) {
			if (s->child[i].pid == pid)
				bury(s, &s->child[i], status);
		}
	}
}

static unsigned
ready_workers(const struct supervisor *s)
{
	unsigned i, n = 0;

	for (i = 0; i < s->shared->workers; i++)
		n += atomic_load(&s->shared->worker[i].ready) ? 1 : 0;
	return n;
}

/*
 * With no worker to serve (a database that is away), connections are closed
 * at once: the plugin stays silent instead of waiting, and FreeRADIUS with
 * it.
 */
static void
turn_away(const struct supervisor *s)
{
	int fd;

	while (
	    ready_workers(s) == 0 && (fd = accept4(s->listener.fd, NULL, NULL,
					  SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		(void)close(fd);
	while (!atomic_load(&s->shared->accountant_ready) &&
	       (fd = accept4(s->accounting.fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
		(void)close(fd);
}

/* Listening is the affair of those who serve, unless there are none. */
static void
wait_for_work(const struct supervisor *s)
{
	const bool workers = ready_workers(s) > 0;
	const bool accountant = atomic_load(&s->shared->accountant_ready);
	struct pollfd p[] = {{.fd = s->signal_fd, .events = POLLIN},
	    {.fd = workers ? -1 : s->listener.fd, .events = POLLIN},
	    {.fd = accountant ? -1 : s->accounting.fd, .events = POLLIN}};

	(void)poll(p, sizeof p / sizeof p[0],
	    workers && accountant ? TICK_MS : TICK_MS / 10);
}

static bool
asks(const struct child *c)
{
	return c->role == ROLE_CLERK || c->role == ROLE_WORKER ||
	       c->role == ROLE_ACCOUNTANT;
}

/* Those that ask others, or also those that are asked. */
static void
signal_children(struct supervisor *s, bool all, int number)
{
	size_t i;

	for (i = 0; i < s->n_children; i++) {
		if (s->child[i].pid != 0 && (all || asks(&s->child[i])))
			(void)kill(s->child[i].pid, number);
	}
}

/* Reads the configuration again; what cannot change while running stays. */
static void
reload(struct supervisor *s)
{
	char message[CONF_MESSAGE];
	struct config config;
	size_t i;

	(void)sd_notify(0, "RELOADING=1");
	memset(&config, 0, sizeof config);
	if (config_read(s->config_path, &config, message) != ERR_OK ||
	    config_words(&config, message) != ERR_OK) {
		log_error("configuration not taken over", "why", message);
		config_clear(&config);
	} else if (config.workers != s->config.workers ||
		   config.hashes != s->config.hashes ||
		   config.hash_waiters != s->config.hash_waiters ||
		   strcmp(config.socket, s->config.socket) != 0 ||
		   (config.ca_module[0] == '\0') !=
		       (s->config.ca_module[0] == '\0')) {
		log_error("configuration not taken over: workers, hashes, "
			  "hash_waiters, socket, and whether there is a "
			  "ca_module, need a restart");
		config_clear(&config);
	} else {
		config_clear(&s->config);
		s->config = config;
		log_open("authd", s->config.level);
		log_info("configuration taken over");
	}
	/* Also for the keys: the keyring reads them when it starts. */
	for (i = 0; i < s->n_children; i++) {
		s->child[i].replaced = true;
		if (s->child[i].pid != 0)
			(void)kill(s->child[i].pid, SIGTERM);
	}
	(void)sd_notify(0, "READY=1");
}

static void
stop(struct supervisor *s)
{
	int64_t deadline = clock_ms() + STOP_MS;
	bool killed = false;
	size_t i;

	(void)sd_notify(0, "STOPPING=1");
	for (i = 0; i < s->n_children; i++)
		s->child[i].replaced = true;
	/* Keyring and hashers last: what is under way may still need them. */
	signal_children(s, false, SIGTERM);
	for (;;) {
		size_t alive = 0;

		reap(s);
		for (i = 0; i < s->n_children; i++)
			alive += s->child[i].pid != 0 && asks(&s->child[i]);
		if (alive == 0)
			break;
		if (clock_ms() > deadline && !killed) {
			signal_children(s, true, SIGKILL);
			killed = true;
		}
		(void)poll(NULL, 0, 10);
	}
	signal_children(s, true, SIGTERM);
}

/* On a machine with many cores these are more than the usual 1024 files. */
static enum error
open_hash_pairs(struct supervisor *s)
{
	size_t n = (size_t)s->config.hashes * (size_t)s->config.workers, i;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	s->hash_pair = calloc(n, sizeof *s->hash_pair);
	if (s->hash_pair == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			s->hash_pair[i]) != 0)
			return ERR_SYSTEM;
	}
	return ERR_OK;
}

/*
 * Who each process is: those there is one of first, but for the CA, which is
 * last, if there is one.
 */
enum { SINGLE = 3 };
static void
name_child(struct supervisor *s, unsigned i)
{
	/* "authd[worker 3]" in the log */
	enum { PREFIX = sizeof "sekisho-" - 1 };
	struct child *c = &s->child[i];
	const unsigned hashers = (unsigned)s->config.hashes;

	const unsigned workers = (unsigned)s->config.workers;

	c->role = i == 0			   ? ROLE_KEYRING
		  : i == 1			   ? ROLE_CLERK
		  : i == 2			   ? ROLE_ACCOUNTANT
		  : i < SINGLE + hashers	   ? ROLE_HASHER
		  : i < SINGLE + hashers + workers ? ROLE_WORKER
						   : ROLE_CA;
	if (c->role == ROLE_HASHER)
		c->index = i - SINGLE;
	if (c->role == ROLE_WORKER)
		c->index = i - SINGLE - hashers;
	if (i < SINGLE || c->role == ROLE_CA)
		(void)snprintf(c->name, sizeof c->name, "authd[%s]",
		    processes[c->role] + PREFIX);
	else
		(void)snprintf(c->name, sizeof c->name, "authd[%s %u]",
		    processes[c->role] + PREFIX, c->index);
}

static enum error
prepare(struct supervisor *s)
{
	sigset_t set;
	size_t i;
	enum error err;

	err =
	    shared_new((unsigned)s->config.workers, (unsigned)s->config.hashes,
		(unsigned)s->config.hash_waiters, &s->shared);
	if (err != ERR_OK)
		return err;
	s->n_pairs = (size_t)s->config.workers + 1;
	for (i = 0; i < s->n_pairs; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			s->pair[i]) != 0)
			return ERR_SYSTEM;
	}
	err = open_hash_pairs(s);
	if (err != ERR_OK)
		return err;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		return ERR_SYSTEM;
	err = listener_open(&s->config, s->config.socket, &s->listener);
	if (err == ERR_OK)
		err = listener_open(
		    &s->config, s->config.account_socket, &s->accounting);
	if (err != ERR_OK)
		return err;
	s->n_children =
	    (size_t)s->config.workers + (size_t)s->config.hashes + SINGLE;
	s->ca_pair[0] = s->ca_pair[1] = -1;
	if (s->config.ca_module[0] != '\0') {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			s->ca_pair) != 0)
			return ERR_SYSTEM;
		s->n_children++;
	}
	for (i = 0; i < s->n_children; i++)
		name_child(s, (unsigned)i);
	return ERR_OK;
}

int
supervisor_main(const char *config_path, struct config *config)
{
	static struct supervisor s;
	struct signalfd_siginfo info;
	bool ending = false;

	s.config_path = config_path;
	s.config = *config;
	log_open("authd", s.config.level);
	if (prepare(&s) != ERR_OK) {
		log_error("cannot start", "socket", s.config.socket, "why",
		    log_errno());
		return EXIT_FAILURE;
	}
	log_info("starting", "version", SEKISHO_VERSION, "node", s.config.node);
	while (!ending) {
		start_missing(&s);
		wait_for_work(&s);
		turn_away(&s);
		while (read(s.signal_fd, &info, sizeof info) == sizeof info) {
			if (info.ssi_signo == SIGHUP)
				reload(&s);
			else if (info.ssi_signo != SIGCHLD)
				ending = true;
		}
		reap(&s);
		if (!s.announced && ready_workers(&s) > 0) {
			log_info("ready");
			(void)sd_notify(0, "READY=1");
			s.announced = true;
		}
	}
	stop(&s);
	if (s.listener.own)
		(void)unlink(s.config.socket);
	if (s.accounting.own)
		(void)unlink(s.config.account_socket);
	config_clear(&s.config);
	log_info("stopped");
	return EXIT_SUCCESS;
}
