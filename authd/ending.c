/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/ending.h"

static volatile sig_atomic_t told;

static void
on_term(int number)
{
	(void)number;
	told = 1;
}

void
ending_hold(sigset_t *ret_waiting)
{
	const struct sigaction term = {.sa_handler = on_term};
	sigset_t blocked;

	(void)sigemptyset(ret_waiting);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
	(void)sigaction(SIGTERM, &term, NULL);
}

bool
ending_told(void)
{
	return told != 0;
}
