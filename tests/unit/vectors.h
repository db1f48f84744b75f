/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vectors.h - public test vectors, which the project does not carry itself. */
#ifndef SEKISHO_TESTS_UNIT_VECTORS_H
#define SEKISHO_TESTS_UNIT_VECTORS_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test.h"

/* The path of a file in SEKISHO_VECTORS. Without the folder the test fails. */
static inline void
vectors_path(const char *file, char *ret_path, size_t cap)
{
	const char *folder = getenv("SEKISHO_VECTORS");

	if (folder == NULL || folder[0] == '\0')
		fail_msg("%s", "SEKISHO_VECTORS is not set: it names the "
			       "folder with Wycheproof's files "
			       "(github.com/C2SP/wycheproof, testvectors_v1)");
	(void)snprintf(ret_path, cap, "%s/%s", folder, file);
}

#endif
