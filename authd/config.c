/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/config.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/rules/name.h"

#define AT(field) offsetof(struct config, field)

const struct conf_setting config_table[] = {
    {"socket", CONF_STRING, AT(socket), 1, 107, "/run/sekisho/authd.sock"},
    {"socket_group", CONF_STRING, AT(socket_group), 0, 32, ""},
    {"plugin_user", CONF_STRING, AT(plugin_user), 1, 32, "freerad"},
    {"user", CONF_STRING, AT(user), 0, 32, ""},
    {"keys", CONF_STRING, AT(keys), 1, 255, SEKISHO_SYSCONFDIR "/keys"},
    {"database", CONF_STRING, AT(database), 0, 1024, "dbname=sekisho"},
    {"clerk_database", CONF_STRING, AT(clerk_database), 0, 1024, ""},
    {"node", CONF_STRING, AT(node), 0, 64, ""},
    {"server_id", CONF_STRING, AT(server_id), 1, 64, "sekisho"},
    {"realms", CONF_STRING, AT(realms), 0, 255, ""},
    {"contact", CONF_STRING, AT(contact), 0, 64, ""},
    {"log_level", CONF_STRING, AT(log_level), 4, 5, "info"},
    {"workers", CONF_INT, AT(workers), 2, 200, "40"},
    {"hashes", CONF_INT, AT(hashes), 0, 64, "0"},
    {"hash_waiters", CONF_INT, AT(hash_waiters), 1, 128, "24"},
    {"hash_wait_ms", CONF_INT, AT(hash_wait_ms), 100, 20000, "4000"},
    {"source_burst", CONF_INT, AT(source_burst), 1, 10000, "30"},
    {"source_rate", CONF_INT, AT(source_rate), 1, 10000, "30"},
    {"source_persons", CONF_INT, AT(source_persons), 1, 200, "40"},
    {"database_timeout_ms", CONF_INT, AT(database_timeout_ms), 100, 30000,
	"3000"},
    {"worker_requests", CONF_INT, AT(worker_requests), 0, 1000000000, "0"},
    {"ca_module", CONF_STRING, AT(ca_module), 0, 255, ""},
    {"ca_token", CONF_STRING, AT(ca_token), 0, 32, ""},
    {"ca_pin_file", CONF_STRING, AT(ca_pin_file), 0, 255, ""},
    {"ca_key", CONF_STRING, AT(ca_key), 1, 64, "sekisho-card-ca"},
    {"ca_user", CONF_STRING, AT(ca_user), 0, 32, ""},
    {"ca_network", CONF_BOOL, AT(ca_network), 0, 0, "false"},
    {"disconnect_address", CONF_STRING, AT(disconnect_address), 0, 45, ""},
    {"audit_anchor", CONF_STRING, AT(audit_anchor), 0, 200, ""},
    {"words", CONF_STRING, AT(words), 1, 255, SEKISHO_DATADIR "/words"},
    {"house_words", CONF_STRING, AT(house_words), 0, 255, ""},
    {"crl_path", CONF_STRING, AT(crl_path), 0, 200, ""},
    {NULL, CONF_INT, 0, 0, 0, NULL},
};

static enum error
derive_ca(const char *name, struct config *config, char *message)
{
	const struct passwd *pw;

	config->ca_uid = config->uid;
	config->ca_gid = config->gid;
	if (config->ca_module[0] != '\0' &&
	    (config->ca_token[0] == '\0' || config->ca_pin_file[0] == '\0')) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: ca_module needs ca_token and ca_pin_file", name);
		return ERR_CONFIG;
	}
	if (config->ca_user[0] == '\0')
		return ERR_OK;
	pw = getpwnam(config->ca_user);
	if (pw == NULL) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: ca_user: there is no user '%s'", name,
		    config->ca_user);
		return ERR_CONFIG;
	}
	config->ca_uid = pw->pw_uid;
	config->ca_gid = pw->pw_gid;
	return ERR_OK;
}

/*
 * Of a parameter given twice libpq takes the last. A URI cannot be added to in
 * this way; there the clerk's must be given, or it is the workers'.
 */
static enum error
derive_clerk(struct config *config)
{
	const bool uri = strncmp(config->database, "postgres://", 11) == 0 ||
			 strncmp(config->database, "postgresql://", 13) == 0;
	char *text;

	config->clerk_derived = config->clerk_database[0] == '\0';
	if (!config->clerk_derived)
		return ERR_OK;
	if (asprintf(&text, "%s%s", config->database,
		uri ? "" : " user=sekisho_clerk") < 0)
		return ERR_NOMEM;
	free(config->clerk_database);
	config->clerk_database = text;
	return ERR_OK;
}

