/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/orders.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authd/keyring_client.h"
#include "authd/totp.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/crypto/seal.h"

enum column {
	C_ID,
	C_KIND,
	C_ARGS,
	C_KEY,
	C_PERSON,
	C_TOKEN,
	C_ALGORITHM,
	C_DIGITS,
	C_PERIOD,
	C_LAST_STEP,
	C_SEED,
	C_SEED_KEY,
	C_NOW
};

/* One row of orders_open, in the keyring's terms. */
struct order {
	char id[UUID_TEXT], person[UUID_TEXT], token_id[UUID_TEXT];
	char algorithm[8];
	unsigned char args_bytes[SEAL_BOX_MAX], seed_bytes[SEAL_BOX_MAX];
	Sekisho__SealedBox args, seed;
	Sekisho__TotpToken token;
	int64_t now;
	bool resync;
};

static enum error
read_order(const struct db_result *rows, int row, struct order *o)
{
	enum error err;

	memset(o, 0, sizeof *o);
	sekisho__sealed_box__init(&o->args);
	sekisho__sealed_box__init(&o->seed);
	sekisho__totp_token__init(&o->token);
	(void)snprintf(o->id, sizeof o->id, "%s", db_text(rows, row, C_ID));
	(void)snprintf(
	    o->person, sizeof o->person, "%s", db_text(rows, row, C_PERSON));
	(void)snprintf(
	    o->token_id, sizeof o->token_id, "%s", db_text(rows, row, C_TOKEN));
	(void)snprintf(o->algorithm, sizeof o->algorithm, "%s",
	    db_text(rows, row, C_ALGORITHM));
	o->now = db_int(rows, row, C_NOW);
	o->resync = strcmp(db_text(rows, row, C_KIND), "totp_resync") == 0;
	o->args.key_version = (uint32_t)db_int(rows, row, C_KEY);
	o->args.box.data = o->args_bytes;
	err = db_bytes(rows, row, C_ARGS, o->args_bytes, sizeof o->args_bytes,
	    &o->args.box.len);
	if (err != ERR_OK)
		return err;
	o->seed.key_version = (uint32_t)db_int(rows, row, C_SEED_KEY);
	o->seed.box.data = o->seed_bytes;
	o->token.token = o->token_id;
	o->token.seed = &o->seed;
	o->token.algorithm = o->algorithm;
	o->token.digits = (uint32_t)db_int(rows, row, C_DIGITS);
	o->token.period = (uint32_t)db_int(rows, row, C_PERIOD);
	o->token.last_step = db_int(rows, row, C_LAST_STEP);
	return db_bytes(rows, row, C_SEED, o->seed_bytes, sizeof o->seed_bytes,
	    &o->seed.box.len);
}

/* The arguments in clear: one code, or two with a blank between. */
static enum error
open_args(int keyring_fd, struct arena *arena, struct order *o,
    ProtobufCBinaryData codes[2])
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__OrderOpen open = SEKISHO__ORDER_OPEN__INIT;
	const Sekisho__KeyringReply *reply;
	uint8_t *blank;
	enum error err;

	open.order = o->id;
	open.args = &o->args;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_ORDER;
	request.order = &open;
	err = keyring_ask(keyring_fd, &request, arena, &reply);
	if (err != ERR_OK)
		return err;
	codes[0] = reply->opened;
	codes[1] = (ProtobufCBinaryData){0, NULL};
	blank = memchr(codes[0].data, ' ', codes[0].len);
	if (blank != NULL) {
		codes[1].data = blank + 1;
		codes[1].len =
		    codes[0].len - (size_t)(blank + 1 - codes[0].data);
		codes[0].len = (size_t)(blank - codes[0].data);
	}
	return ERR_OK;
}

