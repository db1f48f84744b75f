/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/card_escrow.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/order.h"
#include "cardtools/order_key.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "common/base/hex.h"

enum { ESCROW_MAX = 64, ANSWER_MAX = ESCROW_MAX + 48 };

static enum status
say_key_failed(enum error err)
{
	if (err == ERR_NOTFOUND)
		say("%s", _("the key that opens the answer is not here; it was "
			    "asked for with another account or on another PC"));
	else if (err == ERR_DENIED)
		say("%s", _("the file of the key that opens the answer is not "
			    "yours alone"));
	else if (err == ERR_CRYPTO)
		say("%s", _("the secret that the server released does not "
			    "open here"));
	else
		say(_("the key that opens the answer: %s"),
		    err == ERR_SYSTEM ? strerror(errno) : error_text(err));
	return err == ERR_NOTFOUND ? STATUS_REFUSED : STATUS_UNREACHED;
}

static enum status
show_asked(struct call *call, json_t *order, const char *digest)
{
	char until[WHEN_TEXT];

	if (call->json) {
		(void)json_object_set_new(
		    order, "digest_shown", json_string(digest));
		out_json(order, false);
		return STATUS_DONE;
	}
	when_local(field(order, "expires_at"), false, until);
	out(_("Asked for. Another officer must approve it until %s:\n"
	      "  card-admin order approve %.8s\n"
	      "  digest: %s\n"
	      "Then: card-admin order collect %.8s\n"),
	    until, field(order, "id"), digest, field(order, "id"));
	return STATUS_DONE;
}

enum status
card_escrow_ask(struct call *call)
{
	const char *secret = option(call, "secret"), *why = option(call, "why");
	const char *kind = secret != NULL && strcmp(secret, "management") == 0
			       ? "escrow_management"
			       : "escrow_puk";
	char id[UUID_TEXT], box[BOX_TEXT], digest[ORDER_DIGEST];
	struct secret *public_key = NULL;
	struct keyring keyring;
	json_t *order = NULL;
	enum status status;
	enum error err;

	if (why == NULL || why[0] == '\0') {
		say("%s",
		    _("--why is missing: what is the secret needed for?"));
		return STATUS_USAGE;
	}
	status = keyring_trusted(call, &keyring);
	if (status != STATUS_DONE)
		return status;
	uuid_random(id);
	err = order_key_make(id, &public_key);
	if (err != ERR_OK)
		return say_key_failed(err);
	status = keyring_seal(
	    &keyring, SEAL_ORDER, id, public_key->bytes, public_key->len, box);
	secret_free(&public_key);
	if (status == STATUS_DONE)
		status = database_call(call, "escrow_order",
		    PARAMETERS({"p_id", id}, {"p_kind", kind},
			{"p_card", call->arg[0]}, {"p_args", box},
			{"p_key_version", keyring.version}, {"p_why", why}),
		    &order);
	if (status == STATUS_DONE)
		status = order_digest_own(order, kind, box, digest);
	if (status == STATUS_DONE)
		status = show_asked(call, order, digest);
	else if (status == STATUS_REFUSED)
		order_key_remove(id); /* unreached: it may have been placed */
	json_decref(order);
	return status;
}

static enum status
show_secret(
    const struct call *call, const json_t *order, const struct secret *secret)
{
	const bool puk = strcmp(field(order, "kind"), "escrow_puk") == 0;
	char text[2 * ESCROW_MAX + 1];
	json_t *answer;

	if (puk) {
		memcpy(text, secret->bytes, secret->len);
		text[secret->len] = '\0';
	} else {
		hex_encode(secret->bytes, secret->len, text);
	}
	if (!call->json) {
		out("%s\n", text);
	} else {
		answer = json_pack("{s:s, s:s, s:s, s:s}", "id",
		    field(order, "id"), "kind", field(order, "kind"), "token",
		    field(order, "token"), "secret", text);
		if (answer != NULL)
			out_json(answer, false);
		json_decref(answer);
	}
	sodium_memzero(text, sizeof text);
	return STATUS_DONE;
}

enum status
card_escrow_collect(struct call *call, const json_t *order)
{
	const char *sealed = field(order, "answer"), *id = field(order, "id");
	unsigned char answer[ANSWER_MAX];
	struct secret *secret = NULL;
	json_t *after;
	enum status status;
	enum error err;
	size_t len;

	if (sealed[0] == '\0') {
		say("%s", _("there is nothing to collect (any more): the "
			    "answer is kept for who asked, for a while, and is "
			    "collected once"));
		return STATUS_REFUSED;
	}
	if (sodium_base642bin(answer, sizeof answer, sealed, strlen(sealed),
		NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
		say("%s", _("the server's answer makes no sense; is it of "
			    "another version?"));
		return STATUS_UNREACHED;
	}
	err = order_key_open(id, answer, len, &secret);
	if (err != ERR_OK)
		return say_key_failed(err);
	status = show_secret(call, order, secret);
	secret_free(&secret);
	/* only now: who is interrupted before can collect it again */
	if (fflush(stdout) != 0)
		status = STATUS_UNREACHED;
	if (status == STATUS_DONE)
		status = database_call(
		    call, "order_collected", PARAMETERS({"p_id", id}), &after);
	if (status == STATUS_DONE) {
		json_decref(after);
		order_key_remove(id);
	}
	return status;
}
