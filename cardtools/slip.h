/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slip.h - a one-time password on paper: a page that is folded twice with the
 * secret inside, so that whoever carries it reads a name and nothing else.
 */
#ifndef SEKISHO_CARDTOOLS_SLIP_H
#define SEKISHO_CARDTOOLS_SLIP_H

#include <stdbool.h>
#include <stdio.h>

#include "common/base/error.h"

struct slip {
	const char *issuer; /* how this house is called */
	const char *login, *name;
	const char *secret;
	const char *date; /* shown as it is */
	bool english;
};

/* As PDF. ERR_SYSTEM if it could not be written. */
MUST_CHECK enum error slip_write(FILE *to, const struct slip *slip);

#endif
