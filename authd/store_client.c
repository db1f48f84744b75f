/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose requests these are: clients, by address or certificate. */
#include <stdio.h>
#include <string.h>

#include "authd/store.h"
#include "authd/store_internal.h"
#include "common/wire/message.h"

enum error
store_client(struct db *db, const char *address, int timeout_ms,
    struct arena *arena, struct store_client *ret_client)
{
	const char *params[1] = {address};
	struct db_result *r = NULL;
	struct store_client c;
	enum error err;

	memset(&c, 0, sizeof c);
	err = db_call(db, "client_lookup",
	    "SELECT * FROM sekisho.client_lookup($1::inet)", 1, params,
	    timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	if (db_rows(r) == 0) {
		err = ERR_NOTFOUND;
		goto out;
	}
	c.version = db_int(r, 0, 1);
	c.secret.key_version = (unsigned)db_int(r, 0, 4);
	c.no_ma = db_bool(r, 0, 5);
	err = db_copy_text(r, 0, 0, c.id, sizeof c.id);
	if (err == ERR_OK)
		err = db_copy_text(r, 0, 2, c.name, sizeof c.name);
	if (err == ERR_OK)
		err = store_copy_box(r, 0, 3, arena, &c.secret);
	if (err == ERR_OK)
		*ret_client = c;
out:
	db_result_free(&r);
	return err;
}

enum error
store_client_tls(struct db *db, const char *address, char *const *names,
    size_t n, int timeout_ms, struct store_client *ret_client)
{
	static const char dns[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	char list[MESSAGE_TLS_NAMES * 254 + 1] = "";
	const char *params[2] = {address, list};
	struct db_result *r = NULL;
	struct store_client c;
	enum error err;
	size_t i, used = 0;

	memset(&c, 0, sizeof c);
	for (i = 0; i < n && i < MESSAGE_TLS_NAMES; i++) {
		size_t len = strlen(names[i]);

		if (len == 0 || len > 253 || strspn(names[i], dns) != len)
			continue;
		memcpy(list + used, names[i], len);
		used += len;
		list[used++] = ' ';
	}
	if (used == 0)
		return ERR_NOTFOUND;
	list[used - 1] = '\0';
	err = db_call(db, "client_lookup_tls",
	    "SELECT * FROM sekisho.client_lookup_tls($1::inet, "
	    "string_to_array($2, ' '))",
	    2, params, timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	err = db_rows(r) == 0 ? ERR_NOTFOUND : ERR_OK;
	if (err == ERR_OK) {
		c.version = db_int(r, 0, 1);
		c.no_ma = db_bool(r, 0, 3);
		err = db_copy_text(r, 0, 0, c.id, sizeof c.id);
	}
	if (err == ERR_OK)
		err = db_copy_text(r, 0, 2, c.name, sizeof c.name);
	if (err == ERR_OK)
		*ret_client = c;
	db_result_free(&r);
	return err;
}

enum error
store_charset(struct db *db, const char *client_id, int timeout_ms,
    enum charset *ret_charset)
{
	const char *params[1] = {client_id};
	struct db_result *r = NULL;
	enum error err;

	*ret_charset = CHARSET_UTF8;
	err = db_call(db, "client_charset",
	    "SELECT sekisho.client_charset($1::uuid)", 1, params, timeout_ms,
	    &r);
	if (err == ERR_OK && db_text(r, 0, 0) != NULL)
		*ret_charset = charset_from_text(db_text(r, 0, 0));
	db_result_free(&r);
	return err;
}
