/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/clerk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/crl.h"
#include "authd/disconnect.h"
#include "authd/duty.h"
#include "authd/keyring_client.h"
#include "authd/orders.h"
#include "authd/orders_card.h"
#include "authd/sandbox.h"
#include "authd/sealer.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/crypto/seal.h"
#include "common/crypto/signature.h"
#include "common/db/db.h"

enum {
	ROUND_MS = 1000,
	ANSWER_MS = 50,
	HOUSEKEEPING_MS = 10000,
	RESEAL_BATCH = 100
};

/* Every node says which key is newest; the database keeps one truth. */
static enum error
publish_key(struct duty *d, struct sealer *sealer)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__KeyringHello hello = SEKISHO__KEYRING_HELLO__INIT;
	const Sekisho__KeyringReply *reply;
	char key[2 * SEAL_PUBLIC_KEY + 3];
	const char *params[2] = {NULL, key};
	struct db_result *r = NULL;
	enum error err;

	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_HELLO;
	request.hello = &hello;
	err = keyring_ask(d->keyring_fd, &request, d->arena, &reply);
	if (err != ERR_OK)
		return err;
	if (reply->public_key.len != SEAL_PUBLIC_KEY)
		return ERR_INPUT;
	sealer_key(sealer, reply->audit_key.data, reply->audit_key.len);
	db_bytea(reply->public_key.data, SEAL_PUBLIC_KEY, key);
	params[0] = log_num(reply->key_version);
	err = db_call(d->db, "keyring_publish",
	    "SELECT sekisho.keyring_publish($1, $2::bytea)", 2, params,
	    d->config->database_timeout_ms, &r);
	if (err != ERR_OK)
		return err;
	if (!db_bool(r, 0, 0)) {
		log_error(
		    "this node's keys are not those of the others; copy "
		    "the keys folder from the node where they were rotated",
		    "version", params[0]);
		err = ERR_CONFIG;
	}
	db_result_free(&r);
	arena_reset(d->arena);
	return err;
}

static enum error
call(struct duty *d, const char *name, const char *sql, bool *ret_yes)
{
	struct db_result *r = NULL;
	enum error err;

	err = db_call(d->db, name, sql, 0, NULL, 30000, &r);
	if (err != ERR_OK) {
		log_error(
		    "clerk: a job failed", "job", name, "why", db_error(d->db));
		return err;
	}
	*ret_yes = db_rows(r) > 0 && db_bool(r, 0, 0);
	db_result_free(&r);
	return ERR_OK;
}

/* One box sealed to an older key, sealed anew. */
static enum error
reseal_one(struct duty *d, const struct db_result *rows, int row)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__Reseal reseal = SEKISHO__RESEAL__INIT;
	Sekisho__SealedBox old = SEKISHO__SEALED_BOX__INIT;
	const Sekisho__KeyringReply *reply;
	unsigned char bytes[SEAL_BOX_MAX];
	char kind[16], owner[80], box[2 * SEAL_BOX_MAX + 3];
	const char *params[5] = {
	    kind, db_text(rows, row, 2), db_text(rows, row, 3), box, NULL};
	struct db_result *r = NULL;
	enum error err;

	if (strlen(db_text(rows, row, 0)) >= sizeof kind ||
	    strlen(db_text(rows, row, 1)) >= sizeof owner)
		return ERR_INPUT;
	(void)stpcpy(kind, db_text(rows, row, 0));
	(void)stpcpy(owner, db_text(rows, row, 1));
	err = db_bytes(rows, row, 3, bytes, sizeof bytes, &old.box.len);
	if (err != ERR_OK)
		return err;
	old.box.data = bytes;
	old.key_version = (uint32_t)db_int(rows, row, 4);
	reseal.kind = kind;
	reseal.owner = owner;
	reseal.box = &old;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_RESEAL;
	request.reseal = &reseal;
	err = keyring_ask(d->keyring_fd, &request, d->arena, &reply);
	if (err == ERR_OK &&
	    (reply->box == NULL || reply->box->box.len > SEAL_BOX_MAX))
		err = ERR_INPUT;
	if (err == ERR_OK) {
		db_bytea(reply->box->box.data, reply->box->box.len, box);
		params[4] = log_num(reply->box->key_version);
		err = db_call(d->db, "box_reseal",
		    "SELECT sekisho.box_reseal($1, $2::uuid, $3::bytea, "
		    "$4::bytea, $5)",
		    5, params, d->config->database_timeout_ms, &r);
		db_result_free(&r);
	}
	arena_reset(d->arena);
	return err;
}

