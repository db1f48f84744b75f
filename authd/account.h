/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * account.h - accounting (RFC 2866): what a client says of its sessions, as
 * the database takes it.
 */
#ifndef SEKISHO_AUTHD_ACCOUNT_H
#define SEKISHO_AUTHD_ACCOUNT_H

#include "common/db/db.h"
#include "common/wire/message.h"

enum { ACCOUNT_CLIENT = 37, ACCOUNT_VERSION = 24 };

/* One Accounting-Request; keeps nothing of the message it was made from. */
struct account_event {
	char client[ACCOUNT_CLIENT];
	char version[ACCOUNT_VERSION];
	char *json; /* NULL: of a kind of which nothing is kept */
	bool interim;
};

/* ERR_INPUT when it is nobody's. The caller clears *ret_event if ERR_OK. */
MUST_CHECK enum error account_event(const Sekisho__AccountRequest *request,
    const char *realms, struct account_event *ret_event);
void account_event_clear(struct account_event *event);

/* In a statement of its own; *ret_taken only when it is committed. */
MUST_CHECK enum error account_take(struct db *db, int timeout_ms,
    const struct account_event *event, bool *ret_taken);

#endif
