/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - configuration files (libconfig syntax) read against a table.
 * Every setting has a type, a range and a default; an unknown name, a wrong
 * type or a value out of range is an error that names file and line.
 */
#ifndef SEKISHO_BASE_CONF_H
#define SEKISHO_BASE_CONF_H

#include <stddef.h>

#include "common/base/error.h"

enum conf_type {
	CONF_INT,    /* int, range min..max */
	CONF_BOOL,   /* bool */
	CONF_STRING, /* char *, at most max octets; freed by conf_clear */
	CONF_PAIRS,  /* struct conf_pairs, at most max; without a preset none */
	CONF_LIST,   /* struct conf_list, at most max texts; the same */
};

/* A table of two columns: ( ("theirs", "ours"), ... ). */
struct conf_pair {
	char *from, *to;
};

struct conf_pairs {
	size_t n;
	struct conf_pair *pair;
};

/* [ "text", ... ]; text[n] is NULL, so it can be an argument vector. */
struct conf_list {
	size_t n;
	char **text; /* NULL where there is no list */
};

struct conf_setting {
	const char *path; /* e.g. "database.connect" */
	enum conf_type type;
	size_t offset; /* of the field in the caller's struct */
	long min, max;
	const char *preset; /* default as text; NULL: must be given */
};

enum { CONF_FILE_MAX = 65536, CONF_MESSAGE = 512, CONF_PAIR_MAX = 255 };

/*
 * Fills ret_conf (zeroed by the caller) from the file; path NULL means all
 * defaults. On failure writes one line into message and leaves ret_conf to
 * conf_clear. The table ends with a NULL path.
 */
MUST_CHECK enum error conf_read(const char *path,
    const struct conf_setting *table, void *ret_conf,
    char message[CONF_MESSAGE]);

/* The same from memory, for tests and the fuzzer; name stands in messages. */
MUST_CHECK enum error conf_read_text(const char *name, const char *text,
    const struct conf_setting *table, void *ret_conf,
    char message[CONF_MESSAGE]);

/* Frees the strings and pairs that the table names; none are left. */
void conf_clear(const struct conf_setting *table, void *conf);

#endif
