/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * password.h - what a new password must be (guideline C.14 (4)): counted in
 * characters of its NFC form, letters, digits and symbols mixed. Pure.
 */
#ifndef SEKISHO_RULES_PASSWORD_H
#define SEKISHO_RULES_PASSWORD_H

#include <stddef.h>

enum { PASSWORD_MAX_OCTETS = 128 };

enum password_fault {
	PASSWORD_GOOD,
	PASSWORD_SHORT,	    /* fewer characters than the rule asks for */
	PASSWORD_NOT_MIXED, /* not letter, digit and symbol */
	PASSWORD_HAS_NAME,  /* contains the login name */
};

/* password is NFC (name.h), login canonical and NUL-terminated. */
enum password_fault password_check(const unsigned char *password, size_t len,
    const char *login, unsigned min_chars);

#endif