static enum error
derive_realms(const char *name, struct config *config, char *message)
{
	char *realms;
	enum error err = name_realms(config->realms, &realms);

	if (err == ERR_INPUT) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: realms are words with blanks between, such as "
		    "hospital.example HOSPITAL",
		    name);
		return ERR_CONFIG;
	}
	if (err != ERR_OK)
		return err;
	free(config->realms);
	config->realms = realms;
	return ERR_OK;
}

static bool
is_address(const char *text)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, text, octets) == 1 ||
	       inet_pton(AF_INET6, text, octets) == 1;
}

static enum error
derive(const char *path, struct config *config, char *message)
{
	static const char *const levels[] = {"error", "warn", "info", "debug"};
	const char *name = path == NULL ? "defaults" : path;
	const struct passwd *pw;
	enum error err;
	size_t i;

	for (i = 0; i < 4 && strcmp(levels[i], config->log_level) != 0; i++)
		;
	if (i == 4) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: log_level must be error, warn, info or debug", name);
		return ERR_CONFIG;
	}
	config->level = (enum log_level)i;
	if (packet_account_path(config->socket, config->account_socket) !=
	    ERR_OK) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: socket: the folder's name is too long for "
		    "account.sock, which lies beside it",
		    name);
		return ERR_CONFIG;
	}
	if (config->hashes == 0) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);

		config->hashes = cores > 64 ? 64 : cores < 1 ? 1 : (int)cores;
	}
	if (config->hash_waiters + config->hashes >= config->workers) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: workers (%d) must be more than hash_waiters (%d) and "
		    "hashes (%d) together, or light requests would wait for "
		    "heavy ones",
		    name, config->workers, config->hash_waiters,
		    config->hashes);
		return ERR_CONFIG;
	}
	if (config->disconnect_address[0] != '\0' &&
	    !is_address(config->disconnect_address)) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: disconnect_address: '%s' is no IP address of this "
		    "machine's",
		    name, config->disconnect_address);
		return ERR_CONFIG;
	}
	pw = getpwnam(config->plugin_user);
	if (pw == NULL) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: plugin_user: there is no user '%s'", name,
		    config->plugin_user);
		return ERR_CONFIG;
	}
	config->plugin_uid = pw->pw_uid;
	config->uid = geteuid();
	config->gid = getegid();
	if (config->user[0] != '\0') {
		pw = getpwnam(config->user);
		if (pw == NULL) {
			(void)snprintf(message, CONF_MESSAGE,
			    "%s: user: there is no user '%s'", name,
			    config->user);
			return ERR_CONFIG;
		}
		config->uid = pw->pw_uid;
		config->gid = pw->pw_gid;
	} else if (config->uid == 0) {
		(void)snprintf(message, CONF_MESSAGE,
		    "%s: user: name the user to run as; authd does not serve "
		    "as root",
		    name);
		return ERR_CONFIG;
	}
	if (config->node[0] == '\0') {
		char host[65] = "";

		(void)gethostname(host, sizeof host - 1);
		free(config->node);
		config->node = strdup(host);
		if (config->node == NULL)
			return ERR_NOMEM;
	}
	if (derive_clerk(config) != ERR_OK)
		return ERR_NOMEM;
	err = derive_realms(name, config, message);
	if (err != ERR_OK)
		return err;
	return derive_ca(name, config, message);
}

enum error
config_read(
    const char *path, struct config *ret_config, char message[CONF_MESSAGE])
{
	struct config config;
	enum error err;

	memset(&config, 0, sizeof config);
	err = conf_read(path, config_table, &config, message);
	if (err == ERR_OK)
		err = derive(path, &config, message);
	if (err == ERR_OK)
		*ret_config = config;
	else
		conf_clear(config_table, &config);
	return err;
}

enum error
config_words(struct config *config, char message[CONF_MESSAGE])
{
	char why[CONF_MESSAGE - 64];
	enum error err = words_open(config->words, config->house_words,
	    &config->dictionary, why, sizeof why);

	if (err != ERR_OK)
		(void)snprintf(message, CONF_MESSAGE,
		    "authd.conf, words and house_words: %s", why);
	return err;
}

void
config_clear(struct config *config)
{
	words_close(&config->dictionary);
	conf_clear(config_table, config);
}
