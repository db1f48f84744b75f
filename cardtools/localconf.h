/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * localconf.h - card-admin.conf(5): where the database is, and which keyring
 * is trusted. The first of $SEKISHO_CARD_ADMIN_CONF, the user's own file and
 * the machine's file that exists is read, alone.
 */
#ifndef SEKISHO_CARDTOOLS_LOCALCONF_H
#define SEKISHO_CARDTOOLS_LOCALCONF_H

#include <stdbool.h>

#include "common/base/conf.h"
#include "common/crypto/seal.h"

enum { LOCALCONF_PATH = 4096 };

struct localconf {
	char *connect;			 /* libpq connection string */
	char *fingerprints;		 /* trusted keyrings */
	char *issuer;			 /* how authenticator apps name us */
	char *server_id;		 /* as in authd.conf */
	char *reader;			 /* part of its name; "": any */
	char *module;			 /* PKCS#11, for cards of others */
	char *words;			 /* guess/words.h; "": as installed */
	char *house_words;		 /* the hospital's own; "": none */
	char read_from[LOCALCONF_PATH];	 /* "" if there was no file */
	char written_to[LOCALCONF_PATH]; /* where a change would go */
};

/* conf is zeroed by the caller, and cleared by it even after a failure. */
MUST_CHECK enum error localconf_read(
    struct localconf *conf, char message[CONF_MESSAGE]);
void localconf_clear(struct localconf *conf);

/* Whether the fingerprint (as seal_fingerprint writes it) is trusted. */
bool localconf_trusts(const struct localconf *conf, const char *fingerprint);

/* Two spellings of a fingerprint: case, blanks and colons do not count. */
bool fingerprint_same(const char *a, const char *b);

/*
 * Adds a fingerprint to those trusted and writes the whole file again, in one
 * step: a reader sees the old one or the new one. Sets errno.
 */
MUST_CHECK enum error localconf_trust(
    struct localconf *conf, const char *fingerprint);

#endif
