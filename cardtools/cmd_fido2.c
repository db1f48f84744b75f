/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_fido2.c - FIDO2 keys: enrolment, their life, and which models are
 * allowed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/fido2_desk.h"
#include "cardtools/issuer_crl.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/base/hex.h"
#include "common/crypto/certificate.h"
#include "common/crypto/pem.h"

static void
list_one(struct sheet *sheet, const json_t *key)
{
	const char *model = field(key, "model");
	char text[16];

	(void)snprintf(text, sizeof text, "%.*s", PICK_SHOWN, field(key, "id"));
	sheet_cell(sheet, text);
	sheet_cell(sheet, field(key, "login"));
	sheet_cell(sheet, field(key, "label"));
	sheet_cell(sheet, term_words(field(key, "state")));
	sheet_cell(sheet, model[0] != '\0' ? model : field(key, "aaguid"));
	sheet_cell(sheet, term_words(field(key, "uv")));
	sheet_cell(sheet, term_words(field(key, "attestation")));
	sheet_moment(sheet, field(key, "created_at"));
	sheet_cell(sheet, field(key, "created_by"));
}

static enum status
fido2_list(struct call *call)
{
	const char *const headings[] = {_("KEY"), _("LOGIN"), _("LABEL"),
	    _("STATE"), _("MODEL"), _("VERIFIES BY"), _("ATTESTED"),
	    _("ENROLLED"), _("BY")};
	struct sheet *sheet;
	const json_t *key;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "fido2_list", PARAMETERS({"p_login", call->arg[0]}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(9, headings);
	json_array_foreach(list, i, key) list_one(sheet, key);
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

/* KEY: the beginning of its id, or its label. The list is the caller's. */
static enum status
find(struct call *call, json_t **ret_list, const json_t **ret_key)
{
	const char *login = call->arg[0], *word = call->arg[1];
	const json_t *one, *named = NULL;
	enum status status;
	enum error err;
	size_t i, n = 0;

	status = database_call(
	    call, "fido2_list", PARAMETERS({"p_login", login}), ret_list);
	if (status != STATUS_DONE)
		return status;
	json_array_foreach(*ret_list, i, one)
	{
		if (strcmp(field(one, "label"), word) == 0 &&
		    strcmp(field(one, "state"), "revoked") != 0) {
			named = one;
			n++;
		}
	}
	if (n == 1) {
		*ret_key = named;
		return STATUS_DONE;
	}
	err = n == 0 ? pick(*ret_list, word, NULL, ret_key) : ERR_BUSY;
	if (err == ERR_OK)
		return STATUS_DONE;
	if (err == ERR_BUSY)
		say(_("several keys are meant by “%s”; “card-admin fido2 list "
		      "%s” shows their ids"),
		    word, login);
	else
		say(_("%s has no key “%s”; “card-admin fido2 list %s” shows "
		      "all"),
		    login, word, login);
	json_decref(*ret_list);
	return STATUS_REFUSED;
}

static void
show_line(const char *name, const char *value)
{
	out("%s: %s\n", name, value[0] != '\0' ? value : "-");
}

static enum status
fido2_show(struct call *call)
{
	const json_t *key;
	enum status status;
	json_t *list;

	status = find(call, &list, &key);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(key, false);
	} else {
		show_line(_("key"), field(key, "id"));
		show_line(_("holder"), field(key, "name"));
		show_line(_("label"), field(key, "label"));
		show_line(_("state"), term_words(field(key, "state")));
		show_line(_("why"), field(key, "why"));
		show_line(_("model"), field(key, "model"));
		show_line("AAGUID", field(key, "aaguid"));
		show_line(_("verifies by"), term_words(field(key, "uv")));
		show_line(_("attested"), term_words(field(key, "attestation")));
		show_line(_("domain"), field(key, "rp_id"));
		out(_("signature counter: %lld\n"),
		    (long long)json_integer_value(
			json_object_get(key, "sign_count")));
		if (json_is_true(json_object_get(key, "backup_eligible")))
			out("%s\n", _("a cloud can copy it to other devices"));
	}
	json_decref(list);
	return STATUS_DONE;
}

static enum status
answered(struct call *call, json_t *answer, const char *sentence)
{
	if (call->json)
		out_json(answer, false);
	else
		out("%s\n", sentence);
	json_decref(answer);
	return STATUS_DONE;
}

static enum status
fido2_rename(struct call *call)
{
	const json_t *key;
	enum status status;
	json_t *list, *answer = NULL;

	status = find(call, &list, &key);
	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "fido2_rename",
	    PARAMETERS(
		{"p_token", field(key, "id")}, {"p_label", call->arg[2]}),
	    &answer);
	json_decref(list);
	return status == STATUS_DONE ? answered(call, answer, _("Renamed."))
				     : status;
}

