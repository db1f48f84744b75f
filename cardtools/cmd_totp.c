/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/nouns.h"
#include "cardtools/order.h"
#include "cardtools/otpauth.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/qr.h"
#include "cardtools/text.h"
#include "cardtools/token.h"
#include "cardtools/words.h"
#include "common/rules/code.h"

/* What the person's phone needs. Nothing else shows the seed, ever again. */
static enum status
show_enrolment(struct call *call, const char *id, const struct secret *uri,
    const struct secret *seed32)
{
	json_t *answer;

	if (call->json) {
		answer = json_pack("{s:s, s:s, s:s, s:s}", "id", id, "uri",
		    (const char *)uri->bytes, "secret_base32",
		    (const char *)seed32->bytes, "status", "pending");
		if (answer == NULL)
			return STATUS_UNREACHED;
		out_json(answer, false);
		json_decref(answer);
		return STATUS_DONE;
	}
	if (option(call, "png") != NULL) {
		out(_("The QR code is in %s; delete it when it has been "
		      "read.\n"),
		    option(call, "png"));
	} else {
		if (qr_print((const char *)uri->bytes, isatty(1) == 1) !=
		    ERR_OK)
			say("%s",
			    _("no QR code could be made; type the address "
			      "below into the phone"));
		out("%s\n", (const char *)uri->bytes);
	}
	out(_("Next, with a code from the phone: card-admin totp confirm %s\n"),
	    call->arg[0]);
	return STATUS_DONE;
}

static enum status
enrol(struct call *call, struct token *token, const struct secret *seed32)
{
	const struct otpauth about = {call->conf.issuer, call->arg[0],
	    token->algorithm, token->digits, token->period};
	const char *png = option(call, "png");
	struct secret *uri = NULL;
	enum status status;

	if (otpauth_uri(&about, seed32, &uri) != ERR_OK) {
		say("%s", _("login or issuer are too long for an address"));
		return STATUS_REFUSED;
	}
	/* The picture first: a token nobody can read would be of no use. */
	if (png != NULL && qr_png((const char *)uri->bytes, png) != ERR_OK) {
		say("%s: %s", png, strerror(errno));
		secret_free(&uri);
		return STATUS_USAGE;
	}
	status = token_store(call, token);
	if (status == STATUS_DONE)
		status = show_enrolment(call, token->id, uri, seed32);
	else if (png != NULL)
		(void)unlink(png);
	secret_free(&uri);
	return status;
}

static const char *
or_default(const char *given, const char *otherwise)
{
	return given != NULL ? given : otherwise;
}

static enum status
totp_enrol(struct call *call)
{
	struct token token = {.login = call->arg[0],
	    .label = or_default(option(call, "label"), ""),
	    .algorithm = or_default(option(call, "algorithm"), "SHA1"),
	    .digits = or_default(option(call, "digits"), "6"),
	    .period = or_default(option(call, "period"), "30")};
	struct secret *seed = NULL, *seed32 = NULL;
	enum status status = STATUS_UNREACHED;

	if (secret_new(otpauth_seed_size(token.algorithm), &seed) != ERR_OK)
		return STATUS_UNREACHED;
	randombytes_buf(seed->bytes, seed->len);
	token.seed = seed;
	if (base32(seed->bytes, seed->len, &seed32) == ERR_OK)
		status = enrol(call, &token, seed32);
	secret_free(&seed);
	secret_free(&seed32);
	return status;
}

/* A code as typed, joined to the payload of an order. */
static enum status
read_code(const char *prompt, struct secret *payload)
{
	struct secret *line = NULL;
	enum status status = STATUS_DONE;
	struct code code;
	enum error err;

	err = ask_line(prompt, false, &line);
	if (err != ERR_OK)
		return ask_failed(err);
	if (code_parse(line->bytes, line->len, &code) == ERR_OK) {
		size_t len = strlen(code.digits);

		if (payload->len > 0)
			payload->bytes[payload->len++] = ' ';
		memcpy(payload->bytes + payload->len, code.digits, len);
		payload->len += len;
	} else {
		say("%s", _("that is not a code: 6 or 8 digits"));
		status = STATUS_USAGE;
	}
	sodium_memzero(&code, sizeof code);
	secret_free(&line);
	return status;
}

