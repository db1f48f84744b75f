/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/ask.h"
#include "cardtools/csv.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/proof.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "cardtools/words.h"

static void
put_number(struct sheet *sheet, const json_t *value)
{
	char text[24];

	(void)snprintf(
	    text, sizeof text, "%lld", (long long)json_integer_value(value));
	sheet_cell(sheet, text);
}

static void
show_list(const json_t *list)
{
	const char *const headings[] = {_("ENTRY"), _("WHEN"), _("LOGIN"),
	    _("FOR"), _("HOW"), _("DOCUMENTS"), _("COPIES"), _("VERIFIED BY"),
	    _("WITH")};
	struct sheet *sheet = sheet_new(9, headings);
	const json_t *proof;
	size_t i;

	json_array_foreach(list, i, proof)
	{
		char copies[16];

		(void)snprintf(copies, sizeof copies, "%zu",
		    json_array_size(json_object_get(proof, "copies")));
		put_number(sheet, json_object_get(proof, "id"));
		sheet_moment(sheet, field(proof, "at"));
		sheet_cell(sheet, field(proof, "login"));
		sheet_cell(sheet, term_words(field(proof, "purpose")));
		sheet_cell(sheet, term_words(field(proof, "method")));
		sheet_cell(sheet, field(proof, "documents"));
		sheet_cell(sheet, copies);
		sheet_cell(sheet, field(proof, "verifier"));
		sheet_cell(sheet, field(proof, "second_verifier"));
	}
	sheet_end(&sheet);
}

static void
show_proof(const json_t *proof)
{
	const json_t *corrects = json_object_get(proof, "corrects"), *copy;
	struct sheet *sheet = sheet_new(2, NULL);
	size_t i;

	sheet_cell(sheet, _("entry"));
	put_number(sheet, json_object_get(proof, "id"));
	sheet_cell(sheet, _("when"));
	sheet_moment(sheet, field(proof, "at"));
	sheet_cell(sheet, _("login"));
	sheet_cell(sheet, field(proof, "login"));
	sheet_cell(sheet, _("name"));
	sheet_cell(sheet, field(proof, "name"));
	sheet_cell(sheet, _("for"));
	sheet_cell(sheet, term_words(field(proof, "purpose")));
	sheet_cell(sheet, _("how"));
	sheet_cell(sheet, term_words(field(proof, "method")));
	sheet_cell(sheet, _("documents"));
	sheet_cell(sheet, field(proof, "documents"));
	sheet_cell(sheet, _("note"));
	sheet_cell(sheet, field(proof, "note"));
	sheet_cell(sheet, _("verified by"));
	sheet_cell(sheet, field(proof, "verifier"));
	sheet_cell(sheet, _("with"));
	sheet_cell(sheet, field(proof, "second_verifier"));
	if (json_is_integer(corrects)) {
		sheet_cell(sheet, _("corrects entry"));
		put_number(sheet, corrects);
	}
	sheet_cell(sheet, _("used"));
	sheet_moment(sheet, field(proof, "used_at"));
	json_array_foreach(json_object_get(proof, "copies"), i, copy)
	{
		char text[512];

		(void)snprintf(text, sizeof text, "%lld  %.200s  SHA-256 %s",
		    (long long)json_integer_value(json_object_get(copy, "id")),
		    field(copy, "name"), field(copy, "sha256"));
		sheet_cell(sheet, _("copy"));
		sheet_cell(sheet, text);
	}
	sheet_end(&sheet);
}

static enum status
answer(struct call *call, json_t *answered, void (*show)(const json_t *))
{
	if (call->json)
		out_json(answered, false);
	else
		show(answered);
	json_decref(answered);
	return STATUS_DONE;
}

static enum status
proof_add(struct call *call)
{
	const char *purpose = option(call, "for");
	json_t *proof;
	enum status status;
	char word[24];

	if (purpose == NULL)
		purpose = "password-reset";
	proof_word(purpose, word);
	status = proof_make(call, call->arg[0], word, NULL, &proof);
	return status == STATUS_DONE ? answer(call, proof, show_proof) : status;
}