static enum status
change(struct call *call, const char *function, const char *state,
    const char *sentence)
{
	const char *why = option(call, "why");
	const json_t *key;
	enum status status;
	json_t *list, *answer = NULL;

	status = find(call, &list, &key);
	if (status != STATUS_DONE)
		return status;
	if (state != NULL)
		status = database_call(call, function,
		    PARAMETERS({"p_token", field(key, "id")},
			{"p_state", state}, {"p_why", why}),
		    &answer);
	else
		status = database_call(call, function,
		    PARAMETERS({"p_token", field(key, "id")}, {"p_why", why}),
		    &answer);
	json_decref(list);
	return status == STATUS_DONE ? answered(call, answer, sentence)
				     : status;
}

static enum status
fido2_suspend(struct call *call)
{
	return change(call, "fido2_change", "suspended",
	    _("Suspended: it counts for nothing until it is resumed."));
}

static enum status
fido2_resume(struct call *call)
{
	return change(
	    call, "fido2_change", "active", _("Resumed: it counts again."));
}

static enum status
fido2_lost(struct call *call)
{
	return change(call, "fido2_lost", NULL,
	    _("Lost: from this moment it counts for nothing, and its holder's "
	      "sessions are being ended."));
}

static enum status
fido2_revoke(struct call *call)
{
	return change(call, "fido2_change", "revoked",
	    _("Revoked for good: it never counts again."));
}

