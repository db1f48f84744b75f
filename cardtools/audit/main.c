/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <popt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/audit/prove.h"
#include "cardtools/audit/verify.h"
#include "cardtools/language.h"
#include "cardtools/text.h"

/* As card-admin's: 1 is an answer, and the others are not. */
enum { INTACT = 0, FOUND = 1, WRONG_USE = 2, UNREADABLE = 3 };

enum { OPTION_KEY = 1, OPTION_ANCHOR, ANCHOR_FILES = 64 };

static struct auditkeys keys;
static const char *anchor_files[ANCHOR_FILES];
static size_t n_anchor_files;
static int json, show_version;
static char *event;

static const struct poptOption options[] = {
    {"key", 'k', POPT_ARG_STRING, NULL, OPTION_KEY,
	N_("public key, as 'sekisho-authd keys audit' shows it; again for "
	   "another"),
	"HEX"},
    {"anchor", 'a', POPT_ARG_STRING, NULL, OPTION_ANCHOR,
	N_("verify: what a node wrote to its audit_anchor; again for another"),
	"FILE"},
    {"event", 'e', POPT_ARG_STRING, &event, 0,
	N_("prove: the event's id, as 'card-admin audit show --json' has it"),
	"ID"},
    {"json", 0, POPT_ARG_NONE, &json, 0,
	N_("verify: findings and the result as lines of JSON"), NULL},
    {"version", 'V', POPT_ARG_NONE, &show_version, 0, N_("print the version"),
	NULL},
    POPT_AUTOHELP POPT_TABLEEND};

static const char usage[] =
    N_("[OPTION...] verify|prove|check [FILE]\n\n"
       "Verifies an export of the audit ('card-admin audit export'), with "
       "nothing but\n"
       "the public key of whoever sealed it. Reads FILE, or standard input.\n\n"
       "  verify  finds events that were altered, inserted, taken away or put "
       "in\n"
       "          another order since they were sealed, and names them; with "
       "--anchor\n"
       "          also a history that was cut off or written anew\n"
       "  prove   writes the proof that one event is among the others, "
       "without them\n"
       "  check   checks such a proof, and shows the event\n\n"
       "Exits with 0 if all is intact, 1 if something was found, 2 for wrong "
       "use, 3 if\n"
       "something could not be read.\n");

static int
fail(int code, const char *what, const char *why)
{
	(void)fprintf(stderr, "sekisho-audit: %s%s%s\n", what,
	    why[0] != '\0' ? ": " : "", why);
	return code;
}

static int
unreadable(const struct export *e, const char *name, enum error err)
{
	if (err != ERR_INPUT)
		return fail(UNREADABLE, name,
		    err == ERR_SYSTEM ? strerror(errno) : error_text(err));
	(void)fprintf(stderr,
	    _("sekisho-audit: %s: line %" PRIu64 " is neither a batch nor an "
	      "event of one; write the export again\n"),
	    name, e->line.number);
	return UNREADABLE;
}

static void
tell(const struct verified *v, const struct findings *f)
{
	if (json != 0) {
		(void)printf("{\"intact\": %s, \"findings\": %" PRIu64
			     ", \"batches\": [%" PRIu64 ", %" PRIu64
			     "], \"events\": %" PRIu64 "}\n",
		    f->n == 0 ? "true" : "false", f->n, v->first, v->last,
		    v->events);
		return;
	}
	if (f->n > FINDINGS_SHOWN)
		(void)printf(
		    _("... and %" PRIu64 " more\n"), f->n - FINDINGS_SHOWN);
	(void)printf(_("batches %" PRIu64 " to %" PRIu64 ", %" PRIu64
		       " events, sealed from %s to %s: %s\n"),
	    v->first, v->last, v->events, v->from, v->until,
	    f->n == 0 ? _("intact") : _("NOT intact"));
	if (v->first > 1)
		(void)printf(
		    _("what came before batch %" PRIu64 " was not looked at\n"),
		    v->first);
	if (n_anchor_files == 0)
		(void)printf(_("not compared with any anchor: a history that "
			       "was cut off would not be seen\n"));
}

static int
verify(FILE *from, const char *name)
{
	struct findings findings = {.json = json != 0};
	struct anchors anchors = {0};
	struct verified verified;
	struct export export;
	int code = UNREADABLE;
	enum error err;
	size_t i;

	export_open(from, &export);
	for (i = 0; i < n_anchor_files; i++) {
		uint64_t line;

		err = anchors_read(&anchors, anchor_files[i], &keys, &line);
		if (err != ERR_OK) {
			(void)fprintf(stderr,
			    _("sekisho-audit: %s: line %" PRIu64 ": %s\n"),
			    anchor_files[i], line,
			    err == ERR_SYSTEM ? strerror(errno)
					      : error_text(err));
			goto out;
		}
	}
	anchors_sort(&anchors, &findings);
	err = verify_export(&export, &keys, &anchors, &findings, &verified);
	if (err != ERR_OK) {
		code = unreadable(&export, name, err);
	} else if (verified.last == 0 && findings.n == 0) {
		code = fail(UNREADABLE, name, _("has no batch in it"));
	} else {
		tell(&verified, &findings);
		code = findings.n == 0 ? INTACT : FOUND;
	}
out:
	export_close(&export);
	anchors_clear(&anchors);
	return code;
}

