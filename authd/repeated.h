/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repeated.h - a client that did not hear its answer asks again, as another
 * packet or another server: the code is spent by then. It gets the accept that
 * it missed, for ten seconds, if everything is the same and it names its
 * session.
 */
#ifndef SEKISHO_AUTHD_REPEATED_H
#define SEKISHO_AUTHD_REPEATED_H

#include "authd/attempt.h"

/*
 * A keyed digest of client, User-Name, Calling-Station-Id, NAS-Port,
 * Acct-Session-Id, State and credential. False if there is no session
 * identifier: then nothing is ever repeated.
 */
bool repeated_digest(
    const struct attempt *a, unsigned char ret_digest[STORE_DIGEST]);

#endif
