/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "authd/store.h"
#include "authd/store_internal.h"

enum { SERIAL_MAX = 21 };

enum error
store_certificates(struct db *db, const uint8_t *serial, size_t serial_len,
    int timeout_ms, struct arena *arena,
    struct store_certificate ret[STORE_CERTIFICATES], size_t *ret_n)
{
	char octets[2 * SERIAL_MAX + 3];
	const char *params[1] = {octets};
	struct db_result *r = NULL;
	enum error err;
	size_t len;
	int row;

	*ret_n = 0;
	if (serial_len == 0 || serial_len > SERIAL_MAX)
		return ERR_OK;
	db_bytea(serial, serial_len, octets);
	err = db_call(db, "certificate_keys",
	    "SELECT * FROM sekisho.certificate_keys($1::bytea)", 1, params,
	    timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	for (row = 0;
	     err == ERR_OK && row < db_rows(r) && *ret_n < STORE_CERTIFICATES;
	     row++) {
		struct store_certificate *c = &ret[*ret_n];

		err = db_copy_text(r, row, 0, c->id, sizeof c->id);
		if (err == ERR_OK)
			err = db_bytes(
			    r, row, 1, c->key_id, sizeof c->key_id, &len);
		if (err == ERR_OK)
			err = store_copy_box(r, row, 2, arena, &c->issuer);
		c->device = db_bool(r, row, 3);
		(*ret_n)++;
	}
	db_result_free(&r);
	return err;
}