/* A batch of them; what cannot be opened is reported and stays. */
static void
reseal_some(struct duty *d)
{
	struct db_result *rows = NULL;
	int i, done = 0;

	if (db_call(d->db, "boxes_old", "SELECT * FROM sekisho.boxes_old(100)",
		0, NULL, d->config->database_timeout_ms, &rows) != ERR_OK)
		return;
	for (i = 0; i < db_rows(rows) && db_usable(d->db); i++) {
		enum error err = reseal_one(d, rows, i);

		if (err == ERR_OK)
			done++;
		else
			log_error("clerk: a sealed box does not open; was it "
				  "moved, or its key retired?",
			    "kind", db_text(rows, i, 0), "id",
			    db_text(rows, i, 2), "why", error_text(err));
	}
	if (done > 0)
		log_info("clerk: boxes sealed to the new key", "count",
		    log_num(done));
	db_result_free(&rows);
}

/*
 * What needs the CA is done by one of those clerks whose CA answers, which
 * need not be the one that does the rest. One whose CA goes away makes room.
 */
static void
work_with_ca(struct duty *d, bool *elected)
{
	struct ca_key key;
	enum error err;
	bool yes;

	if (d->ca.fd < 0 || clock_ms() < d->ca.away)
		return;
	if (!*elected) {
		err = ca_client_key(&d->ca, &key);
		arena_reset(d->arena);
		if (err == ERR_OK)
			err = call(d, "elect_ca",
			    "SELECT pg_try_advisory_lock(7365, 2)", elected);
		if (err != ERR_OK || !*elected)
			return;
		log_info("clerk: elected for the card CA");
	}
	orders_card_execute(d, true);
	if (crl_make(d) != ERR_OK && clock_ms() >= d->ca.away)
		d->ca.away = clock_ms() + CA_AWAY_MS;
	if (clock_ms() < d->ca.away && db_usable(d->db)) {
		log_warn("clerk: the card CA is away");
		*elected = false;
		(void)call(d, "step_back_ca",
		    "SELECT pg_advisory_unlock(7365, 2)", &yes);
	}
}

/*
 * Until there is something to do, or a second has passed. Answers to
 * Disconnects come by another socket, so it looks there now and then while
 * some are waited for.
 */
static enum error
rest(struct duty *d, struct disconnects *disconnects)
{
	const int64_t until = clock_ms() + ROUND_MS;
	bool notified = false;
	enum error err;

	do {
		err = db_wait_notify(d->db,
		    disconnects->n > 0 ? ANSWER_MS : ROUND_MS, &notified);
		if (err == ERR_OK)
			disconnects_receive(d, disconnects);
	} while (err == ERR_OK && !notified && disconnects->n > 0 &&
		 clock_ms() < until);
	return err;
}

static void
work(struct duty *d, struct crl_shelf *shelf, struct disconnects *disconnects,
    struct sealer *sealer)
{
	int64_t next_housekeeping = 0;
	bool elected = false, has_ca = false, yes;

