/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>
#include <popt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cardtools/door/entry.h"
#include "cardtools/door/sensor.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/signature.h"

static char *config_path;
static int check_only, verbose, show_version;

static const struct poptOption options[] = {
    {"config", 'c', POPT_ARG_STRING, &config_path, 0,
	"configuration file (default " SEKISHO_SYSCONFDIR "/door-reader.conf)",
	"FILE"},
    {"check", 'n', POPT_ARG_NONE, &check_only, 0,
	"check the configuration, then end", NULL},
    {"verbose", 'v', POPT_ARG_NONE, &verbose, 0,
	"log heartbeats and what else goes well", NULL},
    {"version", 'V', POPT_ARG_NONE, &show_version, 0, "print the version",
	NULL},
    POPT_AUTOHELP POPT_TABLEEND};

static const char usage[] =
    "[OPTION...]\n\n"
    "Lets people through a door by their cards: a card proves itself to\n"
    "Sekisho's server, and with the server's word a command opens the door.\n"
    "One door a process, with its readers. Runs in the foreground; systemd\n"
    "starts it as sekisho-door-reader@NAME.service.\n";

/* One a reader, and one for the sensor. */
struct child {
	pid_t pid;
	int64_t started;
};

struct program {
	struct doorconf conf;
	struct secret *secret;
	struct radsec *radsec;
	struct child child[DOOR_READERS_MAX + 1];
};

static int
fail(const char *message)
{
	(void)fprintf(stderr, "sekisho-door-reader: %s\n", message);
	return EXIT_FAILURE;
}

/* Whoever is not root stays who he is. */
static enum error
drop(const struct doorconf *conf, char message[CONF_MESSAGE])
{
	uid_t uid;
	gid_t gid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
		return ERR_SYSTEM;
	if (geteuid() != 0)
		return ERR_OK;
	if (settings_user(conf->user, &uid, &gid) != ERR_OK || uid == 0) {
		(void)snprintf(message, CONF_MESSAGE,
		    "user %s is not there, or is root", conf->user);
		return ERR_CONFIG;
	}
	if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

/* In a process of its own; does not return. */
static void
serve(const struct program *p, size_t which, pid_t parent)
{
	struct radius radius = {.settings = &p->conf.radius,
	    .secret = p->secret,
	    .radsec = p->radsec,
	    .watched = -1};

	(void)prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGALRM, SIG_DFL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (which < p->conf.readers.n) {
		static struct reader reader;

		reader.conf = &p->conf;
		reader.names = &p->conf.readers.pair[which];
		reader.radius = radius;
		reader_serve(&reader);
	} else {
		sensor_serve(&p->conf, &radius);
	}
	_exit(EXIT_FAILURE);
}

static volatile sig_atomic_t stop;

static void
end(int number)
{
	(void)number;
	stop = 1;
}

static enum error
start(struct program *p, size_t which)
{
	const pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
		serve(p, which, parent);
	if (pid < 0)
		return ERR_SYSTEM;
	p->child[which].pid = pid;
	p->child[which].started = clock_ms();
	return ERR_OK;
}

/* A reader that hangs or falls must not shut the other one. */
static enum error
supervise(struct program *p)
{
	struct sigaction action = {.sa_handler = end};
	const size_t n = p->conf.readers.n + (p->conf.sensor.n > 0 ? 1 : 0);
	enum error err = ERR_OK;
	size_t i;

	if (sigaction(SIGTERM, &action, NULL) != 0 ||
	    sigaction(SIGINT, &action, NULL) != 0)
		return ERR_SYSTEM;
	for (i = 0; i < n && err == ERR_OK; i++)
		err = start(p, i);
	while (!stop && err == ERR_OK) {
		int status;
		pid_t pid = wait(&status);

		for (i = 0; pid > 0 && i < n; i++) {
			if (p->child[i].pid != pid)
				continue;
			p->child[i].pid = 0;
			log_error("a process ended and is started again",
			    "reader",
			    i < p->conf.readers.n ? p->conf.readers.pair[i].to
						  : "sensor");
			/* not as fast as it can fall */
			if (clock_ms() - p->child[i].started < 1000)
				(void)sleep(1);
			if (!stop)
				err = start(p, i);
		}
		if (pid < 0 && errno != EINTR)
			err = ERR_SYSTEM;
	}
	for (i = 0; i < n; i++) {
		if (p->child[i].pid > 0) {
			(void)kill(p->child[i].pid, SIGTERM);
			(void)waitpid(p->child[i].pid, NULL, 0);
		}
	}
	return err;
}

static int
run(struct program *p, const char *path)
{
	char message[CONF_MESSAGE] = "";
	enum error err;

	err = doorconf_read(path, &p->conf, message);
	if (err == ERR_OK)
		err = settings_secret(&p->conf.radius, &p->secret, message);
	if (err == ERR_OK && p->conf.radius.radsec_name[0] != '\0')
		err = radsec_new(&p->conf.radius, &p->radsec, message);
	if (err == ERR_OK && packet_init(p->conf.radius.dictionary) != ERR_OK) {
		(void)snprintf(message, sizeof message, "dictionary %s: %s",
		    p->conf.radius.dictionary, packet_fault());
		err = ERR_CONFIG;
	}
	if (err == ERR_OK && check_only) {
		(void)printf("the configuration is good\n");
		return EXIT_SUCCESS;
	}
	if (err == ERR_OK)
		err = drop(&p->conf, message);
	if (err == ERR_OK)
		err = signature_init();
	if (err != ERR_OK)
		return fail(message[0] != '\0' ? message : error_text(err));
	if (p->conf.pcsc_socket[0] != '\0' &&
	    setenv("PCSCLITE_CSOCK_NAME", p->conf.pcsc_socket, 1) != 0)
		return fail("out of memory");
	log_open("door-reader", verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	err = supervise(p);
	return err == ERR_OK ? EXIT_SUCCESS : fail(error_text(err));
}

int
main(int argc, const char **argv)
{
	struct program program = {.secret = NULL};
	poptContext pop;
	int rc, code;

	if (sodium_init() < 0)
		return fail("libsodium does not start");
	pop = poptGetContext("sekisho-door-reader", argc, argv, options, 0);
	poptSetOtherOptionHelp(pop, usage);
	rc = poptGetNextOpt(pop);
	if (rc != -1 || poptPeekArg(pop) != NULL) {
		(void)fprintf(stderr, "sekisho-door-reader: %s: %s\n",
		    rc != -1 ? poptBadOption(pop, POPT_BADOPTION_NOALIAS)
			     : poptPeekArg(pop),
		    rc != -1 ? poptStrerror(rc) : "is not an option");
		poptFreeContext(pop);
		return 2;
	}
	poptFreeContext(pop);
	if (show_version) {
		(void)printf("sekisho-door-reader %s\n", SEKISHO_VERSION);
		return EXIT_SUCCESS;
	}
	secret_harden_process();
	code = run(&program, config_path != NULL ? config_path
						 : SEKISHO_SYSCONFDIR
				 "/door-reader.conf");
	radsec_free(&program.radsec);
	secret_free(&program.secret);
	doorconf_clear(&program.conf);
	free(config_path);
	return code;
}
