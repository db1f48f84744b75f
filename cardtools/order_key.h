/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order_key.h - the one-time keys that answers of orders are sealed to, where
 * the answer comes when this program has long ended. Each is a file that only
 * its owner can read, in $XDG_STATE_HOME/sekisho/orders (~/.local/state/...).
 * Who reads it before the answer is collected can read the answer, if the
 * database gives it to him, too.
 */
#ifndef SEKISHO_CARDTOOLS_ORDER_KEY_H
#define SEKISHO_CARDTOOLS_ORDER_KEY_H

#include "common/base/secret.h"

enum { ORDER_KEY = 32 };

/*
 * Makes a key pair for the order and keeps the secret half. ERR_SYSTEM with
 * errno set if the file cannot be made.
 */
MUST_CHECK enum error order_key_make(
    const char *order, struct secret **ret_public);

/*
 * Opens what was sealed to it. ERR_NOTFOUND: there is no such key here;
 * ERR_DENIED: its file is another's, or others may read it; ERR_CRYPTO: the
 * answer was sealed to another.
 */
MUST_CHECK enum error order_key_open(const char *order, const void *sealed,
    size_t len, struct secret **ret_answer);

/* Overwrites and removes it, if it is there. */
void order_key_remove(const char *order);

#endif
