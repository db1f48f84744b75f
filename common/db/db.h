/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db.h - the only file that knows libpq. Statements are prepared on first
 * use and take text parameters; every call has a deadline, after which the
 * connection is given up (its state is unknown).
 */
#ifndef SEKISHO_DB_DB_H
#define SEKISHO_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

struct db;
struct db_result;

enum { DB_ERROR_TEXT = 512 };

/*
 * Connects with a libpq connection string ("" means the PG* environment).
 * On ERR_DB writes the server's or libpq's words into ret_why.
 */
MUST_CHECK enum error db_open(const char *conninfo, int timeout_ms,
    struct db **ret_db, char ret_why[DB_ERROR_TEXT]);
void db_close(struct db **db);

/* The socket to the server, for a system-call filter or a poll; -1 if none. */
int db_fd(const struct db *db);

/*
 * Runs one statement. name identifies the prepared statement (a string
 * constant, unique per text). ERR_DENIED when the database refused by one of
 * our rules (SQLSTATE SK001): db_refusal and db_refusal_detail tell which.
 * ERR_DB for everything else, a missed deadline included: see db_usable.
 */
MUST_CHECK enum error db_call(struct db *db, const char *name, const char *sql,
    int n_params, const char *const *params, int timeout_ms,
    struct db_result **ret_result);

/*
 * The same in two halves, for who has something to do meanwhile: after db_send
 * has succeeded nothing but db_receive may be called.
 */
MUST_CHECK enum error db_send(struct db *db, const char *name, const char *sql,
    int n_params, const char *const *params, int timeout_ms);
MUST_CHECK enum error db_receive(
    struct db *db, int timeout_ms, struct db_result **ret_result);

/*
 * False once a call has timed out or the connection was lost: nothing but
 * db_close is left to do then.
 */
bool db_usable(const struct db *db);

/* Valid until the next call. */
const char *db_refusal(const struct db *db);
const char *db_refusal_detail(const struct db *db);
const char *db_error(const struct db *db);

/* Whether a notification has come in; waits at most timeout_ms for one. */
MUST_CHECK enum error db_wait_notify(
    struct db *db, int timeout_ms, bool *ret_notified);

int db_rows(const struct db_result *result);
/* NULL for SQL NULL. Owned by the result. */
const char *db_text(const struct db_result *result, int row, int column);
int64_t db_int(const struct db_result *result, int row, int column);
bool db_bool(const struct db_result *result, int row, int column);
/* Copies it; NULL becomes empty. ERR_INPUT if it does not fit. */
MUST_CHECK enum error db_copy_text(const struct db_result *result, int row,
    int column, char *ret_text, size_t size);
/* Decodes a bytea into ret_bytes; ERR_INPUT if it does not fit. */
MUST_CHECK enum error db_bytes(const struct db_result *result, int row,
    int column, unsigned char *ret_bytes, size_t cap, size_t *ret_len);

/* Wipes (libpq's copy as far as it is reachable), frees, sets NULL. */
void db_result_free(struct db_result **result);

/* bytea as a text parameter: "\x" and hex; out needs 2 * len + 3 octets. */
void db_bytea(const void *bytes, size_t len, char *ret_text);

#endif
