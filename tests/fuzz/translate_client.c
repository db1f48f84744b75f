/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's name that is taken can be written down and taken again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "radius-plugin/translate.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct origin a = {.client_version = 0}, b = {.client_version = 1};
	char name[256], again[UUID_TEXT + 24];

	if (size >= sizeof name)
		return 0;
	memcpy(name, data, size);
	name[size] = '\0';
	if (translate_client(name, &a) != ERR_OK)
		return 0;
	must(uuid_valid(a.client_id));
	(void)snprintf(
	    again, sizeof again, "%s/%" PRIu64, a.client_id, a.client_version);
	must(translate_client(again, &b) == ERR_OK);
	must(strcmp(a.client_id, b.client_id) == 0);
	must(a.client_version == b.client_version);
	return 0;
}
