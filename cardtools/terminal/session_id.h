/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_id.h - the Acct-Session-Id that a terminal gives a session. */
#ifndef SEKISHO_TERMINAL_SESSION_ID_H
#define SEKISHO_TERMINAL_SESSION_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { SESSION_ID = 33 }; /* 16 random octets in hexadecimal, and a NUL */

void session_id_make(char ret_id[SESSION_ID]);

/* True for what one looks like: it also is the name of a file. */
bool session_id_valid(const char *text, size_t len);

#endif
