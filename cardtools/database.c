/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/db/db.h"

enum {
	CONNECT_MS = 5000,
	CALL_MS = 15000,
	PARAMETERS_MAX = 16,
	STATEMENT_MAX = 1024,
	STATEMENTS = 16,
};

struct database {
	struct db *db;
	/* db.h keeps names, so they live as long as the connection. */
	char *name[STATEMENTS];
	int n;
};

static enum status
open_database(struct call *call)
{
	char why[DB_ERROR_TEXT];

	call->database = calloc(1, sizeof *call->database);
	if (call->database == NULL)
		return STATUS_UNREACHED;
	if (db_open(call->conf.connect, CONNECT_MS, &call->database->db, why) ==
	    ERR_OK)
		return STATUS_DONE;
	say(_("cannot reach the database: %s"), why);
	if (call->conf.connect[0] == '\0')
		say(_("set database.connect in %s, or PGHOST and PGUSER"),
		    call->conf.written_to);
	else
		say(_("look at database.connect in %s"), call->conf.read_from);
	database_close(&call->database);
	return STATUS_UNREACHED;
}

void
database_close(struct database **database)
{
	int i;

	if (*database == NULL)
		return;
	db_close(&(*database)->db);
	for (i = 0; i < (*database)->n; i++)
		free((*database)->name[i]);
	free(*database);
	*database = NULL;
}

/*
 * "SELECT sekisho.f(p_a => $1, p_b => $2)", and a name for it that differs
 * where other parameters were left out.
 */
static int
write_statement(const char *function, const struct parameter *parameters,
    char *ret_sql, char *ret_name, const char **ret_values)
{
	char *sql = ret_sql;
	unsigned given = 0, bit = 1;
	int n = 0;

	sql += snprintf(sql, STATEMENT_MAX, "SELECT sekisho.%s(", function);
	for (; parameters->name != NULL; parameters++, bit <<= 1) {
		if (parameters->value == NULL)
			continue;
		if (n == PARAMETERS_MAX)
			abort(); /* no function has so many */
		ret_values[n++] = parameters->value;
		sql += snprintf(sql, (size_t)(STATEMENT_MAX - (sql - ret_sql)),
		    "%s%s => $%d", n > 1 ? ", " : "", parameters->name, n);
		given |= bit;
	}
	(void)snprintf(sql, (size_t)(STATEMENT_MAX - (sql - ret_sql)), ")");
	(void)snprintf(ret_name, 64, "%.48s/%x", function, given);
	return n;
}

static const char *
keep_name(struct database *database, const char *name)
{
	int i;

	for (i = 0; i < database->n; i++) {
		if (strcmp(database->name[i], name) == 0)
			return database->name[i];
	}
	if (i == STATEMENTS || (database->name[i] = strdup(name)) == NULL)
		return NULL;
	database->n++;
	return database->name[i];
}

static void
say_refusal(const struct call *call, const struct db *db)
{
	const char *key = db_refusal(db), *detail = db_refusal_detail(db);

	if (call->json) {
		json_t *answer =
		    json_pack("{s:s, s:s}", "refused", key, "detail", detail);

		if (answer != NULL)
			out_json(answer, false);
		json_decref(answer);
	}
	say_about(refusal_words(key), detail[0] != '\0' ? detail : key);
}

/*
 * Why a call failed that no rule refused. On a connection of its own: the
 * failed one is given up (db.h).
 */
static enum status
say_failure(struct call *call, const char *function)
{
	static const char sql[] =
	    "SELECT current_user, has_function_privilege(p.oid, 'EXECUTE')"
	    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
	    " WHERE n.nspname = 'sekisho' AND p.proname = $1";
	char what[DB_ERROR_TEXT];
	struct db_result *found = NULL;
	enum status status;

	(void)snprintf(what, sizeof what, "%s", db_error(call->database->db));
	database_close(&call->database);
	status = open_database(call);
	if (status != STATUS_DONE)
		return status;
	status = STATUS_UNREACHED;
	if (db_call(call->database->db, "right", sql, 1, &function, CALL_MS,
		&found) == ERR_OK &&
	    db_rows(found) == 0) {
		say("%s",
		    _("this database knows no such thing; bring it to this "
		      "version with sekisho-migrate"));
	} else if (found != NULL && !db_bool(found, 0, 1)) {
		say(_("the role “%s” may not do this; operators have "
		      "sekisho_operator and, to enrol tokens, "
		      "sekisho_enrolment"),
		    db_text(found, 0, 0));
		status = STATUS_REFUSED;
	} else {
		say(_("the database did not do it: %s"), what);
	}
	db_result_free(&found);
	database_close(&call->database);
	return status;
}

enum status
database_call(struct call *call, const char *function,
    const struct parameter *parameters, json_t **ret_answer)
{
	char sql[STATEMENT_MAX], name[64];
	const char *values[PARAMETERS_MAX], *kept, *text;
	struct db_result *result = NULL;
	json_t *answer;
	enum status status;
	enum error err;
	int n;

	if (call->database == NULL) {
		status = open_database(call);
		if (status != STATUS_DONE)
			return status;
	}
	n = write_statement(function, parameters, sql, name, values);
	kept = keep_name(call->database, name);
	if (kept == NULL)
		return STATUS_UNREACHED;
	err = db_call(call->database->db, kept, sql, n, values,
	    call->patience_ms > 0 ? call->patience_ms : CALL_MS, &result);
	if (err == ERR_DENIED) {
		say_refusal(call, call->database->db);
		return STATUS_REFUSED;
	}
	if (err != ERR_OK)
		return say_failure(call, function);
	text = db_rows(result) == 1 ? db_text(result, 0, 0) : NULL;
	answer = text == NULL
		     ? json_null()
		     : json_loads(text,
			   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	db_result_free(&result);
	if (answer == NULL) {
		say("%s", _("the database's answer makes no sense; is it of "
			    "another version?"));
		return STATUS_UNREACHED;
	}
	*ret_answer = answer;
	return STATUS_DONE;
}