static enum error
check_codes(int keyring_fd, struct arena *arena, struct order *o,
    ProtobufCBinaryData codes[2], const Sekisho__KeyringReply **ret_reply)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__TotpResync resync = SEKISHO__TOTP_RESYNC__INIT;
	Sekisho__TotpCheck check = SEKISHO__TOTP_CHECK__INIT;
	Sekisho__TotpToken *tokens[1] = {&o->token};

	if (o->resync) {
		resync.person = o->person;
		resync.token = &o->token;
		resync.code1 = codes[0];
		resync.code2 = codes[1];
		resync.now = o->now;
		resync.window = TOTP_DRIFT_MAX;
		request.body_case = SEKISHO__KEYRING_REQUEST__BODY_RESYNC;
		request.resync = &resync;
	} else {
		check.person = o->person;
		check.n_tokens = 1;
		check.tokens = tokens;
		check.n_codes = 1;
		check.codes = codes;
		check.now = o->now;
		check.window = 2; /* a new token's clock is not known yet */
		request.body_case = SEKISHO__KEYRING_REQUEST__BODY_TOTP;
		request.totp = &check;
	}
	return keyring_ask(keyring_fd, &request, arena, ret_reply);
}

static enum error
finish(struct db *db, const struct order *o, bool done, const char *reason,
    int64_t step, int64_t drift, int timeout_ms)
{
	char step_text[24], drift_text[24];
	const char *params[5] = {
	    o->id, done ? "t" : "f", reason, step_text, drift_text};
	struct db_result *r = NULL;
	enum error err;

	(void)snprintf(step_text, sizeof step_text, "%" PRId64, step);
	(void)snprintf(drift_text, sizeof drift_text, "%" PRId64, drift);
	err = db_call(db, "order_finish",
	    "SELECT sekisho.order_finish($1::uuid, $2::boolean, $3, $4, $5)", 5,
	    params, timeout_ms, &r);
	if (err == ERR_OK)
		db_result_free(&r);
	return err;
}

static enum error
execute(struct db *db, int keyring_fd, struct arena *arena, struct order *o,
    int timeout_ms)
{
	const Sekisho__KeyringReply *reply;
	ProtobufCBinaryData codes[2];
	int64_t drift;
	enum error err;

	err = open_args(keyring_fd, arena, o, codes);
	if (err == ERR_CRYPTO)
		return finish(
		    db, o, false, "order_does_not_open", 0, 0, timeout_ms);
	if (err != ERR_OK)
		return err;
	err = check_codes(keyring_fd, arena, o, codes, &reply);
	if (err == ERR_CRYPTO)
		return finish(
		    db, o, false, "token_does_not_open", 0, 0, timeout_ms);
	if (err != ERR_OK)
		return err;
	/* A first code that is a step late was typed slowly: no drift yet. */
	drift = !o->resync && reply->drift >= -1 && reply->drift <= 1
		    ? 0
		    : reply->drift;
	if (reply->result == SEKISHO__KEYRING_REPLY__RESULT__YES)
		return finish(db, o, true, "", reply->step, drift, timeout_ms);
	return finish(db, o, false,
	    reply->result == SEKISHO__KEYRING_REPLY__RESULT__SPENT
		? "code_spent"
		: "wrong_code",
	    0, 0, timeout_ms);
}

void
orders_execute(
    struct db *db, int keyring_fd, struct arena *arena, int timeout_ms)
{
	struct db_result *rows = NULL;
	struct order order;
	int i;

	if (db_call(db, "orders_open", "SELECT * FROM sekisho.orders_open()", 0,
		NULL, timeout_ms, &rows) != ERR_OK)
		return;
	for (i = 0; i < db_rows(rows); i++) {
		enum error err = read_order(rows, i, &order);

		if (err == ERR_OK)
			err =
			    execute(db, keyring_fd, arena, &order, timeout_ms);
		if (err != ERR_OK)
			log_error("clerk: an order could not be executed",
			    "order", db_text(rows, i, C_ID), "why",
			    error_text(err));
		arena_reset(arena);
	}
	db_result_free(&rows);
}
