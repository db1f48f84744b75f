/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/ask.h"
#include "cardtools/keyring.h"
#include "cardtools/nouns.h"
#include "cardtools/output.h"
#include "cardtools/text.h"

static enum status
answer(struct call *call, const struct keyring *keyring)
{
	bool trusted = localconf_trusts(&call->conf, keyring->fingerprint);
	json_t *object;

	if (!call->json) {
		out(_("version:      %s\nfingerprint:  %s\ntrusted here: %s\n"),
		    keyring->version, keyring->fingerprint,
		    trusted ? _("yes") : _("no"));
		return STATUS_DONE;
	}
	object = json_pack("{s:I, s:s, s:b}", "version",
	    (json_int_t)strtoll(keyring->version, NULL, 10), "fingerprint",
	    keyring->fingerprint, "trusted", trusted);
	if (object == NULL)
		return STATUS_UNREACHED;
	out_json(object, false);
	json_decref(object);
	return STATUS_DONE;
}

static enum status
keyring_show(struct call *call)
{
	struct keyring keyring;
	enum status status;

	status = keyring_ask(call, &keyring);
	return status == STATUS_DONE ? answer(call, &keyring) : status;
}

static enum status
agree(const struct call *call, const struct keyring *keyring)
{
	if (call->arg[0] != NULL) {
		if (fingerprint_same(call->arg[0], keyring->fingerprint))
			return STATUS_DONE;
		say(_("the database names another keyring:\n  %s\nNothing was "
		      "changed. Find out why before anything is sealed."),
		    keyring->fingerprint);
		return STATUS_REFUSED;
	}
	if (!ask_interactive()) {
		say("%s", _("without a terminal the fingerprint must be given: "
			    "card-admin keyring trust FINGERPRINT"));
		return STATUS_USAGE;
	}
	out(_("The database names this keyring:\n  %s\nCompare it with what "
	      "“sekisho-authd keys show” prints on the server.\n"),
	    keyring->fingerprint);
	(void)fflush(stdout);
	if (ask_yes(_("Are they the same (yes/no)? ")))
		return STATUS_DONE;
	say("%s", _("nothing was changed"));
	return STATUS_REFUSED;
}

static enum status
keyring_trust(struct call *call)
{
	struct keyring keyring;
	enum status status;

	status = keyring_ask(call, &keyring);
	if (status != STATUS_DONE)
		return status;
	/* One that is trusted already still has to be the one named. */
	if (call->arg[0] != NULL ||
	    !localconf_trusts(&call->conf, keyring.fingerprint)) {
		status = agree(call, &keyring);
		if (status != STATUS_DONE)
			return status;
	}
	if (!localconf_trusts(&call->conf, keyring.fingerprint) &&
	    localconf_trust(&call->conf, keyring.fingerprint) != ERR_OK) {
		say("%s: %s", call->conf.written_to, strerror(errno));
		return STATUS_USAGE;
	}
	return answer(call, &keyring);
}

const struct verb keyring_verbs[] = {
    {"show", "", keyring_show, NULL,
	N_("show the fingerprint of the server's public key"), NULL},
    {"trust", "[FINGERPRINT]", keyring_trust, NULL,
	N_("seal to this key from now on"),
	N_("Passwords, seeds and shared secrets are sealed to the server's "
	   "public key.\nWhoever could exchange that key in the database could "
	   "read what is enrolled\nfrom then on; so compare its fingerprint "
	   "with the server's own, once.\n\n"
	   "  server$ sekisho-authd keys show\n"
	   "  card-admin keyring trust\n"
	   "  card-admin keyring trust \"1f2e 3d4c ...\"")},
    {0},
};
