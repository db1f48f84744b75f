/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <popt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "cardtools/feed/feed.h"
#include "common/base/log.h"

static char *config_path;
static int check_only, dry_run, show_version;
static volatile sig_atomic_t stop;

static const struct poptOption options[] = {
    {"config", 'c', POPT_ARG_STRING, &config_path, 0,
	"configuration file (default " SEKISHO_SYSCONFDIR "/doorfeed.conf)",
	"FILE"},
    {"check", 'n', POPT_ARG_NONE, &check_only, 0,
	"check the configuration, then end", NULL},
    {"dry-run", 0, POPT_ARG_NONE, &dry_run, 0,
	"write the events to standard output, without a database", NULL},
    {"version", 'V', POPT_ARG_NONE, &show_version, 0, "print the version",
	NULL},
    POPT_AUTOHELP POPT_TABLEEND};

static const char usage[] =
    "[OPTION...]\n\n"
    "Brings what an access-control system says of its doors into Sekisho's\n"
    "database: one source a process. Runs in the foreground; systemd starts\n"
    "it as sekisho-doorfeed@NAME.service.\n";

static int
fail(const char *message)
{
	(void)fprintf(stderr, "sekisho-doorfeed: %s\n", message);
	return EXIT_FAILURE;
}

static void
end(int number)
{
	(void)number;
	stop = 1;
}

static enum error
catch_signals(void)
{
	struct sigaction action = {.sa_handler = end};

	/* no SA_RESTART: whoever waits is to notice */
	if (sigaction(SIGTERM, &action, NULL) != 0 ||
	    sigaction(SIGINT, &action, NULL) != 0)
		return ERR_SYSTEM;
	/* a peer that closes must not end the feed */
	action.sa_handler = SIG_IGN;
	return sigaction(SIGPIPE, &action, NULL) == 0 ? ERR_OK : ERR_SYSTEM;
}

static enum error
open_input(const struct feedconf *conf, struct input **ret_input,
    char message[CONF_MESSAGE])
{
	message[0] = '\0';
	switch (conf->input) {
	case FEED_STDIN:
		return input_stdin(conf, ret_input);
	case FEED_FILE:
		return input_file(conf, ret_input);
	case FEED_TLS:
		return input_tls(conf, check_only != 0, ret_input, message);
	}
	return ERR_CONFIG;
}

static int
run(const struct feedconf *conf)
{
	char message[CONF_MESSAGE];
	struct input *input = NULL;
	enum error err;

	log_open("doorfeed", LOG_LEVEL_INFO);
	if (catch_signals() != ERR_OK)
		return fail("signals cannot be caught");
	err = open_input(conf, &input, message);
	if (err != ERR_OK)
		return fail(message[0] != '\0' ? message : error_text(err));
	/* certificates and key were read for it */
	if (check_only)
		(void)printf("the configuration is good\n");
	else if (dry_run)
		err = feed_dry_run(conf, input, &stop);
	else
		err = feed_run(conf, input, &stop);
	input->kind->close(&input);
	return err == ERR_OK ? EXIT_SUCCESS : fail(error_text(err));
}

int
main(int argc, const char **argv)
{
	char message[CONF_MESSAGE];
	struct feedconf conf = {0};
	poptContext pop;
	int rc, code;

	if (sodium_init() < 0)
		return fail("libsodium does not start");
	pop = poptGetContext("sekisho-doorfeed", argc, argv, options, 0);
	poptSetOtherOptionHelp(pop, usage);
	rc = poptGetNextOpt(pop);
	if (rc != -1 || poptPeekArg(pop) != NULL) {
		(void)fprintf(stderr, "sekisho-doorfeed: %s: %s\n",
		    rc != -1 ? poptBadOption(pop, POPT_BADOPTION_NOALIAS)
			     : poptPeekArg(pop),
		    rc != -1 ? poptStrerror(rc) : "is not an option");
		poptFreeContext(pop);
		return 2;
	}
	poptFreeContext(pop);
	if (show_version) {
		(void)printf("sekisho-doorfeed %s\n", SEKISHO_VERSION);
		return EXIT_SUCCESS;
	}
	if (feedconf_read(config_path != NULL ? config_path
					      : SEKISHO_SYSCONFDIR
			      "/doorfeed.conf",
		&conf, message) != ERR_OK)
		code = fail(message);
	else
		code = run(&conf);
	feedconf_clear(&conf);
	free(config_path);
	return code;
}