static enum status
order_with_codes(struct call *call, const char *kind, const char *status_now,
    int codes, const char *sentence)
{
	const char *login = call->arg[0];
	struct secret *payload = NULL;
	char id[UUID_TEXT];
	enum status status;
	int i;

	status = token_find(call, login, option(call, "id"), status_now, id);
	if (status != STATUS_DONE)
		return status;
	if (secret_new((size_t)codes * (CODE_MAX + 1), &payload) != ERR_OK)
		return STATUS_UNREACHED;
	payload->len = 0;
	for (i = 0; i < codes && status == STATUS_DONE; i++)
		status = read_code(codes == 1 ? _("Code: ")
				   : i == 0   ? _("First code: ")
					      : _("The next code: "),
		    payload);
	if (status == STATUS_DONE)
		status = order_run(call, kind, login, id, payload);
	payload->len = (size_t)codes * (CODE_MAX + 1); /* wiped to its end */
	secret_free(&payload);
	if (status != STATUS_DONE)
		return status;
	if (!call->json) {
		out("%s\n", sentence);
	} else {
		json_t *answer =
		    json_pack("{s:s, s:s}", "id", id, "status", "active");

		out_json(answer, false);
		json_decref(answer);
	}
	return STATUS_DONE;
}

static enum status
totp_confirm(struct call *call)
{
	return order_with_codes(call, "totp_confirm", "pending", 1,
	    _("Confirmed: codes of this token now count."));
}

static enum status
totp_resync(struct call *call)
{
	return order_with_codes(call, "totp_resync", "active", 2,
	    _("The token's clock is known again."));
}

static enum status
totp_list(struct call *call)
{
	const char *const headings[] = {_("TOKEN"), _("LABEL"), _("STATUS"),
	    _("ALGORITHM"), _("DIGITS"), _("PERIOD"), _("ENROLLED"), _("BY")};
	const char *login = call->arg[0];
	const json_t *token;
	struct sheet *sheet;
	enum status status;
	json_t *list;
	size_t i;

	status = database_call(
	    call, "token_list", PARAMETERS({"p_login", login}), &list);
	if (status != STATUS_DONE)
		return status;
	if (call->json) {
		out_json(list, false);
		json_decref(list);
		return STATUS_DONE;
	}
	sheet = sheet_new(8, headings);
	json_array_foreach(list, i, token)
	{
		char text[16];

		(void)snprintf(
		    text, sizeof text, "%.*s", PICK_SHOWN, field(token, "id"));
		sheet_cell(sheet, text);
		sheet_cell(sheet, field(token, "label"));
		sheet_cell(sheet, term_words(field(token, "status")));
		sheet_cell(sheet, field(token, "algorithm"));
		(void)snprintf(text, sizeof text, "%d",
		    (int)json_integer_value(json_object_get(token, "digits")));
		sheet_cell(sheet, text);
		(void)snprintf(text, sizeof text, "%d",
		    (int)json_integer_value(json_object_get(token, "period")));
		sheet_cell(sheet, text);
		sheet_moment(sheet, field(token, "created_at"));
		sheet_cell(sheet, field(token, "created_by"));
	}
	sheet_end(&sheet);
	json_decref(list);
	return STATUS_DONE;
}

static enum status
set_status(struct call *call, const char *new_status, const char *sentence)
{
	char id[UUID_TEXT];
	enum status status;
	json_t *answer;

	status = token_find(call, call->arg[0], call->arg[1], NULL, id);
	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "token_status",
	    PARAMETERS({"p_login", call->arg[0]}, {"p_token", id},
		{"p_status", new_status}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answer, false);
	else
		out("%s\n", sentence);
	json_decref(answer);
	return STATUS_DONE;
}