static enum status
proof_correct(struct call *call)
{
	json_t *old, *proof;
	enum status status;

	status = database_call(
	    call, "proof_show", PARAMETERS({"p_proof", call->arg[0]}), &old);
	if (status != STATUS_DONE)
		return status;
	status = proof_make(call, field(old, "login"), field(old, "purpose"),
	    call->arg[0], &proof);
	json_decref(old);
	return status == STATUS_DONE ? answer(call, proof, show_proof) : status;
}

static enum status
proof_show(struct call *call)
{
	enum status status;
	json_t *proof;

	status = database_call(
	    call, "proof_show", PARAMETERS({"p_proof", call->arg[0]}), &proof);
	return status == STATUS_DONE ? answer(call, proof, show_proof) : status;
}

static enum status
read_list(struct call *call, json_t **ret_list)
{
	return database_call(call, "proof_list",
	    PARAMETERS({"p_login", option(call, "login")},
		{"p_text", call->arg[0]}, {"p_from", option(call, "from")},
		{"p_until", option(call, "until")},
		{"p_limit", option(call, "limit")}),
	    ret_list);
}

static enum status
proof_list(struct call *call)
{
	enum status status;
	json_t *list;

	status = read_list(call, &list);
	return status == STATUS_DONE ? answer(call, list, show_list) : status;
}

/* A file that was not there, closed to others. */
static FILE *
create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (f == NULL)
		say("%s: %s", path, strerror(errno));
	return f;
}

/* Gives it up if not all of it could be written. */
static enum status
finish(FILE *f, const char *path, bool good)
{
	good = good && fflush(f) == 0 && fsync(fileno(f)) == 0;
	if (fclose(f) == 0 && good)
		return STATUS_DONE;
	say("%s: %s", path, strerror(errno));
	(void)unlink(path);
	return STATUS_UNREACHED;
}