static enum status
model_list(struct call *call)
{
	const char *const headings[] = {"AAGUID", _("MODEL"), _("KEYS"),
	    _("MAKER'S CERTIFICATE"), _("NOTE")};
	struct sheet *sheet;
	const json_t *model;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "fido2_model_list", PARAMETERS({NULL, NULL}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(5, headings);
	json_array_foreach(list, i, model)
	{
		char text[24];

		sheet_cell(sheet, field(model, "aaguid"));
		sheet_cell(sheet, field(model, "name"));
		(void)snprintf(text, sizeof text, "%lld",
		    (long long)json_integer_value(
			json_object_get(model, "keys")));
		sheet_cell(sheet, text);
		sheet_cell(sheet,
		    field(model, "root")[0] != '\0' ? _("yes") : _("no"));
		sheet_cell(sheet, field(model, "note"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
read_root(const char *path, char **ret_hex)
{
	struct certificate c;
	unsigned char *der;
	enum status status;
	size_t len;

	status = issuer_read_file(path, PEM_CERTIFICATE, &der, &len);
	if (status != STATUS_DONE)
		return status;
	if (certificate_parse(der, len, &c) != ERR_OK || !c.is_ca) {
		say(_("%s is not the certificate of a CA"), path);
		status = STATUS_USAGE;
	} else {
		*ret_hex = fido2_hex(der, len);
		status = *ret_hex != NULL ? STATUS_DONE : STATUS_UNREACHED;
	}
	free(der);
	return status;
}

static enum status
check_aaguid(const char *text)
{
	if (uuid_valid(text))
		return STATUS_DONE;
	say(_("“%s” is no AAGUID, such as "
	      "2fc0579f-8113-47ea-b116-bb5a8db9202a"),
	    text);
	return STATUS_USAGE;
}

static enum status
model_add(struct call *call)
{
	const char *path = option(call, "root");
	const char *name = option(call, "name");
	enum status status = check_aaguid(call->arg[0]);
	char *root = NULL;
	json_t *answer;

	if (status == STATUS_DONE && name == NULL) {
		say("%s", _("--name says what the model is called"));
		status = STATUS_USAGE;
	}
	if (status == STATUS_DONE && path != NULL)
		status = read_root(path, &root);
	if (status == STATUS_DONE)
		status = database_call(call, "fido2_model_add",
		    PARAMETERS({"p_aaguid", call->arg[0]}, {"p_name", name},
			{"p_note", option(call, "note") != NULL
				       ? option(call, "note")
				       : ""},
			{root != NULL ? "p_root" : NULL, root}),
		    &answer);
	free(root);
	if (status != STATUS_DONE)
		return status;
	return answered(call, answer,
	    _("Allowed. It matters where the setting fido2.attestation is "
	      "“listed”."));
}

static enum status
model_remove(struct call *call)
{
	enum status status = check_aaguid(call->arg[0]);
	json_t *answer;

	if (status == STATUS_DONE)
		status = database_call(call, "fido2_model_remove",
		    PARAMETERS({"p_aaguid", call->arg[0]}), &answer);
	if (status != STATUS_DONE)
		return status;
	return answered(call, answer,
	    _("Allowed no more for new keys; those that are enrolled stay."));
}

static const struct option enrol_options[] = {
    {.name = "label",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 64,
	.help = N_("what its holder calls it: blue key")},
    {.name = "device",
	.kind = OPTION_FILE,
	.value = "PATH",
	.help = N_("which key, if several are plugged in: /dev/hidraw3")},
    {.name = "uv",
	.kind = OPTION_CHOICE,
	.choices = "required|none",
	.help = N_("whether it must make sure of its user; if left out, where "
		   "it can")},
    {0},
};

static const struct option label_options[] = {
    {.name = "label",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 64,
	.help = N_("what its holder calls it: blue key")},
    {0},
};

static const struct option invite_options[] = {
    {.name = "minutes",
	.kind = OPTION_NUMBER,
	.value = "N",
	.min = 1,
	.max = 1440,
	.help = N_("for how long it is good; 60 if left out")},
    {0},
};

static const struct option why_options[] = {
    {.name = "why",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 500,
	.help = N_("the reason, which is recorded")},
    {0},
};

static const struct option model_options[] = {
    {.name = "name",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 128,
	.help = N_("what the model is called")},
    {.name = "root",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("certificate of the CA that attests to it, PEM or DER")},
    {.name = "note",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 500,
	.help = N_("anything worth knowing")},
    {0},
};

const struct verb fido2_verbs[] = {
    {"enrol", "LOGIN", fido2_enrol, enrol_options,
	N_("make the key in the USB port a person's"),
	N_("Asks for the key's PIN, or for a new one if it has none, and for "
	   "a touch. What\nthe key says is verified before anything is "
	   "recorded, so it can be stopped and\nrun again at any moment.\n\n"
	   "  card-admin fido2 enrol sato --label \"blue key\"")},
    {"invite", "LOGIN", fido2_invite, invite_options,
	N_("what a web page has to ask a browser for, as JSON"),
	N_("The page gives it to PublicKeyCredential."
	   "parseCreationOptionsFromJSON() and\nnavigator.credentials."
	   "create(); what toJSON() of the answer says is for "
	   "“import”.\nGood once.\n\n"
	   "  card-admin fido2 invite sato --minutes 30")},
    {"import", "LOGIN [FILE]", fido2_import, label_options,
	N_("take in a key that was registered in a browser"),
	N_("FILE, or standard input, is the browser's "
	   "RegistrationResponseJSON. It must answer\nan invitation of ours, "
	   "of this person, and come from one of the pages that\nthe setting "
	   "fido2.origins names.\n\n"
	   "  card-admin fido2 import sato answer.json --label laptop")},
    {"list", "[LOGIN]", fido2_list, NULL,
	N_("list a person's keys, or everybody's"), NULL},
    {"show", "LOGIN KEY", fido2_show, NULL, N_("all that is known of a key"),
	N_("KEY is its label, or the beginning of its id.")},
    {"rename", "LOGIN KEY TEXT", fido2_rename, NULL,
	N_("call a key something else"), NULL},
    {"suspend", "LOGIN KEY", fido2_suspend, why_options,
	N_("let a key not count, for now"), NULL},
    {"resume", "LOGIN KEY", fido2_resume, why_options,
	N_("let a suspended or found key count again"),
	N_("One that was suspended because its signature counter did not grow "
	   "may have been\ncopied: replace it instead.")},
    {"lost", "LOGIN KEY", fido2_lost, why_options,
	N_("report a key lost: it counts for nothing from now on"),
	N_("Its holder's sessions are ended, where terminals can.")},
    {"revoke", "LOGIN KEY", fido2_revoke, why_options, N_("end a key for good"),
	NULL},
    {"model-list", "", model_list, NULL, N_("list the models that are allowed"),
	NULL},
    {"model-add", "AAGUID", model_add, model_options,
	N_("allow a model of keys"),
	N_("The AAGUID is the number of a model; its maker publishes it, with "
	   "the CA that\nattests to it. Models matter where only listed ones "
	   "are accepted:\n\n"
	   "  card-admin setting set fido2.attestation listed\n"
	   "  card-admin fido2 model-add 2fc0579f-8113-47ea-b116-bb5a8db9202a "
	   "\\\n      --name \"YubiKey 5 NFC\" --root yubico-ca.pem")},
    {"model-remove", "AAGUID", model_remove, NULL,
	N_("allow a model no more, for new keys"), NULL},
    {0},
};
