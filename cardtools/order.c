/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/order.h"

#include <stdio.h>
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

enum { WAIT_MS = 10000, POLL_MS = 50, PATIENCE_MS = 500 };

static enum status
place(struct call *call, const char *id, const char *kind, const char *login,
    const char *token, const struct secret *payload)
{
	char box[BOX_TEXT];
	struct keyring keyring;
	json_t *answer;
	enum status status;

	status = keyring_trusted(call, &keyring);
	if (status == STATUS_DONE)
		status = keyring_seal(&keyring, SEAL_ORDER, id, payload->bytes,
		    payload->len, box);
	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "order_place",
	    PARAMETERS({"p_id", id}, {"p_kind", kind}, {"p_login", login},
		{"p_token", token}, {"p_args", box},
		{"p_key_version", keyring.version}),
	    &answer);
	if (status == STATUS_DONE)
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
	else if (strcmp(state, "new") == 0)
		return false;
	else
		*ret_status = STATUS_UNREACHED;
	return true;
}

enum status
order_run(struct call *call, const char *kind, const char *login,
    const char *token, const struct secret *payload)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	int64_t begun = clock_ms(), now;
	bool over = false, waiting = false;
	char id[UUID_TEXT];
	enum status status;

	uuid_random(id);
	status = place(call, id, kind, login, token, payload);
	if (status != STATUS_DONE)
		return status;
	while (!over && (now = clock_ms()) - begun < WAIT_MS) {
		json_t *order;

		status = database_call(
		    call, "order_show", PARAMETERS({"p_id", id}), &order);
		if (status != STATUS_DONE)
			return status;
		over = ended(call, order, &status);
		json_decref(order);
		if (over)
			break;
		if (!waiting && now - begun > PATIENCE_MS && isatty(2) == 1) {
			say("%s", _("waiting for the server…"));
			waiting = true;
		}
		(void)nanosleep(&pause, NULL);
	}
	if (!over || status == STATUS_UNREACHED) {
		say("%s", _("the server's clerk did not answer; is authd "
			    "running? Nothing was changed; try again"));
		return STATUS_UNREACHED;
	}
	return status;
}
