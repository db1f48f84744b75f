/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/keyring.h"

#include <stdio.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"
#include "common/db/db.h"

static bool
read_answer(json_t *answer, struct keyring *keyring)
{
	json_int_t version, opslimit, memlimit, door_chars;
	const char *key;
	size_t len;

	if (json_unpack(answer, "{s:I, s:s, s:I, s:I, s:I}", "version",
		&version, "public_key", &key, "opslimit", &opslimit,
		"memlimit_kib", &memlimit, "door_chars", &door_chars) != 0)
		return false;
	if (version < 1 || version > INT32_MAX || opslimit < 1 ||
	    opslimit > 16 || door_chars < 8 || door_chars > 64 ||
	    memlimit < 8 || memlimit > 1048576 ||
	    hex_decode(key, strlen(key), keyring->key, sizeof keyring->key,
		&len) != ERR_OK ||
	    len != SEAL_PUBLIC_KEY)
		return false;
	(void)snprintf(
	    keyring->version, sizeof keyring->version, "%d", (int)version);
	keyring->cost.opslimit = (unsigned)opslimit;
	keyring->cost.memlimit_kib = (unsigned)memlimit;
	keyring->door_chars = (unsigned)door_chars;
	seal_fingerprint(keyring->key, keyring->fingerprint);
	return true;
}

enum status
keyring_ask(struct call *call, struct keyring *ret_keyring)
{
	struct keyring keyring = {{0}, {0}, {0}, {0, 0}, 0};
	json_t *answer;
	enum status status;

	status = database_call(
	    call, "keyring_public", PARAMETERS({NULL, NULL}), &answer);
	if (status != STATUS_DONE)
		return status;
	if (read_answer(answer, &keyring)) {
		*ret_keyring = keyring;
	} else {
		say("%s", _("the database's public key makes no sense"));
		status = STATUS_UNREACHED;
	}
	json_decref(answer);
	return status;
}

enum status
keyring_trusted(struct call *call, struct keyring *ret_keyring)
{
	struct keyring keyring;
	enum status status;

	status = keyring_ask(call, &keyring);
	if (status != STATUS_DONE)
		return status;
	if (localconf_trusts(&call->conf, keyring.fingerprint)) {
		*ret_keyring = keyring;
		return STATUS_DONE;
	}
	if (call->conf.fingerprints[0] == '\0')
		say(_("no keyring is trusted yet, so nothing can be sealed. "
		      "The "
		      "database names this one:\n  %s"),
		    keyring.fingerprint);
	else
		say(_("the database names a keyring that is not trusted here:\n"
		      "  %s\nIf nobody rotated the keys, somebody may be "
		      "trying "
		      "to read new secrets."),
		    keyring.fingerprint);
	say("%s",
	    _("compare it with “sekisho-authd keys show” on the server; if "
	      "they are the same: card-admin keyring trust"));
	return STATUS_REFUSED;
}

enum status
keyring_seal(const struct keyring *keyring, const char *kind, const char *owner,
    const void *payload, size_t len, char ret_text[BOX_TEXT])
{
	struct box box;

	if (seal_box(keyring->key, kind, owner, payload, len, &box) != ERR_OK) {
		say("%s", _("the secret could not be sealed"));
		return STATUS_UNREACHED;
	}
	db_bytea(box.bytes, box.len, ret_text);
	return STATUS_DONE;
}
