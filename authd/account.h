/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * account.h - accounting (RFC 2866): what a client says of its sessions goes
 * to the database in one statement. *ret_taken only when it is committed.
 */
#ifndef SEKISHO_AUTHD_ACCOUNT_H
#define SEKISHO_AUTHD_ACCOUNT_H

#include "authd/worker.h"
#include "common/wire/message.h"

MUST_CHECK enum error account_take(
    struct worker *w, const Sekisho__AccountRequest *request, bool *ret_taken);

#endif