static enum status
proof_copy(struct call *call)
{
	unsigned char *octets = NULL;
	struct secret *line = NULL;
	enum status status;
	const char *why, *base64;
	size_t size, len = 0;
	json_t *copy;
	FILE *f;

	status = ask_why(call, &line, &why);
	if (status == STATUS_DONE)
		status = database_call(call, "proof_copy",
		    PARAMETERS({"p_copy", call->arg[0]}, {"p_why", why}),
		    &copy);
	secret_free(&line);
	if (status != STATUS_DONE)
		return status;
	base64 = field(copy, "octets");
	size = strlen(base64);
	octets = malloc(size + 1);
	/* PostgreSQL writes lines of 76 characters */
	if (octets == NULL ||
	    sodium_base642bin(octets, size + 1, base64, size, "\n", &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0) {
		say("%s", _("the copy cannot be read"));
		status = STATUS_UNREACHED;
	} else if (!json_is_true(json_object_get(copy, "intact"))) {
		say("%s", _("the copy is not what was put into the ledger: its "
			    "digest is another. Tell the auditor."));
		status = STATUS_REFUSED;
	} else if ((f = create(call->arg[1])) == NULL) {
		status = STATUS_USAGE;
	} else {
		status =
		    finish(f, call->arg[1], fwrite(octets, 1, len, f) == len);
	}
	free(octets);
	if (status == STATUS_DONE && call->json) {
		(void)json_object_del(copy, "octets");
		out_json(copy, false);
	} else if (status == STATUS_DONE) {
		out(_("%s is written. Destroy it when it is no longer "
		      "needed.\n"),
		    call->arg[1]);
	}
	json_decref(copy);
	return status;
}

/* The ledger as a table for others, digests and all. */
static enum status
proof_export(struct call *call)
{
	static const char *const columns[] = {"at", "login", "name", "purpose",
	    "method", "documents", "note", "verifier", "second_verifier"};
	enum { COLUMNS = sizeof columns / sizeof columns[0] };
	const json_t *proof, *copy;
	enum status status;
	json_t *list;
	size_t i, k;
	FILE *f;

	status = database_call(call, "proof_list",
	    PARAMETERS({"p_from", option(call, "from")},
		{"p_until", option(call, "until")}, {"p_limit", "100000"}),
	    &list);
	if (status != STATUS_DONE)
		return status;
	f = create(call->arg[0]);
	if (f == NULL) {
		json_decref(list);
		return STATUS_USAGE;
	}
	(void)fputs("\xef\xbb\xbf"
		    "id,at,login,name,purpose,method,documents,note,verifier,"
		    "second_verifier,corrects,copies\r\n",
	    f);
	json_array_foreach(list, i, proof)
	{
		(void)fprintf(f, "%lld",
		    (long long)json_integer_value(
			json_object_get(proof, "id")));
		for (k = 0; k < COLUMNS; k++) {
			(void)fputc(',', f);
			csv_put(f, field(proof, columns[k]));
		}
		(void)fputc(',', f);
		if (json_is_integer(json_object_get(proof, "corrects")))
			(void)fprintf(f, "%lld",
			    (long long)json_integer_value(
				json_object_get(proof, "corrects")));
		(void)fputs(",\"", f);
		json_array_foreach(json_object_get(proof, "copies"), k, copy)(
		    void) fprintf(f, "%ssha256:%s", k > 0 ? " " : "",
		    field(copy, "sha256"));
		(void)fputs("\"\r\n", f);
	}
	i = json_array_size(list);
	json_decref(list);
	status = finish(f, call->arg[0], ferror(f) == 0);
	if (status == STATUS_DONE && !call->json)
		out(_("%zu entries are in %s.\n"), i, call->arg[0]);
	return status;
}

static const struct option add_options[] = {
    PROOF_OPTIONS,
    {.name = "for",
	.kind = OPTION_CHOICE,
	.choices = "password-reset|password-leaked|password-set|card|totp|"
		   "fido2|other",
	.help = N_("what it is for; password-reset if left out")},
    {0},
};

static const struct option correct_options[] = {PROOF_OPTIONS, {0}};

static const struct option list_options[] = {
    {.name = "login",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("of this person alone")},
    {.name = "from",
	.kind = OPTION_FROM,
	.value = "DATE",
	.help = N_("not before")},
    {.name = "until",
	.kind = OPTION_UNTIL,
	.value = "DATE",
	.help = N_("not after")},
    {.name = "limit",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 100000,
	.help = N_("at most so many; 1000 if left out")},
    {0},
};

static const struct option export_options[] = {
    {.name = "from",
	.kind = OPTION_FROM,
	.value = "DATE",
	.help = N_("not before")},
    {.name = "until",
	.kind = OPTION_UNTIL,
	.value = "DATE",
	.help = N_("not after")},
    {0},
};

static const struct option copy_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.help = N_("what it is needed for; it is recorded, and asked for on a "
		   "terminal")},
    {0},
};

const struct verb proof_verbs[] = {
    {"add", "LOGIN", proof_add, add_options,
	N_("record how a person was known before something was given out"),
	N_("The guideline wants it for every password that staff change: who, "
	   "known by\nwhat, by whom, and copies of the documents. An entry is "
	   "good for a day and for\none reset; nothing in it is ever changed. "
	   "“card-admin password reset” makes one\nby itself if it is given "
	   "the same options.\n\n"
	   "  card-admin proof add suzuki --how in-person --documents "
	   "\"運転免許証\" --copy menkyo.pdf")},
    {"correct", "ENTRY", proof_correct, correct_options,
	N_("add an entry that says what another should have said"),
	N_("The other stays as it is; a correction opens nothing.\n\n"
	   "  card-admin proof correct 17 --how video --documents "
	   "\"職員証 0042\"")},
    {"show", "ENTRY", proof_show, NULL,
	N_("show an entry and what is attached to it"), NULL},
    {"list", "[TEXT]", proof_list, list_options,
	N_("list entries, newest first, that contain a text"),
	N_("  card-admin proof list\n  card-admin proof list 免許証 --from "
	   "2027-04-01")},
    {"copy", "COPY FILE", proof_copy, copy_options,
	N_("write a copy of a document into a file; it is recorded that it was "
	   "looked at"),
	N_("  card-admin proof copy 9 menkyo.pdf --why \"question of the "
	   "auditor\"")},
    {"export", "FILE", proof_export, export_options,
	N_("write the ledger as CSV, for spreadsheets and auditors"),
	N_("  card-admin proof export ledger-2027.csv --from 2027-04-01")},
    {0},
};
