/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/session_id.h"

#include <sodium.h>
#include <string.h>

#include "common/base/hex.h"

void
session_id_make(char ret_id[SESSION_ID])
{
	unsigned char random[(SESSION_ID - 1) / 2];

	randombytes_buf(random, sizeof random);
	hex_encode(random, sizeof random, ret_id);
}

bool
session_id_valid(const char *text, size_t len)
{
	return len == SESSION_ID - 1 && strlen(text) == len &&
	       strspn(text, "0123456789abcdef") == len;
}