static int
prove(FILE *from, const char *name)
{
	struct export export;
	uint64_t id = 0;
	int end = 0, code;
	enum error err;

	if (event == NULL || sscanf(event, "%20" SCNu64 "%n", &id, &end) != 1 ||
	    event[end] != '\0') {
		(void)fclose(from);
		return fail(WRONG_USE,
		    _("prove: say which event, by --event and its id"), "");
	}
	export_open(from, &export);
	err = prove_event(&export, id, stdout);
	if (err == ERR_OK)
		code = INTACT;
	else if (err == ERR_NOTFOUND)
		code = fail(UNREADABLE, name,
		    _("has no such event; is it sealed yet?"));
	else if (err == ERR_MISMATCH)
		code = fail(FOUND, name,
		    _("the event's batch is not what was signed; verify it"));
	else
		code = unreadable(&export, name, err);
	export_close(&export);
	return code;
}

static int
check(FILE *from, const char *name)
{
	struct proven proven;
	enum error err;

	err = prove_check(from, &keys, &proven);
	(void)fclose(from);
	if (err == ERR_MISMATCH)
		return fail(FOUND, name, _("proves nothing"));
	if (err != ERR_OK)
		return fail(UNREADABLE, name, _("is no proof"));
	(void)printf("%s\n", proven.event);
	(void)fprintf(stderr,
	    _("sekisho-audit: this is one of the %" PRIu64
	      " events of batch %" PRIu64 ", sealed at %s\n"),
	    proven.statement.leaves, proven.statement.batch,
	    proven.statement.at);
	free(proven.event);
	return INTACT;
}

/* -1: go on. */
static int
take_option(poptContext pop, int option)
{
	char *value = poptGetOptArg(pop);
	enum error err = ERR_OK;

	if (option == OPTION_KEY)
		err = auditkeys_add(&keys, value);
	else if (n_anchor_files == ANCHOR_FILES)
		err = ERR_BUSY;
	else
		anchor_files[n_anchor_files++] = strdup(value);
	free(value);
	if (err == ERR_OK)
		return -1;
	return fail(WRONG_USE,
	    option == OPTION_KEY
		? _("--key: is 64 hexadecimal digits, at most 16 times")
		: _("--anchor: at most 64 files"),
	    "");
}

static int
run(const char *verb, const char *path)
{
	const bool is_prove = strcmp(verb, "prove") == 0;
	FILE *from = stdin;

	if (!is_prove && strcmp(verb, "verify") != 0 &&
	    strcmp(verb, "check") != 0)
		return fail(WRONG_USE, verb,
		    _("say verify, prove or check; see --help"));
	if (!is_prove && keys.n == 0)
		return fail(WRONG_USE,
		    _("say by --key whose signature counts; 'sekisho-authd "
		      "keys audit' shows it on the server"),
		    "");
	if (path != NULL)
		from = fopen(path, "re");
	if (from == NULL)
		return fail(UNREADABLE, path, strerror(errno));
	if (path == NULL)
		path = _("standard input");
	if (is_prove)
		return prove(from, path);
	return strcmp(verb, "verify") == 0 ? verify(from, path)
					   : check(from, path);
}

int
main(int argc, const char **argv)
{
	const char *verb, *path;
	poptContext pop;
	int rc, code = -1;

	language_set();
	if (sodium_init() < 0)
		return fail(UNREADABLE, "libsodium", _("does not start"));
	pop = poptGetContext("sekisho-audit", argc, argv, options, 0);
	poptSetOtherOptionHelp(pop, _(usage));
	while (code < 0 && (rc = poptGetNextOpt(pop)) > 0)
		code = take_option(pop, rc);
	if (code < 0 && rc < -1)
		code =
		    fail(WRONG_USE, poptBadOption(pop, POPT_BADOPTION_NOALIAS),
			poptStrerror(rc));
	verb = poptGetArg(pop);
	path = verb == NULL ? NULL : poptGetArg(pop);
	if (code < 0 && show_version != 0) {
		(void)printf("sekisho-audit %s\n", SEKISHO_VERSION);
		code = INTACT;
	}
	if (code < 0 && (verb == NULL || poptPeekArg(pop) != NULL))
		code = fail(WRONG_USE,
		    _("say verify, prove or check, and one file; see --help"),
		    "");
	if (code < 0)
		code = run(verb, path);
	while (n_anchor_files > 0)
		free((void *)(uintptr_t)anchor_files[--n_anchor_files]);
	free(event);
	poptFreeContext(pop);
	return code;
}
