/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grants.h - what an accept grants beside its times: VLAN, filter and what else
 * an officer wrote into policy or record, made into octets by card-admin then.
 */
#ifndef SEKISHO_AUTHD_GRANTS_H
#define SEKISHO_AUTHD_GRANTS_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/wire/message.h"

/* json as the database has it; NULL for none. What is added lies in arena. */
MUST_CHECK enum error grants_add(
    const char *json, struct arena *arena, Sekisho__AuthReply *reply);

#endif
