/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what a noun, a verb and an option are. Each cmd_NOUN.c ends
 * with the table of its verbs; table.c lists the nouns. Parsing, checking,
 * help and completion all come from these tables.
 */
#ifndef SEKISHO_CARDTOOLS_COMMAND_H
#define SEKISHO_CARDTOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cardtools/localconf.h"
#include "common/rules/name.h"

/* Promised to scripts; see card-admin(1). */
enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1, /* by a rule */
	STATUS_USAGE = 2,
	STATUS_UNREACHED = 3, /* the database or the server's clerk */
	STATUS_READER = 4,    /* card or reader */
};

enum option_kind {
	OPTION_END,
	OPTION_FLAG,
	OPTION_TEXT,   /* max characters, 200 if 0 */
	OPTION_NUMBER, /* min..max */
	OPTION_CHOICE, /* one of choices, "a|b|c" */
	OPTION_LOGIN,  /* made canonical */
	OPTION_FROM,   /* a moment; a date alone is its first second */
	OPTION_UNTIL,  /* a moment; a date alone includes that day */
	OPTION_DATE,   /* a day, kept as it is */
	OPTION_FILE,
};

struct option {
	const char *name;
	enum option_kind kind;
	const char *value;   /* how help names the value */
	const char *choices; /* of OPTION_CHOICE */
	long min, max;
	const char *help; /* N_() */
};

struct call;

struct verb {
	const char *name; /* NULL: the noun alone is the command */
	/* "LOGIN [TOKEN]"; a LOGIN is made canonical before run */
	const char *args;
	enum status (*run)(struct call *call);
	const struct option *options; /* NULL: only --json and --help */
	const char *summary;	      /* N_(), one line */
	const char *details;	      /* N_(), more and examples, may be NULL */
};

struct noun {
	const char *name;
	const struct verb *verbs; /* ends with a NULL run */
	const char *summary;	  /* N_() */
};

extern const struct noun nouns[]; /* ends with a NULL name */

enum { CALL_ARGS = 4, CALL_OPTIONS = 16 };

/* One command line, checked. */
struct call {
	const struct noun *noun;
	const struct verb *verb;
	bool json;
	char *arg[CALL_ARGS]; /* NULL where left out */
	char *option[CALL_OPTIONS];
	struct localconf conf;
	struct database *database; /* opened on first use */
	int patience_ms;	   /* for one call of it; 0: the usual */
};

/* The value given, "" for a flag, NULL if absent; the name must exist. */
const char *option(const struct call *call, const char *name);

/* Reads options and arguments behind the verb. Says what is wrong. */
enum status call_parse(
    struct call *call, int argc, const char **argv, bool *ret_help);
void call_clear(struct call *call);

void help_all(void);
void help_noun(const struct noun *noun);
void help_verb(const struct noun *noun, const struct verb *verb);

#endif
