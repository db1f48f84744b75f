/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * orders.h - executes what operators ask of the keyring, each order once:
 * a token's first code (totp_confirm), a token whose clock ran away
 * (totp_resync). docs/protocol.md, "Orders".
 */
#ifndef SEKISHO_AUTHD_ORDERS_H
#define SEKISHO_AUTHD_ORDERS_H

#include "common/base/arena.h"
#include "common/db/db.h"

/* Executes those that wait. What fails for an inner reason stays waiting. */
void orders_execute(
    struct db *db, int keyring_fd, struct arena *arena, int timeout_ms);

#endif
