/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "radius-plugin/translate.h"

enum error
translate_client(const char *name, struct origin *ret_origin)
{
	char id[UUID_TEXT];
	uint64_t version = 0;
	const char *p;

	if (name == NULL || strlen(name) < UUID_TEXT + 1 ||
	    name[UUID_TEXT - 1] != '/')
		return ERR_INPUT;
	memcpy(id, name, UUID_TEXT - 1);
	id[UUID_TEXT - 1] = '\0';
	if (!uuid_valid(id))
		return ERR_INPUT;
	for (p = name + UUID_TEXT; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || version > UINT64_MAX / 10 - 1)
			return ERR_INPUT;
		version = version * 10 + (uint64_t)(*p - '0');
	}
	memcpy(ret_origin->client_id, id, sizeof id);
	ret_origin->client_version = version;
	return ERR_OK;
}
