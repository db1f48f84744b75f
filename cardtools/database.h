/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * database.h - the only file here that knows the database. Its functions
 * take named arguments and answer with JSON; what went wrong is said here,
 * with what to do next.
 */
#ifndef SEKISHO_CARDTOOLS_DATABASE_H
#define SEKISHO_CARDTOOLS_DATABASE_H

#include <jansson.h>

#include "cardtools/command.h"

struct database;

struct parameter {
	const char *name;  /* as in the function: "p_login" */
	const char *value; /* NULL: left out, the function's default holds */
};

/*
 * Calls sekisho.FUNCTION with the parameters up to the one without a name.
 * Anything but STATUS_DONE has been said. Caller frees the answer with
 * json_decref; it is JSON null where the function answers NULL.
 */
enum status database_call(struct call *call, const char *function,
    const struct parameter *parameters, json_t **ret_answer);

void database_close(struct database **database);

#define PARAMETERS(...) ((const struct parameter[]){__VA_ARGS__, {NULL, NULL}})

#endif
