/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * credentials.h - Sekisho-Credentials: for each key of the person two octets
 * of length (big-endian) and a credential id. Reading never copies.
 */
#ifndef SEKISHO_TERMINAL_CREDENTIALS_H
#define SEKISHO_TERMINAL_CREDENTIALS_H

#include <stddef.h>

#include "common/base/error.h"

enum {
	CREDENTIAL_MIN = 16,
	CREDENTIAL_MAX = 384,
	CREDENTIALS_MAX = 8,
	CREDENTIALS_OCTETS = 3600, /* all of them, with their lengths */
};

struct credential {
	size_t len;
	const unsigned char *id; /* into the octets that were read */
};

/*
 * ERR_INPUT unless the octets are 1 to CREDENTIALS_MAX ids of CREDENTIAL_MIN to
 * CREDENTIAL_MAX octets, no two the same, and nothing else.
 */
MUST_CHECK enum error credentials_read(const unsigned char *octets, size_t len,
    struct credential ret[CREDENTIALS_MAX], size_t *ret_n);

#endif
