/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/hex.h"

#define AT(field) offsetof(struct settings, field)

const struct conf_setting settings_table[] = {
    {"servers", CONF_STRING, AT(servers_text), 1, 255, NULL},
    {"source_address", CONF_STRING, AT(source_address), 0, 45, ""},
    {"secret_file", CONF_STRING, AT(secret_file), 1, 255,
	SEKISHO_SYSCONFDIR "/radius.secret"},
    {"radsec_name", CONF_STRING, AT(radsec_name), 0, 253, ""},
    {"radsec_ca", CONF_STRING, AT(radsec_ca), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/ca.pem"},
    {"radsec_certificate", CONF_STRING, AT(radsec_certificate), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/terminal.pem"},
    {"radsec_key", CONF_STRING, AT(radsec_key), 1, 255,
	SEKISHO_SYSCONFDIR "/radsec/terminal.key"},
    {"timeout_ms", CONF_INT, AT(timeout_ms), 100, 30000, "4000"},
    {"tries", CONF_INT, AT(tries), 1, 10, "3"},
    {"nas_identifier", CONF_STRING, AT(nas_identifier), 0, 253, ""},
    {"client_id", CONF_STRING, AT(client_id), 0, 36, ""},
    {"server_id", CONF_STRING, AT(server_id), 0, 253, ""},
    {"language", CONF_STRING, AT(language), 2, 4, "auto"},
    {"contact", CONF_STRING, AT(contact), 0, 64, ""},
    {"card", CONF_BOOL, AT(card), 0, 0, "true"},
    {"module", CONF_STRING, AT(module), 1, 255,
	"/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"},
    {"opensc_conf", CONF_STRING, AT(opensc_conf), 0, 255,
	SEKISHO_DATADIR "/terminal/opensc.conf"},
    {"pcsc_socket", CONF_STRING, AT(pcsc_socket), 0, 107, ""},
    {"certificate_id", CONF_STRING, AT(certificate_id), 0, 64, "01"},
    {"certificate_label", CONF_STRING, AT(certificate_label), 0, 64, ""},
    {"certificate_issuer", CONF_STRING, AT(certificate_issuer), 0, 128, ""},
    {"rsa_padding", CONF_STRING, AT(rsa_padding), 3, 5, "pkcs1"},
    {"card_pin", CONF_BOOL, AT(card_pin), 0, 0, "true"},
    {"renew_days", CONF_INT, AT(renew_days), 0, 365, "30"},
    {"badge", CONF_BOOL, AT(badge), 0, 0, "false"},
    {"fido2", CONF_BOOL, AT(fido2), 0, 0, "false"},
    {"fido2_devices", CONF_LIST, AT(fido2_devices), 0, 8, ""},
    {"fido2_touch_s", CONF_INT, AT(fido2_touch_s), 5, 60, "30"},
    {"fido2_user", CONF_STRING, AT(fido2_user), 0, 32, "sekisho-fido2"},
    {"card_timeout_ms", CONF_INT, AT(card_timeout_ms), 1000, 60000, "15000"},
    {"wait_card_s", CONF_INT, AT(wait_card_s), 0, 3600, "0"},
    {"pin_tries", CONF_INT, AT(pin_tries), 1, 5, "3"},
    {"user", CONF_STRING, AT(user), 0, 32, "sekisho-terminal"},
    {"card_user", CONF_STRING, AT(card_user), 0, 32, "sekisho-card"},
    {"accounting", CONF_BOOL, AT(accounting), 0, 0, "true"},
    {"accounting_port", CONF_INT, AT(accounting_port), 0, 65535, "0"},
    {"interim_s", CONF_INT, AT(interim_s), 0, 86400, "600"},
    {"session_dir", CONF_STRING, AT(session_dir), 1, 60,
	"/run/sekisho-terminal"},
    {"on_removal", CONF_STRING, AT(on_removal), 0, 255,
	"/usr/bin/loginctl lock-session"},
    {"on_end", CONF_STRING, AT(on_end), 0, 255, ""},
    {"on_insert", CONF_STRING, AT(on_insert), 0, 255, ""},
    {"dictionary", CONF_STRING, AT(dictionary), 1, 255,
	SEKISHO_DATADIR "/terminal"},
    {"helpers", CONF_STRING, AT(helpers), 1, 255, SEKISHO_LIBEXECDIR},
    {"log_level", CONF_STRING, AT(log_level), 4, 5, "info"},
    {NULL, CONF_INT, 0, 0, 0, NULL},
};

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, len octets of it. */
static bool
take_server(const char *text, size_t len, int preset, struct server *ret_server)
{
	unsigned char address[sizeof(struct in6_addr)];
	const char *end = text + len, *host = text, *host_end, *port;
	size_t host_len, port_len;
	int family = AF_INET;
	long number;

	if (len > 0 && text[0] == '[') {
		host = text + 1;
		host_end = memchr(text, ']', len);
		if (host_end == NULL)
			return false;
		port = host_end + 1;
		family = AF_INET6;
	} else {
		port = memchr(text, ':', len);
		/* Two colons and no brackets: an address without a port. */
		if (port != NULL &&
		    memchr(port + 1, ':', (size_t)(end - port - 1)) != NULL) {
			family = AF_INET6;
			port = NULL;
		}
		host_end = port = port == NULL ? end : port;
	}
	host_len = (size_t)(host_end - host);
	if (host_len >= sizeof ret_server->host)
		return false;
	memcpy(ret_server->host, host, host_len);
	ret_server->host[host_len] = '\0';
	/* A name would have to be asked for, for who knows how long. */
	if (inet_pton(family, ret_server->host, address) != 1)
		return false;
	if (port == end) {
		(void)snprintf(
		    ret_server->port, sizeof ret_server->port, "%d", preset);
		return true;
	}
	port_len = (size_t)(end - port - 1);
	if (*port != ':' || port_len == 0 ||
	    port_len >= sizeof ret_server->port ||
	    strspn(port + 1, "0123456789") < port_len)
		return false;
	memcpy(ret_server->port, port + 1, port_len);
	ret_server->port[port_len] = '\0';
	number = strtol(ret_server->port, NULL, 10);
	return number >= 1 && number <= 65535;
}

/* RFC 2866 3: 1813 where authentication has 1812, and so beside other ports. */
static void
derive_account_ports(struct settings *s)
{
	size_t i;

	for (i = 0; i < s->n_servers; i++) {
		long port = strtol(s->servers[i].port, NULL, 10) + 1;

		if (s->accounting_port != 0)
			port = s->accounting_port;
		else if (port > 65535)
			port = RADIUS_PORT + 1;
		(void)snprintf(s->servers[i].account_port,
		    sizeof s->servers[i].account_port, "%u",
		    (unsigned)(uint16_t)port);
	}
}

static enum error
take_servers(const char *text, int preset,
    struct server ret_servers[SERVERS_MAX], size_t *ret_n)
{
	const char *at = text;
	size_t n = 0;

	while (at[strspn(at, ", ")] != '\0') {
		size_t len;

		at += strspn(at, ", ");
		len = strcspn(at, ", ");
		if (n == SERVERS_MAX ||
		    !take_server(at, len, preset, &ret_servers[n++]))
			return ERR_CONFIG;
		at += len;
	}
	*ret_n = n;
	return ERR_OK;
}

/* What the client needs that asks; NULL if all is well. */
const char *
settings_radius(struct settings *s)
{
	int preset = s->radsec_name[0] != '\0' ? RADSEC_PORT : RADIUS_PORT;
	struct in6_addr address;

	if (take_servers(s->servers_text, preset, s->servers, &s->n_servers) !=
	    ERR_OK)
		return "servers must be one to four addresses, each with "
		       ":PORT or without";
	if (s->n_servers == 0)
		return "servers is empty";
	if (s->source_address[0] != '\0' &&
	    inet_pton(AF_INET, s->source_address, &address) != 1 &&
	    inet_pton(AF_INET6, s->source_address, &address) != 1)
		return "source_address must be an address in numbers";
	derive_account_ports(s);
	if ((long)s->n_servers * s->tries * s->timeout_ms >
	    SETTINGS_PATIENCE_MS)
		return "servers x tries x timeout_ms is more than 90 seconds: "
		       "nobody waits so long";
	if (s->radsec_name[strspn(s->radsec_name,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] != '\0')
		return "radsec_name must be the server's name as its "
		       "certificate has it, without wildcards";
	if (s->client_id[0] != '\0' && !uuid_valid(s->client_id))
		return "client_id must be a UUID in lower case, as "
		       "\"card-admin client show\" writes it";
	return NULL;
}

/* "usb", or a path; what it is must be said in full. */
static bool
devices_formed(const struct conf_list *devices)
{
	size_t i;

	for (i = 0; i < devices->n; i++) {
		const char *text = devices->text[i];

		if (strncmp(text, "socket:", 7) == 0)
			text += 7;
		else if (strcmp(text, "usb") == 0)
			continue;
		if (text[0] != '/')
			return false;
	}
	return true;
}

static enum error
derive(const char *name, struct settings *s, char *message)
{
	const char *fault = settings_radius(s);

	if (fault == NULL && s->session_dir[0] != '/')
		fault = "session_dir must be a path from the root";
	if (fault == NULL && strcmp(s->language, "auto") != 0 &&
	    strcmp(s->language, "en") != 0 && strcmp(s->language, "ja") != 0)
		fault = "language must be auto, en or ja";
	if (fault == NULL &&
	    hex_decode(s->certificate_id, strlen(s->certificate_id), s->id,
		sizeof s->id, &s->id_len) != ERR_OK)
		fault = "certificate_id must be hexadecimal, such as 01";
	s->rsa_pss = strcmp(s->rsa_padding, "pss") == 0;
	if (fault == NULL && !s->rsa_pss &&
	    strcmp(s->rsa_padding, "pkcs1") != 0)
		fault = "rsa_padding must be pkcs1 or pss";
	if (fault == NULL && !devices_formed(&s->fido2_devices))
		fault = "fido2_devices must be \"usb\", paths from the root, "
			"or socket: and such a path";
	if (fault == NULL && s->module[0] != '/')
		fault = "module must be a path from the root";
	if (fault == NULL && strcmp(s->log_level, "error") != 0 &&
	    strcmp(s->log_level, "warn") != 0 &&
	    strcmp(s->log_level, "info") != 0)
		fault = "log_level must be error, warn or info";
	if (fault == NULL && s->nas_identifier[0] == '\0') {
		char host[65] = "";

		(void)gethostname(host, sizeof host - 1);
		free(s->nas_identifier);
		s->nas_identifier = strdup(host[0] != '\0' ? host : "terminal");
		if (s->nas_identifier == NULL)
			return ERR_NOMEM;
	}
	if (fault == NULL)
		return ERR_OK;
	(void)snprintf(message, CONF_MESSAGE, "%s: %s", name, fault);
	return ERR_CONFIG;
}

enum error
settings_read(
    const char *path, struct settings *ret_settings, char message[CONF_MESSAGE])
{
	enum error err;

	if (path == NULL)
		path = SETTINGS_FILE;
	memset(ret_settings, 0, sizeof *ret_settings);
	err = conf_read(path, settings_table, ret_settings, message);
	return err != ERR_OK ? err : derive(path, ret_settings, message);
}

enum error
settings_read_text(
    const char *text, struct settings *ret_settings, char message[CONF_MESSAGE])
{
	enum error err;

	memset(ret_settings, 0, sizeof *ret_settings);
	err =
	    conf_read_text("text", text, settings_table, ret_settings, message);
	return err != ERR_OK ? err : derive("text", ret_settings, message);
}

void
settings_clear(struct settings *settings)
{
	conf_clear(settings_table, settings);
}

enum error
settings_secret(const struct settings *settings, struct secret **ret_secret,
    char message[CONF_MESSAGE])
{
	/* RFC 6614 2.3: TLS proves both ends; the secret is one for all. */
	if (settings->radsec_name[0] != '\0')
		return secret_copy("radsec", strlen("radsec"), ret_secret);
	return settings_file_secret(settings, ret_secret, message);
}

enum error
settings_file_secret(const struct settings *settings,
    struct secret **ret_secret, char message[CONF_MESSAGE])
{
	const char *path = settings->secret_file, *fault = NULL;
	struct secret *secret = NULL;
	enum error err = ERR_CONFIG;
	struct stat st;
	int fd;

	fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)snprintf(message, CONF_MESSAGE, "secret_file %s: %s",
		    path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode))
		fault = "is not a plain file";
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		fault = "belongs to another user: it must be root's";
	else if ((st.st_mode & 077) != 0)
		fault = "can be read or written by others: chmod 600";
	if (fault == NULL &&
	    (secret_read_line(fd, RADIUS_SECRET_MAX, &secret) != ERR_OK ||
		secret->len < RADIUS_SECRET_MIN ||
		memchr(secret->bytes, '\0', secret->len) != NULL))
		fault = "must have one line of 8 to 128 characters";
	if (fault != NULL) {
		(void)snprintf(
		    message, CONF_MESSAGE, "secret_file %s %s", path, fault);
		goto out;
	}
	*ret_secret = secret;
	secret = NULL;
	err = ERR_OK;
out:
	secret_free(&secret);
	if (fd >= 0)
		(void)close(fd);
	return err;
}

enum speech_language
settings_language(const struct settings *settings, const char *hint)
{
	const char *word = settings->language;

	/* Even a file that cannot be read is told of in some language. */
	if (word == NULL || strcmp(word, "auto") == 0)
		word = hint;
	return strncmp(word, "ja", 2) == 0 ? SPEECH_JA : SPEECH_EN;
}

enum error
settings_user(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return ERR_NOTFOUND;
	*ret_uid = pw->pw_uid;
	*ret_gid = pw->pw_gid;
	return ERR_OK;
}
