/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <popt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/config.h"
#include "authd/keys.h"
#include "authd/supervisor.h"
#include "common/base/hex.h"

static char *config_path;
static int check_only, show_version;

static const struct poptOption options[] = {
    {"config", 'c', POPT_ARG_STRING, &config_path, 0,
	"configuration file (default " SEKISHO_SYSCONFDIR "/authd.conf)",
	"FILE"},
    {"check", 'n', POPT_ARG_NONE, &check_only, 0,
	"check the configuration and the keys, then end", NULL},
    {"version", 'V', POPT_ARG_NONE, &show_version, 0, "print the version",
	NULL},
    POPT_AUTOHELP POPT_TABLEEND};

static const char usage[] =
    "[OPTION...]\n"
    "  or:  sekisho-authd [OPTION...] keys init|rotate|show|audit\n"
    "  or:  sekisho-authd [OPTION...] keys retire OLDEST-TO-KEEP\n"
    "\n"
    "Decides who may log in. Runs in the foreground; systemd starts it as\n"
    "sekisho-authd.service. 'keys' makes, renews, shows and destroys the\n"
    "keyring's keys; after 'rotate' send SIGHUP (systemctl reload), and what\n"
    "was sealed to old keys is sealed anew while logins go on. 'keys audit'\n"
    "shows the public key for sekisho-audit, and makes it if there is none.\n";

static int
fail(const char *message)
{
	(void)fprintf(stderr, "sekisho-authd: %s\n", message);
	return EXIT_FAILURE;
}

/* Version and fingerprint of every public key, the newest last. */
static int
show_keys(const char *folder)
{
	char message[KEYS_MESSAGE], text[SEAL_FINGERPRINT];
	struct keys *keys = NULL;
	size_t i;

	if (keys_load(folder, &keys, message) != ERR_OK)
		return fail(message);
	for (i = 0; i < keys->n; i++) {
		seal_fingerprint(keys->key[i].public_key, text);
		(void)printf("%u\t%s\t%s\n", keys->key[i].version, text,
		    i + 1 == keys->n ? "current" : "old");
	}
	keys_free(&keys);
	return EXIT_SUCCESS;
}

static int
keys_command(const struct config *config, const char **args)
{
	static const char say[] =
	    "keys: say init, rotate, show, audit or retire";
	char message[KEYS_MESSAGE];
	unsigned version;

	if (args[1] == NULL)
		return fail(say);
	if (strcmp(args[1], "show") == 0)
		return show_keys(config->keys);
	if (strcmp(args[1], "init") == 0) {
		if (keys_init(config->keys, message) != ERR_OK)
			return fail(message);
		return show_keys(config->keys);
	}
	if (strcmp(args[1], "rotate") == 0) {
		if (keys_rotate(config->keys, &version, message) != ERR_OK)
			return fail(message);
		(void)fprintf(stderr,
		    "Key %u made. Copy the folder to the other nodes, then "
		    "send SIGHUP to authd on each.\n",
		    version);
		return show_keys(config->keys);
	}
	if (strcmp(args[1], "retire") == 0) {
		if (args[2] == NULL || sscanf(args[2], "%u", &version) != 1)
			return fail(
			    "keys retire: name the oldest version to keep");
		if (keys_retire(config->keys, version, message) != ERR_OK)
			return fail(message);
		return show_keys(config->keys);
	}
	if (strcmp(args[1], "audit") == 0) {
		unsigned char key[STATEMENT_PUBLIC_KEY];
		char text[2 * STATEMENT_PUBLIC_KEY + 1];

		if (keys_audit(config->keys, key, message) != ERR_OK)
			return fail(message);
		hex_encode(key, sizeof key, text);
		(void)printf("%s\n", text);
		return EXIT_SUCCESS;
	}
	return fail(say);
}

/* What -n checks beyond the file itself. */
static int
check(const struct config *config)
{
	char message[KEYS_MESSAGE];
	struct keys *keys = NULL;

	if (keys_load(config->keys, &keys, message) != ERR_OK)
		return fail(message);
	keys_free(&keys);
	(void)printf("configuration and keys are good\n");
	return EXIT_SUCCESS;
}

int
main(int argc, const char **argv)
{
	char message[CONF_MESSAGE];
	struct config config;
	poptContext pop;
	const char **args;
	int rc, code;

	if (sodium_init() < 0)
		return fail("libsodium does not start");
	pop = poptGetContext("sekisho-authd", argc, argv, options, 0);
	poptSetOtherOptionHelp(pop, usage);
	rc = poptGetNextOpt(pop);
	if (rc != -1) {
		(void)fprintf(stderr, "sekisho-authd: %s: %s\n",
		    poptBadOption(pop, POPT_BADOPTION_NOALIAS),
		    poptStrerror(rc));
		poptFreeContext(pop);
		return 2;
	}
	args = poptGetArgs(pop);
	if (show_version) {
		(void)printf("sekisho-authd %s\n", SEKISHO_VERSION);
		poptFreeContext(pop);
		return EXIT_SUCCESS;
	}
	if (config_path == NULL &&
	    access(SEKISHO_SYSCONFDIR "/authd.conf", R_OK) == 0)
		config_path = strdup(SEKISHO_SYSCONFDIR "/authd.conf");
	if (config_read(config_path, &config, message) != ERR_OK) {
		code = fail(message);
	} else if (args != NULL && args[0] != NULL) {
		code = strcmp(args[0], "keys") == 0
			   ? keys_command(&config, args)
			   : fail("unknown command; see --help");
		config_clear(&config);
	} else if (config_words(&config, message) != ERR_OK) {
		code = fail(message);
		config_clear(&config);
	} else if (check_only) {
		code = check(&config);
		config_clear(&config);
	} else {
		code = supervisor_main(config_path, &config);
	}
	poptFreeContext(pop);
	free(config_path);
	return code;
}
