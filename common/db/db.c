/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/db/db.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hex.h"

enum { PREPARED_MAX = 64 };

struct db {
	PGconn *conn;
	const char *prepared[PREPARED_MAX];
	int n_prepared;
	bool lost;
	char refusal[128];
	char detail[256];
	char error[DB_ERROR_TEXT];
};

struct db_result {
	PGresult *res;
};

static void
keep_error(struct db *db, const char *text)
{
	size_t len;

	(void)snprintf(db->error, sizeof db->error, "%s", text);
	len = strlen(db->error);
	while (len > 0 && db->error[len - 1] == '\n')
		db->error[--len] = '\0';
}

/* Waits for the socket; ERR_TIMEOUT after the deadline. */
static enum error
await(PGconn *conn, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = PQsocket(conn), .events = events};
		int64_t left = deadline - clock_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return ERR_OK;
		if (n == 0)
			return ERR_TIMEOUT;
		if (errno != EINTR)
			return ERR_SYSTEM;
	}
}

enum error
db_open(const char *conninfo, int timeout_ms, struct db **ret_db,
    char ret_why[DB_ERROR_TEXT])
{
	int64_t deadline = clock_ms() + timeout_ms;
	struct db *db;
	enum error err = ERR_OK;

	ret_why[0] = '\0';
	db = calloc(1, sizeof *db);
	if (db == NULL)
		return ERR_NOMEM;
	db->conn = PQconnectStart(conninfo);
	if (db->conn == NULL) {
		free(db);
		return ERR_NOMEM;
	}
	while (err == ERR_OK && PQstatus(db->conn) != CONNECTION_BAD) {
		PostgresPollingStatusType s = PQconnectPoll(db->conn);

		if (s == PGRES_POLLING_OK) {
			*ret_db = db;
			return ERR_OK;
		}
		if (s == PGRES_POLLING_FAILED)
			break;
		err = await(db->conn,
		    s == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
	}
	keep_error(db, err == ERR_TIMEOUT ? "no answer in time"
					  : PQerrorMessage(db->conn));
	(void)snprintf(ret_why, DB_ERROR_TEXT, "%s", db->error);
	db_close(&db);
	return ERR_DB;
}

void
db_close(struct db **db)
{
	if (db == NULL || *db == NULL)
		return;
	PQfinish((*db)->conn);
	free(*db);
	*db = NULL;
}

int
db_fd(const struct db *db)
{
	return PQsocket(db->conn);
}

/* Collects the last result of what was sent, or NULL with *ret_err set. */
static PGresult *
collect(struct db *db, int64_t deadline, enum error *ret_err)
{
	PGresult *last = NULL, *res;
	int flushed;

	while ((flushed = PQflush(db->conn)) > 0) {
		*ret_err = await(db->conn, POLLIN | POLLOUT, deadline);
		if (*ret_err != ERR_OK)
			goto gone;
		if (PQconsumeInput(db->conn) == 0)
			goto lost;
	}
	if (flushed < 0)
		goto lost;
	for (;;) {
		while (PQisBusy(db->conn)) {
			*ret_err = await(db->conn, POLLIN, deadline);
			if (*ret_err != ERR_OK)
				goto gone;
			if (PQconsumeInput(db->conn) == 0)
				goto lost;
		}
		res = PQgetResult(db->conn);
		if (res == NULL)
			break;
		PQclear(last);
		last = res;
	}
	if (last != NULL && PQstatus(db->conn) == CONNECTION_OK) {
		*ret_err = ERR_OK;
		return last;
	}
lost:
	db->lost = true;
	*ret_err = ERR_DB;
	keep_error(db, PQerrorMessage(db->conn));
	PQclear(last);
	return NULL;
gone:
	db->lost = true;
	*ret_err = ERR_DB;
	keep_error(db, "no answer in time");
	PQclear(last);
	return NULL;
}

static enum error
prepare(struct db *db, const char *name, const char *sql, int64_t deadline)
{
	PGresult *res;
	enum error err;
	int i;

	for (i = 0; i < db->n_prepared; i++) {
		if (strcmp(db->prepared[i], name) == 0)
			return ERR_OK;
	}
	if (db->n_prepared == PREPARED_MAX)
		return ERR_BUSY;
	if (PQsendPrepare(db->conn, name, sql, 0, NULL) == 0) {
		keep_error(db, PQerrorMessage(db->conn));
		return ERR_DB;
	}
	res = collect(db, deadline, &err);
	if (res == NULL)
		return err;
	if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		keep_error(db, PQresultErrorMessage(res));
		err = ERR_DB;
	} else {
		db->prepared[db->n_prepared++] = name;
	}
	PQclear(res);
	return err;
}

static void
copy_field(const PGresult *res, int field, char *out, size_t size)
{
	const char *text = PQresultErrorField(res, field);

	(void)snprintf(out, size, "%s", text != NULL ? text : "");
}

