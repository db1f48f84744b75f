/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of credentials is one, whole and within its bounds, or refused. */
#include "cardtools/terminal/credentials.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credential list[CREDENTIALS_MAX];
	size_t n = 0, i, at = 0;

	if (credentials_read(data, size, list, &n) != ERR_OK)
		return 0;
	must(n >= 1 && n <= CREDENTIALS_MAX && size <= CREDENTIALS_OCTETS);
	for (i = 0; i < n; i++) {
		must(list[i].len >= CREDENTIAL_MIN &&
		     list[i].len <= CREDENTIAL_MAX);
		must(list[i].id == data + at + 2);
		must(data[at] == list[i].len >> 8 &&
		     data[at + 1] == (list[i].len & 0xff));
		at += 2 + list[i].len;
	}
	must(at == size);
	return 0;
}
