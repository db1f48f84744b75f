/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/token.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/output.h"
#include "cardtools/pick.h"
#include "cardtools/text.h"

static enum status
take_id(const json_t *object, char ret_id[UUID_TEXT])
{
	if (!uuid_valid(field(object, "id"))) {
		say("%s", _("the database's answer makes no sense"));
		return STATUS_UNREACHED;
	}
	memcpy(ret_id, field(object, "id"), UUID_TEXT);
	return STATUS_DONE;
}

enum status
person_id(struct call *call, const char *login, char ret_id[UUID_TEXT])
{
	json_t *person;
	enum status status;

	status = database_call(
	    call, "person_show", PARAMETERS({"p_login", login}), &person);
	if (status != STATUS_DONE)
		return status;
	status = take_id(person, ret_id);
	json_decref(person);
	return status;
}

enum status
token_store(struct call *call, struct token *token)
{
	char person[UUID_TEXT], owner[2 * UUID_TEXT], box[BOX_TEXT];
	struct keyring keyring;
	enum status status;
	json_t *answer;

	status = keyring_trusted(call, &keyring);
	if (status == STATUS_DONE)
		status = person_id(call, token->login, person);
	if (status != STATUS_DONE)
		return status;
	uuid_random(token->id);
	(void)snprintf(owner, sizeof owner, "%s/%s", person, token->id);
	status = keyring_seal(&keyring, SEAL_TOTP, owner, token->seed->bytes,
	    token->seed->len, box);
	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "totp_enrol",
	    PARAMETERS({"p_login", token->login}, {"p_id", token->id},
		{"p_label", token->label}, {"p_algorithm", token->algorithm},
		{"p_digits", token->digits}, {"p_period", token->period},
		{"p_sealed", box}, {"p_key_version", keyring.version}),
	    &answer);
	if (status == STATUS_DONE)
		json_decref(answer);
	return status;
}

enum status
token_find(struct call *call, const char *login, const char *prefix,
    const char *status_now, char ret_id[UUID_TEXT])
{
	const json_t *token;
	enum status status;
	enum error err;
	json_t *list;

	status = database_call(
	    call, "token_list", PARAMETERS({"p_login", login}), &list);
	if (status != STATUS_DONE)
		return status;
	err = pick(list, prefix, status_now, &token);
	if (err == ERR_OK) {
		status = take_id(token, ret_id);
	} else if (err == ERR_BUSY) {
		say(_("which token? Name the first digits of its id; "
		      "“card-admin totp list %s” shows them"),
		    login);
		status = STATUS_REFUSED;
	} else {
		if (status_now != NULL && strcmp(status_now, "pending") == 0)
			say(_("no token of %s waits for its first code; enrol "
			      "one with “card-admin totp enrol %s”"),
			    login, login);
		else
			say(_("there is no such token; “card-admin totp list "
			      "%s” shows all"),
			    login);
		status = STATUS_REFUSED;
	}
	json_decref(list);
	return status;
}
