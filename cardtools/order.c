/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/order.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cardtools/database.h"
#include "cardtools/keyring.h"
#include "cardtools/output.h"
#include "cardtools/text.h"
#include "cardtools/words.h"
#include "common/base/clock.h"
#include "common/base/hex.h"

enum {
	WAIT_MS = 10000,
	POLL_MS = 50,
	PATIENCE_MS = 500,
	SHOWN = 20,
	GROUP = 4
};

/* What is asked: about a code token of a person's, or about a card. */
struct wish {
	const char *kind, *token;
	const char *login; /* NULL: a card */
	const char *why;
	const struct secret *payload;
};

void
order_digest_shown(const char *hex, char ret_text[ORDER_DIGEST])
{
	char *end = ret_text;
	size_t i;

	for (i = 0; i < SHOWN && strlen(hex) >= SHOWN; i++) {
		if (i > 0 && i % GROUP == 0)
			*end++ = ' ';
		*end++ = hex[i];
	}
	*end = '\0';
}

enum status
order_digest_own(const json_t *order, const char *kind, const char *args,
    char ret_text[ORDER_DIGEST])
{
	unsigned char box[SEAL_BOX_MAX], digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	crypto_hash_sha256_state state;
	char *what;
	size_t len;
	int n;

	if (strncmp(args, "\\x", 2) != 0 ||
	    hex_decode(args + 2, strlen(args + 2), box, sizeof box, &len) !=
		ERR_OK)
		return STATUS_UNREACHED;
	n = asprintf(&what, "SEKISHO-order/%s/%s/%s/", kind,
	    field(order, "token"), field(order, "placed_by"));
	if (n < 0)
		return STATUS_UNREACHED;
	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(
	    &state, (const unsigned char *)what, (unsigned long long)n);
	(void)crypto_hash_sha256_update(&state, box, len);
	(void)crypto_hash_sha256_final(&state, digest);
	free(what);
	hex_encode(digest, sizeof digest, hex);
	order_digest_shown(hex, ret_text);
	return STATUS_DONE;
}

/* Somebody else must agree; this program waits, for it has what comes next. */
static enum status
say_waiting(const json_t *order, const char *kind, const char *args)
{
	char digest[ORDER_DIGEST];
	enum status status = order_digest_own(order, kind, args, digest);

	if (status == STATUS_DONE)
		say(_("this waits for the approval of another officer: "
		      "card-admin order approve %.8s\n  digest: %s"),
		    field(order, "id"), digest);
	return status;
}

static enum status
place(struct call *call, const char *id, const struct wish *wish)
{
	char box[BOX_TEXT];
	struct keyring keyring;
	json_t *answer;
	enum status status;

	status = keyring_trusted(call, &keyring);
	if (status == STATUS_DONE)
		status = keyring_seal(&keyring, SEAL_ORDER, id,
		    wish->payload->bytes, wish->payload->len, box);
	if (status != STATUS_DONE)
		return status;
	if (wish->login != NULL)
		status = database_call(call, "order_place",
		    PARAMETERS({"p_id", id}, {"p_kind", wish->kind},
			{"p_login", wish->login}, {"p_token", wish->token},
			{"p_args", box}, {"p_key_version", keyring.version}),
		    &answer);
	else
		status = database_call(call, "card_order",
		    PARAMETERS({"p_id", id}, {"p_kind", wish->kind},
			{"p_token", wish->token}, {"p_args", box},
			{"p_key_version", keyring.version},
			{"p_why", wish->why}),
		    &answer);
	if (status != STATUS_DONE)
		return status;
	if (strcmp(field(answer, "status"), "waiting") == 0)
		status = say_waiting(answer, wish->kind, box);
	json_decref(answer);
	return status;
}

static enum status
say_order_refused(const struct call *call, const char *reason)
{
	if (call->json) {
		json_t *answer =
		    json_pack("{s:s, s:s}", "refused", reason, "detail", "");

		if (answer != NULL)
			out_json(answer, false);
		json_decref(answer);
	}
	say_about(order_words(reason), reason);
	return STATUS_REFUSED;
}

/* False while the order waits. */
static bool
ended(const struct call *call, const json_t *order, enum status *ret_status)
{
	const char *state = field(order, "status");

	if (strcmp(state, "done") == 0)
		*ret_status = STATUS_DONE;
	else if (strcmp(state, "refused") == 0)
		*ret_status = say_order_refused(call, field(order, "reason"));
	else if (strcmp(state, "new") == 0 || strcmp(state, "waiting") == 0)
		return false;
	else if (json_integer_value(json_object_get(order, "approvals")) >
		 (json_int_t)json_array_size(
		     json_object_get(order, "approved_by")))
		*ret_status = say_order_refused(call, "approval_expired");
	else
		*ret_status = STATUS_UNREACHED;
	return true;
}

static enum status
run(struct call *call, const struct wish *wish, json_t **ret_order)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	const struct timespec rest = {1, 0};
	int64_t begun = clock_ms(), now;
	bool over = false, waiting = false;
	json_t *order = NULL;
	char id[UUID_TEXT];
	enum status status;

	uuid_random(id);
	status = place(call, id, wish);
	if (status != STATUS_DONE)
		return status;
	while (!over && (now = clock_ms()) - begun < WAIT_MS) {
		json_decref(order);
		order = NULL;
		status = database_call(
		    call, "order_show", PARAMETERS({"p_id", id}), &order);
		if (status != STATUS_DONE)
			return status;
		over = ended(call, order, &status);
		if (over)
			break;
		if (strcmp(field(order, "status"), "waiting") == 0) {
			(void)nanosleep(&rest, NULL);
			begun = clock_ms(); /* the clerk has not begun */
			continue;
		}
		if (!waiting && now - begun > PATIENCE_MS && isatty(2) == 1) {
			say("%s", _("waiting for the server…"));
			waiting = true;
		}
		(void)nanosleep(&pause, NULL);
	}
	if (!over || status == STATUS_UNREACHED) {
		say("%s", _("the server's clerk did not answer; is authd "
			    "running? Nothing was changed; try again"));
		status = STATUS_UNREACHED;
	}
	if (status == STATUS_DONE && ret_order != NULL)
		*ret_order = order;
	else
		json_decref(order);
	return status;
}

enum status
order_run(struct call *call, const char *kind, const char *login,
    const char *token, const struct secret *payload)
{
	const struct wish wish = {
	    .kind = kind, .login = login, .token = token, .payload = payload};

	return run(call, &wish, NULL);
}

enum status
order_card(struct call *call, const char *kind, const char *token,
    const char *why, const struct secret *payload, unsigned char *ret_answer,
    size_t cap, size_t *ret_len)
{
	const struct wish wish = {
	    .kind = kind, .token = token, .why = why, .payload = payload};
	const char *text;
	enum status status;
	json_t *order;

	status = run(call, &wish, &order);
	if (status != STATUS_DONE)
		return status;
	text = field(order, "answer");
	if (ret_answer != NULL &&
	    sodium_base642bin(ret_answer, cap, text, strlen(text), NULL,
		ret_len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
		say("%s", _("the server's answer makes no sense; is it of "
			    "another version?"));
		status = STATUS_UNREACHED;
	}
	json_decref(order);
	return status;
}
