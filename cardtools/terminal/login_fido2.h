/* SPDX-License-Identifier: GPL-2.0-or-later */
/* login_fido2.h - a login, or its second factor, with a FIDO2 key. */
#ifndef SEKISHO_TERMINAL_LOGIN_FIDO2_H
#define SEKISHO_TERMINAL_LOGIN_FIDO2_H

#include "cardtools/terminal/login.h"

/*
 * With a key that is plugged in, if it has a credential of this person. Where
 * login->result stays RESULT_NONE the password is next.
 */
MUST_CHECK enum error login_fido2(struct login *login, const char *name);

/*
 * In place of the code that is asked for after a password: challenge is what
 * the server offers keys with. RESULT_NONE: the code is next, for the same
 * State.
 */
MUST_CHECK enum error login_fido2_instead(struct login *login, const char *name,
    const struct radius_reply *challenge);

#endif
