/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/door/doorconf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/hex.h"
#include "common/base/utf8.h"
#include "common/wire/entry.h"

#define AT(field) offsetof(struct doorconf, field)

static const struct conf_setting table[] = {
    {"servers", CONF_STRING, AT(radius.servers_text), 1, 255, NULL},
    {"accounting_port", CONF_INT, AT(radius.accounting_port), 0, 65535, "0"},
    {"source_address", CONF_STRING, AT(radius.source_address), 0, 45, ""},
    {"secret_file", CONF_STRING, AT(radius.secret_file), 1, 255,
	SEKISHO_SYSCONFDIR "/door-reader.secret"},
    {"radsec_name", CONF_STRING, AT(radius.radsec_name), 0, 253, ""},
    {"radsec_ca", CONF_STRING, AT(radius.radsec_ca), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/ca.pem"},
    {"radsec_certificate", CONF_STRING, AT(radius.radsec_certificate), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/door.pem"},
    {"radsec_key", CONF_STRING, AT(radius.radsec_key), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/door.key"},
    {"timeout_ms", CONF_INT, AT(radius.timeout_ms), 100, 10000, "1000"},
    {"tries", CONF_INT, AT(radius.tries), 1, 10, "2"},
    {"nas_identifier", CONF_STRING, AT(radius.nas_identifier), 0, 253, ""},
    {"client_id", CONF_STRING, AT(radius.client_id), 36, 36, NULL},
    {"server_id", CONF_STRING, AT(radius.server_id), 0, 247, ""},
    {"readers", CONF_PAIRS, AT(readers), 0, DOOR_READERS_MAX, ""},
    {"open", CONF_LIST, AT(open), 0, DOOR_ARGS_MAX, ""},
    {"refused", CONF_LIST, AT(refused), 0, DOOR_ARGS_MAX, ""},
    {"sensor", CONF_LIST, AT(sensor), 0, DOOR_ARGS_MAX, ""},
    {"when_lost", CONF_STRING, AT(when_lost), 4, 4, "shut"},
    {"open_timeout_ms", CONF_INT, AT(open_timeout_ms), 100, 60000, "5000"},
    {"heartbeat_s", CONF_INT, AT(heartbeat_s), 5, 3600, "30"},
    {"pcsc_socket", CONF_STRING, AT(pcsc_socket), 0, 107, ""},
    {"user", CONF_STRING, AT(user), 0, 32, "_sekisho_door"},
    {"dictionary", CONF_STRING, AT(radius.dictionary), 1, 255,
	SEKISHO_DATADIR "/terminal"},
    {0},
};

static const char *
check_readers(const struct conf_pairs *readers)
{
	size_t i, k;

	if (readers->n == 0)
		return "readers is missing: ( (\"reader as pcscd calls it\", "
		       "\"name in Sekisho\") )";
	for (i = 0; i < readers->n; i++) {
		const char *name = readers->pair[i].to;

		if (readers->pair[i].from[0] == '\0' || name[0] == '\0' ||
		    strlen(name) > ENTRY_READER_MAX || !utf8_plain(name))
			return "readers: a name is empty, too long, or has "
			       "characters that cannot be seen";
		for (k = 0; k < i; k++) {
			if (strcmp(readers->pair[k].to, name) == 0 ||
			    strcmp(readers->pair[k].from,
				readers->pair[i].from) == 0)
				return "readers: one stands there twice";
		}
	}
	return NULL;
}

static const char *
check_command(const struct conf_list *command)
{
	return command->n > 0 && command->text[0][0] != '/'
		   ? "open, refused and sensor begin with a path from the root"
		   : NULL;
}

static enum error
derive(const char *name, struct doorconf *c, char *message)
{
	const char *fault = settings_radius(&c->radius);

	if (fault == NULL)
		fault = check_readers(&c->readers);
	if (fault == NULL && c->open.n == 0)
		fault = "open is missing: the command that opens the door";
	if (fault == NULL)
		fault = check_command(&c->open);
	if (fault == NULL)
		fault = check_command(&c->refused);
	if (fault == NULL)
		fault = check_command(&c->sensor);
	c->lists = strcmp(c->when_lost, "list") == 0;
	if (fault == NULL && !c->lists && strcmp(c->when_lost, "shut") != 0)
		fault = "when_lost must be shut or list";
	if (fault == NULL && c->radius.nas_identifier[0] == '\0') {
		char host[65] = "";

		(void)gethostname(host, sizeof host - 1);
		free(c->radius.nas_identifier);
		c->radius.nas_identifier =
		    strdup(host[0] != '\0' ? host : "door");
		if (c->radius.nas_identifier == NULL)
			return ERR_NOMEM;
	}
	if (fault == NULL)
		return ERR_OK;
	(void)snprintf(message, CONF_MESSAGE, "%s: %s", name, fault);
	return ERR_CONFIG;
}

enum error
doorconf_read(
    const char *path, struct doorconf *conf, char message[CONF_MESSAGE])
{
	enum error err = conf_read(path, table, conf, message);

	return err == ERR_OK ? derive(path, conf, message) : err;
}

enum error
doorconf_read_text(
    const char *text, struct doorconf *conf, char message[CONF_MESSAGE])
{
	enum error err = conf_read_text("text", text, table, conf, message);

	return err == ERR_OK ? derive("text", conf, message) : err;
}

void
doorconf_clear(struct doorconf *conf)
{
	conf_clear(table, conf);
}
