/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - secrets and answers from people: a line of standard input or, on a
 * terminal, asked for without echo.
 */
#ifndef SEKISHO_CARDTOOLS_ASK_H
#define SEKISHO_CARDTOOLS_ASK_H

#include <stdbool.h>

#include "cardtools/command.h"
#include "common/base/secret.h"

enum { ASK_MAX = 1024 };

/* Whether standard input is a terminal. */
bool ask_interactive(void);

/*
 * One line, from the terminal after the prompt (hidden: not shown as typed)
 * or from standard input. ERR_CLOSED if there is none, ERR_INPUT if longer
 * than ASK_MAX octets.
 */
MUST_CHECK enum error ask_line(
    const char *prompt, bool hidden, struct secret **ret_line);

/*
 * A line that may be there: from a pipe, socket or file, but not from a
 * terminal or /dev/null. NULL if there is none or it is empty. Waits at most
 * wait_ms (-1: for ever) for a first octet, then ERR_TIMEOUT.
 */
MUST_CHECK enum error ask_maybe(int wait_ms, struct secret **ret_line);

/* On a terminal only; false elsewhere. */
bool ask_yes(const char *question);

/*
 * What something is needed for, which is recorded: the option --why's text, on
 * a terminal asked for, else none, which the database refuses. ret_line keeps
 * what was typed; caller frees.
 */
enum status ask_why(
    struct call *call, struct secret **ret_line, const char **ret_why);

/* Says what is wrong with a line that could not be read. */
enum status ask_failed(enum error err);

#endif
