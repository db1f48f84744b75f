/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/repeated.h"

#include <sodium.h>
#include <string.h>

bool
repeated_digest(const struct attempt *a, unsigned char ret_digest[STORE_DIGEST])
{
	const Sekisho__AuthRequest *r = a->request;
	const unsigned char port[4] = {(unsigned char)(r->nas_port >> 24),
	    (unsigned char)(r->nas_port >> 16),
	    (unsigned char)(r->nas_port >> 8), (unsigned char)r->nas_port};
	const struct {
		const void *octets;
		size_t len;
	} parts[] = {{r->client_id, strlen(r->client_id)},
	    {r->user_name.data, r->user_name.len},
	    {r->calling_station_id.data, r->calling_station_id.len},
	    {port, sizeof port},
	    {r->acct_session_id.data, r->acct_session_id.len},
	    {r->state.data, r->state.len}, {r->password.data, r->password.len},
	    {r->key_id.data, r->key_id.len},
	    {r->signature.data, r->signature.len}};
	size_t i;

	if (r->acct_session_id.len == 0)
		return false;
	/* each digest is of the one before, so no two parts run together */
	memset(ret_digest, 0, STORE_DIGEST);
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		mask_digest(&a->w->mask, MASK_ANSWER, ret_digest, STORE_DIGEST,
		    parts[i].octets, parts[i].len, ret_digest);
	return true;
}
