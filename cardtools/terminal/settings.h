/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - pam_sekisho.conf(5), read by the helpers and never inside the
 * application. It holds no secret: the shared secret has a file of its own.
 */
#ifndef SEKISHO_TERMINAL_SETTINGS_H
#define SEKISHO_TERMINAL_SETTINGS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cardtools/terminal/speech.h"
#include "common/base/conf.h"
#include "common/base/secret.h"

#define SETTINGS_FILE SEKISHO_SYSCONFDIR "/pam_sekisho.conf"

enum {
	SERVERS_MAX = 4,
	SERVER_TEXT = 64,
	RADIUS_PORT = 1812,
	RADSEC_PORT = 2083, /* RFC 6614 2.1 */
	SETTINGS_PATIENCE_MS = 90000,
	RADIUS_SECRET_MIN = 8,
	RADIUS_SECRET_MAX = 128,
};

struct server {
	char host[SERVER_TEXT]; /* an address, not a name */
	char port[6];
	char account_port[6];
};

struct settings {
	/* as they stand in the file */
	char *servers_text;
	char *source_address; /* "": the system's choice; UDP only */
	char *secret_file;
	char *radsec_name; /* "": RADIUS over UDP */
	char *radsec_ca;
	char *radsec_certificate;
	char *radsec_key;
	int timeout_ms;
	int tries;
	char *nas_identifier;
	char *client_id;
	char *server_id;
	char *language;
	char *contact;
	bool card;
	char *module;
	char *opensc_conf;
	char *pcsc_socket;
	char *certificate_id;
	char *certificate_label;
	char *certificate_issuer;
	char *rsa_padding;
	bool card_pin;	/* false: the key signs without one */
	int renew_days; /* before its end a card's renewal is offered */
	bool badge;	/* a number on a card fills in the name */
	bool fido2;	/* FIDO2 keys are used */
	struct conf_list fido2_devices; /* none: those at the USB */
	int fido2_touch_s;		/* how long one waits to be touched */
	char *fido2_user;
	int card_timeout_ms;
	int wait_card_s;
	int pin_tries;
	char *user;
	char *card_user;
	bool accounting;     /* sessions are told of, and can be ended */
	int accounting_port; /* 0: the one after the server's */
	int interim_s;	     /* 0: no interim updates */
	char *session_dir;   /* where sessions are found by Disconnects */
	char *on_removal;
	char *on_end; /* "": as on_removal */
	char *on_insert;
	char *dictionary;
	char *helpers;
	char *log_level;
	/* made from them */
	struct server servers[SERVERS_MAX];
	size_t n_servers;
	unsigned char id[32]; /* certificate_id in octets */
	size_t id_len;
	bool rsa_pss; /* where the token offers it */
};

extern const struct conf_setting settings_table[];

/* path NULL: SETTINGS_FILE. Clear with settings_clear, also after errors. */
MUST_CHECK enum error settings_read(const char *path,
    struct settings *ret_settings, char message[CONF_MESSAGE]);

/* The same from memory, for tests and the fuzzer. */
MUST_CHECK enum error settings_read_text(const char *text,
    struct settings *ret_settings, char message[CONF_MESSAGE]);

void settings_clear(struct settings *settings);

/*
 * For other programs that ask by RADIUS: derives what radius.h needs from
 * servers_text, tries, timeout_ms, radsec_name, client_id and accounting_port.
 * NULL, or what is wrong with them.
 */
const char *settings_radius(struct settings *settings);

/*
 * The shared secret: one line in a file that belongs to root or the caller
 * and that nobody else can read; over TLS what RFC 6614 says. Otherwise one
 * line in message.
 */
MUST_CHECK enum error settings_secret(const struct settings *settings,
    struct secret **ret_secret, char message[CONF_MESSAGE]);

/*
 * The secret of the file, also over TLS: Disconnects come over UDP, and the
 * secret that RFC 6614 gives everybody would prove nothing there.
 */
MUST_CHECK enum error settings_file_secret(const struct settings *settings,
    struct secret **ret_secret, char message[CONF_MESSAGE]);

/* The language of texts, where the conversation's is hint ("ja_JP.UTF-8"). */
enum speech_language settings_language(
    const struct settings *settings, const char *hint);

/* User and group to change to; ERR_NOTFOUND if there is no such user. */
MUST_CHECK enum error settings_user(
    const char *name, uid_t *ret_uid, gid_t *ret_gid);

#endif
