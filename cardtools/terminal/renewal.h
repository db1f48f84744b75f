/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * renewal.h - after a login with card and PIN: a card that soon ends is renewed
 * with one question, and the PIN that was just given. Whatever comes of it,
 * the login stands.
 */
#ifndef SEKISHO_TERMINAL_RENEWAL_H
#define SEKISHO_TERMINAL_RENEWAL_H

#include "cardtools/terminal/login.h"

/*
 * key_id is of the key that has logged in, last_day of its certificate, since
 * 1970. ERR_CLOSED when who waits for the login is gone; anything else that
 * goes wrong is told, and no error.
 */
MUST_CHECK enum error renewal_offer(struct login *login, const char *name,
    const unsigned char key_id[PACKET_KEY_ID], unsigned last_day,
    const struct secret *pin);

#endif