	if (call(d, "listen", "LISTEN sekisho_order", &yes) != ERR_OK ||
	    call(d, "listen_session", "LISTEN sekisho_session", &yes) != ERR_OK)
		return;
	while (db_usable(d->db)) {
		if (!elected) {
			if (call(d, "elect",
				"SELECT pg_try_advisory_lock(7365, 1)",
				&elected) != ERR_OK)
				return;
			if (elected)
				log_info("clerk: elected");
		}
		work_with_ca(d, &has_ca);
		if (elected) {
			disconnects_send(d, disconnects);
			orders_card_execute(d, false);
			orders_execute(d->db, d->keyring_fd, d->arena,
			    d->config->database_timeout_ms);
			if (clock_ms() >= next_housekeeping) {
				(void)call(d, "housekeeping",
				    "SELECT sekisho.housekeeping()", &yes);
				reseal_some(d);
				sealer_run(sealer, d);
				next_housekeeping =
				    clock_ms() + HOUSEKEEPING_MS;
			}
		}
		crl_publish(d, shelf);
		if (rest(d, disconnects) != ERR_OK)
			return;
	}
}

/*
 * With a role of its own, which nobody else in authd can be. Where nobody has
 * said how to connect as it, and it does not work yet, as the workers': the
 * database lets that work during an upgrade only.
 */
static enum error
connect_database(struct duty *d)
{
	const struct config *config = d->config;
	char why[DB_ERROR_TEXT], own[DB_ERROR_TEXT];
	enum error err;

	err = db_open(
	    config->clerk_database, config->database_timeout_ms, &d->db, own);
	if (err == ERR_OK)
		return ERR_OK;
	if (!config->clerk_derived ||
	    db_open(config->database, config->database_timeout_ms, &d->db,
		why) != ERR_OK) {
		log_error("no database", "why", own);
		return err;
	}
	log_warn("clerk: connected with the workers' role; let it connect as "
		 "sekisho_clerk",
	    "why", own);
	return ERR_OK;
}

int
clerk_main(const struct config *config, int keyring_fd, int ca_fd)
{
	struct duty d = {
	    .config = config, .keyring_fd = keyring_fd, .ca = {.fd = ca_fd}};
	const pid_t supervisor = getppid();
	struct disconnects *disconnects = NULL;
	struct crl_shelf shelf;
	struct sealer sealer = {.fd = -1};
	bool shared = false;

	if (arena_new(MESSAGE_ARENA, &d.arena) != ERR_OK ||
	    sandbox_drop_user(config->uid, config->gid, supervisor) != ERR_OK)
		goto out;
	d.ca.arena = d.arena;
	if (crl_shelf_open(config->crl_path, &shelf) != ERR_OK) {
		log_error("cannot open the folder for the CRL", "crl_path",
		    config->crl_path, "why", log_errno());
		goto out;
	}
	if (sealer_open(config->audit_anchor, &sealer) != ERR_OK) {
		log_error("cannot open the audit's anchor file", "audit_anchor",
		    config->audit_anchor, "why", log_errno());
		goto out;
	}
	if (signature_init() != ERR_OK ||
	    disconnects_open(config->disconnect_address, &disconnects) !=
		ERR_OK) {
		log_error("cannot prepare cryptography");
		goto out;
	}
	if (connect_database(&d) != ERR_OK)
		goto out;
	if (sandbox_lock(SANDBOX_CLERK) != ERR_OK) {
		log_error("cannot lock the process in", "why", log_errno());
		goto out;
	}
	if (call(&d, "clerk_begin", "SELECT sekisho.clerk_begin()", &shared) ==
		ERR_OK &&
	    shared)
		log_warn("clerk: the workers' role has the clerk's rights; "
			 "when all nodes are upgraded: REVOKE sekisho_clerk "
			 "FROM sekisho_authd");
	if (publish_key(&d, &sealer) == ERR_OK) {
		work(&d, &shelf, disconnects, &sealer);
		log_warn("clerk: lost the database", "why", db_error(d.db));
	} else {
		log_error(
		    "clerk: could not publish the key", "why", db_error(d.db));
	}
out:
	disconnects_close(&disconnects);
	sealer_close(&sealer);
	db_close(&d.db);
	arena_free(&d.arena);
	return EXIT_FAILURE;
}
