/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config.h - authd.conf(5), read and checked as a whole. */
#ifndef SEKISHO_AUTHD_CONFIG_H
#define SEKISHO_AUTHD_CONFIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/base/conf.h"
#include "common/base/log.h"
#include "common/guess/words.h"
#include "common/wire/packet.h"

struct config {
	char *socket;	    /* path that the plugin connects to */
	char *socket_group; /* group that may connect; empty: unchanged */
	char *plugin_user;  /* only this user's requests are served */
	char *user;	/* workers, clerk and keyring run as; empty: as is */
	char *keys;	/* folder of the keyring's keys */
	char *database; /* libpq connection string */
	char *clerk_database; /* the clerk's; never empty after reading */
	char *node;	      /* this node's name in the audit */
	char *server_id; /* name of the installation, part of what is signed */
	char *realms;	 /* of names that are ours all the same, name.h */
	char *contact;	 /* telephone extension in refusals */
	char *log_level;
	int workers;
	int hashes;	  /* Argon2 at a time; 0: one per core */
	int hash_waiters; /* workers that may wait for a hash */
	int hash_wait_ms;
	int source_burst;   /* failed hashes a source may cause at once */
	int source_rate;    /* and per minute in the long run */
	int source_persons; /* distinct persons failing in ten minutes */
	int database_timeout_ms;
	int worker_requests; /* a worker ends after so many; 0: never */
	char *ca_module;     /* PKCS#11; empty: this node has no card CA */
	char *ca_token;	     /* label of the token in it */
	char *ca_pin_file;
	char *ca_key;	 /* label of the CA's key */
	char *ca_user;	 /* the CA's process runs as; empty: as user says */
	bool ca_network; /* the module may use the network */
	char *disconnect_address; /* Disconnects go out from; empty: any */
	char *audit_anchor; /* file that sealed batches go to; empty: none */
	char *words;	    /* what a guesser tries first (guess/words.h) */
	char *house_words;  /* the hospital's own; empty: none */
	char *crl_path; /* folder where the CRL is published; empty: nowhere */

	/* Derived. */
	char account_socket[PACKET_PATH]; /* beside the socket */
	bool clerk_derived;		  /* clerk_database was not given */
	enum log_level level;
	uid_t plugin_uid;
	uid_t uid;
	gid_t gid;
	struct words *dictionary; /* both lists; NULL until config_words() */
	uid_t ca_uid;
	gid_t ca_gid;
};

/* On failure one line in message says what to change. */
MUST_CHECK enum error config_read(
    const char *path, struct config *ret_config, char message[CONF_MESSAGE]);

/* Reads the lists of words, before processes that share them are forked. */
MUST_CHECK enum error config_words(
    struct config *config, char message[CONF_MESSAGE]);

void config_clear(struct config *config);

/* For tests and the fuzzer. */
extern const struct conf_setting config_table[];

#endif