enum error
db_send(struct db *db, const char *name, const char *sql, int n_params,
    const char *const *params, int timeout_ms)
{
	enum error err;

	db->error[0] = db->refusal[0] = db->detail[0] = '\0';
	err = prepare(db, name, sql, clock_ms() + timeout_ms);
	if (err != ERR_OK)
		return err;
	if (PQsendQueryPrepared(
		db->conn, name, n_params, params, NULL, NULL, 0) == 0) {
		keep_error(db, PQerrorMessage(db->conn));
		return ERR_DB;
	}
	return ERR_OK;
}

enum error
db_receive(struct db *db, int timeout_ms, struct db_result **ret_result)
{
	struct db_result *result;
	PGresult *res;
	enum error err;

	res = collect(db, clock_ms() + timeout_ms, &err);
	if (res == NULL)
		return err;
	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK) {
		const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

		keep_error(db, PQresultErrorMessage(res));
		if (state != NULL && strcmp(state, "SK001") == 0) {
			copy_field(res, PG_DIAG_MESSAGE_PRIMARY, db->refusal,
			    sizeof db->refusal);
			copy_field(res, PG_DIAG_MESSAGE_DETAIL, db->detail,
			    sizeof db->detail);
			err = ERR_DENIED;
		} else {
			err = ERR_DB;
		}
		PQclear(res);
		return err;
	}
	result = calloc(1, sizeof *result);
	if (result == NULL) {
		PQclear(res);
		return ERR_NOMEM;
	}
	result->res = res;
	*ret_result = result;
	return ERR_OK;
}

enum error
db_call(struct db *db, const char *name, const char *sql, int n_params,
    const char *const *params, int timeout_ms, struct db_result **ret_result)
{
	int64_t deadline = clock_ms() + timeout_ms;
	enum error err;

	err = db_send(db, name, sql, n_params, params, timeout_ms);
	if (err == ERR_OK)
		err = db_receive(db, (int)(deadline - clock_ms()), ret_result);
	return err;
}

bool
db_usable(const struct db *db)
{
	return !db->lost && PQstatus(db->conn) == CONNECTION_OK;
}

const char *
db_refusal(const struct db *db)
{
	return db->refusal;
}

const char *
db_refusal_detail(const struct db *db)
{
	return db->detail;
}

const char *
db_error(const struct db *db)
{
	return db->error;
}

enum error
db_wait_notify(struct db *db, int timeout_ms, bool *ret_notified)
{
	int64_t deadline = clock_ms() + timeout_ms;
	PGnotify *note;
	bool notified = false;
	enum error err;

	for (;;) {
		if (PQconsumeInput(db->conn) == 0) {
			keep_error(db, PQerrorMessage(db->conn));
			return ERR_DB;
		}
		while ((note = PQnotifies(db->conn)) != NULL) {
			PQfreemem(note);
			notified = true;
		}
		if (notified)
			break;
		err = await(db->conn, POLLIN, deadline);
		if (err == ERR_TIMEOUT)
			break;
		if (err != ERR_OK)
			return err;
	}
	*ret_notified = notified;
	return ERR_OK;
}

int
db_rows(const struct db_result *result)
{
	return PQntuples(result->res);
}

const char *
db_text(const struct db_result *result, int row, int column)
{
	if (PQgetisnull(result->res, row, column))
		return NULL;
	return PQgetvalue(result->res, row, column);
}

int64_t
db_int(const struct db_result *result, int row, int column)
{
	const char *text = db_text(result, row, column);

	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

bool
db_bool(const struct db_result *result, int row, int column)
{
	const char *text = db_text(result, row, column);

	return text != NULL && text[0] == 't';
}

enum error
db_copy_text(const struct db_result *result, int row, int column,
    char *ret_text, size_t size)
{
	const char *text = db_text(result, row, column);
	size_t len = text == NULL ? 0 : strlen(text);

	if (len >= size)
		return ERR_INPUT;
	memcpy(ret_text, text == NULL ? "" : text, len + 1);
	return ERR_OK;
}

enum error
db_bytes(const struct db_result *result, int row, int column,
    unsigned char *ret_bytes, size_t cap, size_t *ret_len)
{
	const char *text = db_text(result, row, column);

	if (text == NULL) {
		*ret_len = 0;
		return ERR_OK;
	}
	if (text[0] != '\\' || text[1] != 'x')
		return ERR_INPUT;
	return hex_decode(text + 2, strlen(text + 2), ret_bytes, cap, ret_len);
}

void
db_result_free(struct db_result **result)
{
	if (result == NULL || *result == NULL)
		return;
	PQclear((*result)->res);
	free(*result);
	*result = NULL;
}

void
db_bytea(const void *bytes, size_t len, char *ret_text)
{
	ret_text[0] = '\\';
	ret_text[1] = 'x';
	hex_encode(bytes, len, ret_text + 2);
}
