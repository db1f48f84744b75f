/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-hash - bare libsodium Argon2id: what the cores could do at most.
 * One process a core hashes until the time is over.
 */
#include <popt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/crypto/pwhash.h"

static int processes, seconds = 3;
static struct pwhash_cost cost = {2, 19456};

static const struct poptOption options[] = {
    {"processes", 'p', POPT_ARG_INT, &processes, 0,
	"how many hash at a time (default: one a core)", "N"},
    {"seconds", 's', POPT_ARG_INT, &seconds, 0, "how long (default 3)", "S"},
    POPT_AUTOHELP POPT_TABLEEND};

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Hashes until the end; writes hashes per second to fd. */
static int
hash(int fd)
{
	static const unsigned char salt[PWHASH_SALT];
	unsigned char tag[PWHASH_TAG];
	double start = now(), end = start, rate;
	unsigned n;

	for (n = 0; end - start < seconds; n++, end = now()) {
		if (pwhash_tag(&cost, salt, "password", 8, tag) != ERR_OK)
			return EXIT_FAILURE;
	}
	rate = n / (end - start);
	return write(fd, &rate, sizeof rate) == sizeof rate ? EXIT_SUCCESS
							    : EXIT_FAILURE;
}

int
main(int argc, const char **argv)
{
	poptContext popt = poptGetContext(NULL, argc, argv, options, 0);
	int rc = poptGetNextOpt(popt), fd[2], i, status, failed = 0;
	double sum = 0, rate;

	(void)poptFreeContext(popt);
	if (rc < -1 || seconds < 1 || processes < 0 || processes > 256) {
		(void)fprintf(stderr, "bench-hash: see --help\n");
		return 2;
	}
	if (processes == 0)
		processes = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (sodium_init() < 0 || pipe(fd) != 0)
		return EXIT_FAILURE;
	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(hash(fd[1]));
		failed += pid < 0;
	}
	(void)close(fd[1]);
	while (wait(&status) > 0)
		failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	while (read(fd[0], &rate, sizeof rate) == sizeof rate)
		sum += rate;
	if (failed > 0)
		return EXIT_FAILURE;
	(void)printf("{\"processes\": %d, \"per_second\": %.3f, "
		     "\"ms_each\": %.3f}\n",
	    processes, sum, 1000 * processes / sum);
	return EXIT_SUCCESS;
}
