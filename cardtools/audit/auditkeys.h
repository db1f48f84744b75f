/* SPDX-License-Identifier: GPL-2.0-or-later */
/* auditkeys.h - the public keys that are trusted, as `sekisho-authd keys audit`
 * shows them. */
#ifndef SEKISHO_AUDIT_AUDITKEYS_H
#define SEKISHO_AUDIT_AUDITKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/statement.h"

enum { AUDITKEYS_MAX = 16 };

struct auditkeys {
	size_t n;
	unsigned char key[AUDITKEYS_MAX][STATEMENT_PUBLIC_KEY];
	char id[AUDITKEYS_MAX][STATEMENT_KEY_ID];
};

/* 64 hexadecimal digits. ERR_BUSY for one too many. */
MUST_CHECK enum error auditkeys_add(struct auditkeys *keys, const char *text);

/* Whether the key that the statement names is one of them, and signed it. */
bool auditkeys_signed(const struct auditkeys *keys, const struct statement *s,
    const char *text, const unsigned char signature[STATEMENT_SIGNATURE]);

#endif
