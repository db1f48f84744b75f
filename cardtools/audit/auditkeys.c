/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/audit/auditkeys.h"

#include <string.h>

#include "common/base/hex.h"

enum error
auditkeys_add(struct auditkeys *keys, const char *text)
{
	unsigned char *key = keys->key[keys->n];
	size_t len;

	if (keys->n == AUDITKEYS_MAX)
		return ERR_BUSY;
	if (strlen(text) != (size_t)2 * STATEMENT_PUBLIC_KEY ||
	    hex_decode(text, strlen(text), key, STATEMENT_PUBLIC_KEY, &len) !=
		ERR_OK)
		return ERR_INPUT;
	statement_key_id(key, keys->id[keys->n]);
	keys->n++;
	return ERR_OK;
}

bool
auditkeys_signed(const struct auditkeys *keys, const struct statement *s,
    const char *text, const unsigned char signature[STATEMENT_SIGNATURE])
{
	size_t i;

	for (i = 0; i < keys->n; i++) {
		if (strcmp(keys->id[i], s->key) == 0)
			return statement_verify(keys->key[i], text,
				   strlen(text), signature) == ERR_OK;
	}
	return false;
}
