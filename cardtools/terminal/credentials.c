/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/credentials.h"

#include <stdbool.h>
#include <string.h>

static bool
is_among(const struct credential *one, const struct credential *all, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (all[i].len == one->len &&
		    memcmp(all[i].id, one->id, one->len) == 0)
			return true;
	}
	return false;
}

enum error
credentials_read(const unsigned char *octets, size_t len,
    struct credential ret[CREDENTIALS_MAX], size_t *ret_n)
{
	size_t at = 0, n = 0;

	if (len > CREDENTIALS_OCTETS)
		return ERR_INPUT;
	while (at < len) {
		struct credential one;

		if (n == CREDENTIALS_MAX || len - at < 2)
			return ERR_INPUT;
		one.len = (size_t)(octets[at] << 8 | octets[at + 1]);
		one.id = octets + at + 2;
		if (one.len < CREDENTIAL_MIN || one.len > CREDENTIAL_MAX ||
		    one.len > len - at - 2 || is_among(&one, ret, n))
			return ERR_INPUT;
		ret[n++] = one;
		at += 2 + one.len;
	}
	if (n == 0)
		return ERR_INPUT;
	*ret_n = n;
	return ERR_OK;
}
