/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fido2_import.c - a registration that was made in a browser: what the page has
 * to ask for, and what it brings back (WebAuthn Level 3, 5.4 and 5.1.8.1). */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/fido2_desk.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"
#include "common/base/secret.h"

/* Octets as JSON in browsers has them. */
static json_t *
base64url(const void *octets, size_t len)
{
	char text[2 * WEBAUTHN_CREDENTIAL_MAX];

	if (sodium_base64_ENCODED_LEN(
		len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) > sizeof text)
		return NULL;
	(void)sodium_bin2base64(text, sizeof text, octets, len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return json_string(text);
}

/* The same of hexadecimal. */
static json_t *
base64url_of(const char *hex)
{
	unsigned char octets[WEBAUTHN_CREDENTIAL_MAX];
	size_t len;

	if (hex == NULL ||
	    hex_decode(hex, strlen(hex), octets, sizeof octets, &len) != ERR_OK)
		return NULL;
	return base64url(octets, len);
}

static json_t *
exclusions(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "exclude"), *one;
	json_t *array = json_array();
	size_t i;

	json_array_foreach(list, i, one)
	{
		json_t *id = base64url_of(json_string_value(one));

		(void)json_array_append_new(array,
		    json_pack("{s:s, s:o}", "type", "public-key", "id", id));
	}
	return array;
}

enum status
fido2_invite(struct call *call)
{
	const char *minutes = option(call, "minutes");
	unsigned char user[16];
	enum status status;
	json_t *answer, *options;

	status = database_call(call, "fido2_begin",
	    PARAMETERS({"p_login", call->arg[0]},
		{"p_minutes", minutes != NULL ? minutes : "60"}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	if (uuid_read(field(answer, "person"), user) != ERR_OK)
		memset(user, 0, sizeof user);
	options = json_pack(
	    "{s:o, s:{s:s, s:s}, s:{s:o, s:s, s:s}, "
	    "s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}, {s:s, s:i}], s:I, s:o, "
	    "s:{s:s, s:s}, s:s}",
	    "challenge", base64url_of(field(answer, "challenge")), "rp", "id",
	    field(answer, "rp_id"), "name", field(answer, "rp_id"), "user",
	    "id", base64url(user, sizeof user), "name", field(answer, "login"),
	    "displayName", field(answer, "name"), "pubKeyCredParams", "type",
	    "public-key", "alg", WEBAUTHN_ES256, "type", "public-key", "alg",
	    WEBAUTHN_EDDSA, "type", "public-key", "alg", WEBAUTHN_ES384, "type",
	    "public-key", "alg", WEBAUTHN_RS256, "timeout", (json_int_t)120000,
	    "excludeCredentials", exclusions(answer), "authenticatorSelection",
	    "residentKey", "discouraged", "userVerification", "preferred",
	    "attestation", "direct");
	json_decref(answer);
	if (options == NULL) {
		say("%s", _("the database's answer makes no sense"));
		return STATUS_UNREACHED;
	}
	out_json(options, false);
	json_decref(options);
	return STATUS_DONE;
}

/* FILE, or standard input. */
static enum status
read_answer(const char *path, char **ret_text, size_t *ret_len)
{
	const bool is_stdin = path == NULL || strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	char *text = malloc(WEBAUTHN_RESPONSE_MAX + 1);
	size_t len;

	if (f == NULL || text == NULL) {
		say(_("%s cannot be read"), is_stdin ? "-" : path);
		free(text);
		return STATUS_USAGE;
	}
	len = fread(text, 1, WEBAUTHN_RESPONSE_MAX + 1, f);
	if (!is_stdin)
		(void)fclose(f);
	*ret_text = text;
	*ret_len = len;
	return STATUS_DONE;
}

/* Which of the open challenges does it answer? */
static enum error
find_challenge(struct fido2_rules *rules,
    const struct webauthn_response *response,
    unsigned char ret_challenge[FIDO2_CHALLENGE])
{
	const json_t *list = json_object_get(rules->answer, "challenges"), *one;
	enum error err = ERR_MISMATCH;
	size_t i, len;

	json_array_foreach(list, i, one)
	{
		const char *hex = json_string_value(one);

		if (hex == NULL ||
		    hex_decode(hex, strlen(hex), ret_challenge, FIDO2_CHALLENGE,
			&len) != ERR_OK ||
		    len != FIDO2_CHALLENGE)
			continue;
		err = webauthn_clientdata(response->clientdata,
		    response->clientdata_len, "webauthn.create", ret_challenge,
		    FIDO2_CHALLENGE, rules->origin, rules->demand.hash);
		if (err == ERR_OK)
			return ERR_OK;
	}
	return err;
}

static enum status
judge(struct call *call, struct fido2_rules *rules,
    const struct webauthn_response *response)
{
	unsigned char challenge[FIDO2_CHALLENGE];
	struct webauthn_registration r;
	const struct webauthn_authdata *a = &r.authdata;
	json_t *key = NULL;
	enum status status;

	if (json_array_size(json_object_get(rules->answer, "challenges")) ==
	    0) {
		say(_("no invitation is open for %s: “card-admin fido2 invite "
		      "%s” makes one"),
		    call->arg[0], call->arg[0]);
		return STATUS_REFUSED;
	}
	if (find_challenge(rules, response, challenge) != ERR_OK ||
	    webauthn_registration(response->object, response->object_len,
		&rules->demand, &r) != ERR_OK) {
		say(_("the registration is not right: %s"), webauthn_fault());
		return STATUS_REFUSED;
	}
	if (!secret_equal(a->credential, a->credential_len,
		response->credential, response->credential_len)) {
		say("%s", _("the registration is not right: it names another "
			    "credential"));
		return STATUS_REFUSED;
	}
	status = fido2_acceptable(rules, &r);
	/* a browser does not tell whether it was a PIN or a finger */
	if (status == STATUS_DONE)
		status = fido2_record(call, challenge, &r,
		    (a->flags & WEBAUTHN_UV) != 0 ? "pin" : "none", "import",
		    &key);
	if (status == STATUS_DONE)
		fido2_recorded(call, key);
	json_decref(key);
	return status;
}

enum status
fido2_import(struct call *call)
{
	struct webauthn_response *response = malloc(sizeof *response);
	struct fido2_rules rules = {.listed = false};
	json_t *answer = NULL;
	enum status status;
	char *text = NULL;
	size_t len = 0;

	if (response == NULL)
		return STATUS_UNREACHED;
	status = read_answer(call->arg[1], &text, &len);
	if (status == STATUS_DONE &&
	    webauthn_response(text, len, response) != ERR_OK) {
		say(_("that is no answer of a browser to a registration: %s"),
		    webauthn_fault());
		status = STATUS_USAGE;
	}
	if (status == STATUS_DONE)
		status = database_call(call, "fido2_challenge_show",
		    PARAMETERS({"p_login", call->arg[0]}), &answer);
	if (status == STATUS_DONE)
		status = fido2_rules_read(answer, &rules);
	if (status == STATUS_DONE)
		status = judge(call, &rules, response);
	fido2_rules_clear(&rules);
	json_decref(answer);
	free(text);
	free(response);
	return status;
}