static enum status
totp_suspend(struct call *call)
{
	return set_status(
	    call, "suspended", _("Suspended: its codes do not count."));
}

static enum status
totp_resume(struct call *call)
{
	return set_status(call, "active", _("Resumed: its codes count again."));
}

static enum status
totp_revoke(struct call *call)
{
	return set_status(call, "revoked",
	    _("Revoked for good: its codes never count again."));
}

static const struct option enrol_options[] = {
    {.name = "label",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 64,
	.help = N_("what it is, for people: phone")},
    {.name = "digits",
	.kind = OPTION_CHOICE,
	.choices = "6|8",
	.help = N_("digits of a code; 6 if left out")},
    {.name = "period",
	.kind = OPTION_CHOICE,
	.choices = "30|60",
	.help = N_("seconds a code lasts; 30 if left out")},
    {.name = "algorithm",
	.kind = OPTION_CHOICE,
	.choices = "SHA1|SHA256|SHA512",
	.help = N_("many phones know only SHA1, the default")},
    {.name = "png",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("QR code into a new file, not on the screen")},
    {0},
};

static const struct option id_options[] = {
    {.name = "id",
	.kind = OPTION_TEXT,
	.value = "TOKEN",
	.help = N_("which one; the first digits of its id")},
    {0},
};

static const struct option import_options[] = {
    {.name = "login",
	.kind = OPTION_LOGIN,
	.value = "LOGIN",
	.help = N_("whose, if the file holds one key")},
    {.name = "map",
	.kind = OPTION_FILE,
	.value = "FILE",
	.help = N_("CSV lines: serial number, login")},
    {.name = "label",
	.kind = OPTION_TEXT,
	.value = "TEXT",
	.max = 64,
	.help = N_("the serial number if left out")},
    {.name = "dry-run",
	.kind = OPTION_FLAG,
	.help = N_("only say what would be done")},
    {0},
};

const struct verb totp_verbs[] = {
    {"enrol", "LOGIN", totp_enrol, enrol_options,
	N_("make a seed and show it as a QR code"),
	N_("The token counts only after “card-admin totp confirm”. The seed is "
	   "shown this\nonce and cannot be read back.\n\n"
	   "  card-admin totp enrol suzuki --label phone\n"
	   "  card-admin totp enrol suzuki --png suzuki.png")},
    {"confirm", "LOGIN", totp_confirm, id_options,
	N_("prove with a code that the phone has the seed"),
	N_("Asks for the code, or takes it from standard input.\n\n"
	   "  card-admin totp confirm suzuki\n"
	   "  echo 123456 | card-admin totp confirm suzuki --id 3f9c")},
    {"list", "LOGIN", totp_list, NULL, N_("list a person's tokens"), NULL},
    {"suspend", "LOGIN TOKEN", totp_suspend, NULL,
	N_("let a token's codes not count, for now"),
	N_("TOKEN is the beginning of its id, as “card-admin totp list” shows "
	   "it.")},
    {"resume", "LOGIN TOKEN", totp_resume, NULL,
	N_("let a suspended token's codes count again"), NULL},
    {"revoke", "LOGIN TOKEN", totp_revoke, NULL,
	N_("end a token for good: phone lost or replaced"), NULL},
    {"resync", "LOGIN", totp_resync, id_options,
	N_("find a drifted token's clock with two codes in a row"),
	N_("Asks for two codes that follow each other, or takes two lines from "
	   "standard\ninput.\n\n  card-admin totp resync suzuki")},
    {"import", "FILE", totp_import, import_options,
	N_("take in code tokens from their maker's PSKC file (RFC 6030)"),
	N_("Each token then waits for a first code, as after enrol. One line "
	   "is "
	   "reported\nfor each key. Keys must not be encrypted inside the "
	   "file.\n\n"
	   "  card-admin totp import token.xml --login suzuki\n"
	   "  card-admin totp import tokens.xml --map who.csv --dry-run")},
    {0},
};
