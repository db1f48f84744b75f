/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sodium.h>
#include <stdio.h>

#include "cardtools/ask.h"
#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/token.h"
#include "common/db/db.h"
#include "common/rules/password.h"

enum { MIN_CHARS = 8 }; /* guideline C.14 (4) c: with a second factor */

struct password {
	/* Of the longest rule that it met (class a or c), not its own. */
	unsigned min_chars;
	size_t len;
	unsigned char nfc[PASSWORD_MAX_OCTETS];
};

static enum status
say_fault(enum password_fault fault)
{
	switch (fault) {
	case PASSWORD_GOOD:
		return STATUS_DONE;
	case PASSWORD_SHORT:
		say(_("the password has fewer than %d characters"), MIN_CHARS);
		break;
	case PASSWORD_NOT_MIXED:
		say("%s",
		    _("the password must mix letters, digits and symbols"));
		break;
	case PASSWORD_HAS_NAME:
		say("%s", _("the password must not contain the login"));
		break;
	}
	return STATUS_REFUSED;
}

/*
 * Which rule it met is judged here, where the password is in clear for the
 * only time: from what is stored nobody can tell how long it is.
 */
static enum status
judge(const char *login, unsigned door_chars, struct password *password)
{
	enum password_fault fault =
	    password_check(password->nfc, password->len, login, MIN_CHARS);

	password->min_chars = MIN_CHARS;
	if (fault == PASSWORD_GOOD && door_chars > MIN_CHARS &&
	    password_check(password->nfc, password->len, login, door_chars) ==
		PASSWORD_GOOD)
		password->min_chars = door_chars;
	return say_fault(fault);
}

/* On a terminal twice, as nobody sees what is typed. */
static enum status
read_password(
    const char *login, unsigned door_chars, struct password *ret_password)
{
	struct secret *line = NULL, *again = NULL;
	enum status status = STATUS_REFUSED;
	enum error err;

	err = ask_line(_("New password: "), true, &line);
	if (err == ERR_OK && ask_interactive())
		err = ask_line(_("Once more: "), true, &again);
	if (err != ERR_OK) {
		status = ask_failed(err);
	} else if (again != NULL && !secret_equal(line->bytes, line->len,
					again->bytes, again->len)) {
		say("%s", _("the two are not the same; nothing was changed"));
	} else if (password_normalise(line->bytes, line->len, ret_password->nfc,
		       sizeof ret_password->nfc,
		       &ret_password->len) != ERR_OK) {
		say(_("a password is text in UTF-8 of at most %d octets"),
		    PASSWORD_MAX_OCTETS);
	} else {
		status = judge(login, door_chars, ret_password);
	}
	secret_free(&line);
	secret_free(&again);
	return status;
}

static enum status
store(struct call *call, const char *login, const struct keyring *keyring,
    const struct password *password, const char *person)
{
	unsigned char salt[PWHASH_SALT], tag[PWHASH_TAG];
	char id[UUID_TEXT], salt_text[2 * PWHASH_SALT + 3], box[BOX_TEXT];
	char opslimit[16], memlimit[16], min_chars[16];
	json_t *answer;
	enum status status;

	randombytes_buf(salt, sizeof salt);
	if (pwhash_tag(&keyring->cost, salt, password->nfc, password->len,
		tag) != ERR_OK) {
		say(_("not enough memory to hash the password (%u KiB)"),
		    keyring->cost.memlimit_kib);
		return STATUS_UNREACHED;
	}
	status =
	    keyring_seal(keyring, SEAL_PASSWORD, person, tag, sizeof tag, box);
	sodium_memzero(tag, sizeof tag);
	if (status != STATUS_DONE)
		return status;
	uuid_random(id);
	db_bytea(salt, sizeof salt, salt_text);
	(void)snprintf(opslimit, sizeof opslimit, "%u", keyring->cost.opslimit);
	(void)snprintf(
	    memlimit, sizeof memlimit, "%u", keyring->cost.memlimit_kib);
	(void)snprintf(min_chars, sizeof min_chars, "%u", password->min_chars);
	status = database_call(call, "password_set",
	    PARAMETERS({"p_login", login}, {"p_id", id}, {"p_salt", salt_text},
		{"p_opslimit", opslimit}, {"p_memlimit_kib", memlimit},
		{"p_sealed", box}, {"p_key_version", keyring->version},
		{"p_min_chars", min_chars}),
	    &answer);
	if (status != STATUS_DONE)
		return status;
	if (call->json)
		out_json(answer, false);
	else
		out(_("The password of %s is set. Logins in progress have "
		      "ended.\n"),
		    login);
	if (!call->json && password->min_chars < keyring->door_chars)
		out(_("It has fewer than %u characters: with an entry through "
		      "a door it is not enough, where\nthat is a factor.\n"),
		    keyring->door_chars);
	json_decref(answer);
	return STATUS_DONE;
}

static enum status
password_set(struct call *call)
{
	const char *login = call->arg[0];
	struct password password = {.min_chars = 0};
	char person[UUID_TEXT];
	struct keyring keyring;
	enum status status;

	status = keyring_trusted(call, &keyring);
	if (status == STATUS_DONE)
		status = person_id(call, login, person);
	if (status == STATUS_DONE)
		status = read_password(login, keyring.door_chars, &password);
	if (status == STATUS_DONE)
		status = store(call, login, &keyring, &password, person);
	sodium_memzero(&password, sizeof password);
	return status;
}

const struct verb password_verbs[] = {
    {"set", "LOGIN", password_set, NULL, N_("give a person a new password"),
	N_("Asks twice on a terminal, or takes one line from standard input. A "
	   "password\nhas at least 8 characters: letters, digits and symbols "
	   "mixed, without the\nlogin. It is hashed here and sealed to the "
	   "server's keyring; nobody can read\nit back.\n\n"
	   "  card-admin password set suzuki\n"
	   "  card-admin password set suzuki < one-line.txt")},
    {0},
};
