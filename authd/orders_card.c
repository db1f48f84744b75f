/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/orders_card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/attested.h"
#include "authd/card_args.h"
#include "authd/card_order.h"
#include "authd/keyring_client.h"
#include "authd/orders_ca.h"
#include "authd/orders_renew.h"
#include "common/base/log.h"
#include "common/crypto/path.h"
#include "common/crypto/seal.h"
#include "common/wire/signed.h"

enum { KEYS_MAX = 32, ATTESTED_MAX = 4096, SLOTS_TEXT = 3 * KEYS_MAX + 3 };

enum column {
	C_ID,
	C_KIND,
	C_ARGS,
	C_KEY,
	C_TOKEN,
	C_LOGIN,
	C_NAME,
	C_SID,
	C_MEMBER_UNTIL,
	C_REALM,
	C_DAYS,
	C_CRL_URL,
	C_CHALLENGE,
	C_BOX,
	C_BOX_KEY,
	C_NOW,
	C_NUMBER
};

static const char *
text(const struct db_result *rows, int row, enum column column)
{
	const char *value = db_text(rows, row, (int)column);

	return value != NULL ? value : "";
}

static enum error
octets(const struct db_result *rows, int row, enum column column,
    unsigned char *ret_bytes, size_t cap, size_t *ret_len)
{
	*ret_len = 0;
	if (db_text(rows, row, (int)column) == NULL)
		return ERR_OK;
	return db_bytes(rows, row, (int)column, ret_bytes, cap, ret_len);
}

static enum error
read_order(const struct db_result *rows, int row, struct card_order *o)
{
	unsigned char challenge[SIGNED_CHALLENGE];
	enum error err;
	size_t len;

	memset(o, 0, sizeof *o);
	o->id = text(rows, row, C_ID);
	o->kind = text(rows, row, C_KIND);
	o->token = text(rows, row, C_TOKEN);
	o->login = text(rows, row, C_LOGIN);
	o->name = text(rows, row, C_NAME);
	o->sid = text(rows, row, C_SID);
	o->realm = text(rows, row, C_REALM);
	o->crl_url = text(rows, row, C_CRL_URL);
	o->number = text(rows, row, C_NUMBER);
	o->member_until = db_int(rows, row, C_MEMBER_UNTIL);
	o->days = db_int(rows, row, C_DAYS);
	o->now = db_int(rows, row, C_NOW);
	sekisho__sealed_box__init(&o->args);
	o->args.key_version = (uint32_t)db_int(rows, row, C_KEY);
	o->args.box.data = o->args_bytes;
	sekisho__sealed_box__init(&o->box);
	o->box.box.data = o->box_bytes;
	err = octets(rows, row, C_ARGS, o->args_bytes, sizeof o->args_bytes,
	    &o->args.box.len);
	if (err == ERR_OK)
		err = octets(rows, row, C_BOX, o->box_bytes,
		    sizeof o->box_bytes, &o->box.box.len);
	if (err == ERR_OK && o->box.box.len > 0)
		o->box.key_version = (uint32_t)db_int(rows, row, C_BOX_KEY);
	if (err == ERR_OK)
		err = octets(
		    rows, row, C_CHALLENGE, challenge, sizeof challenge, &len);
	if (err == ERR_OK && len == sizeof challenge) {
		memcpy(o->challenge, challenge, len);
		o->has_challenge = true;
	}
	return err;
}

enum error
card_order_refuse(
    struct duty *d, const struct card_order *o, const char *reason)
{
	const char *params[2] = {o->id, reason};
	struct db_result *r = NULL;
	enum error err;

	err = db_call(d->db, "order_refuse",
	    "SELECT sekisho.order_finish($1::uuid, false, $2, 0, 0)", 2, params,
	    d->config->database_timeout_ms, &r);
	db_result_free(&r);
	return err;
}

static enum error
open_args(struct duty *d, struct card_order *o)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__OrderOpen open = SEKISHO__ORDER_OPEN__INIT;
	const Sekisho__KeyringReply *reply;
	char id[UUID_TEXT];
	enum error err;

	(void)snprintf(id, sizeof id, "%s", o->id);
	open.order = id;
	open.args = &o->args;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_ORDER;
	request.order = &open;
	err = keyring_ask(d->keyring_fd, &request, d->arena, &reply);
	if (err == ERR_OK)
		o->opened = (struct der){reply->opened.data, reply->opened.len};
	return err;
}

/* A card's keys, and which of them have signed. */
struct keys {
	struct db_result *rows;
	bool proven[KEYS_MAX];
	bool attested[KEYS_MAX]; /* that it wants the PIN */
};

enum key_column {
	K_ID,
	K_KEY_ID,
	K_SPKI,
	K_CERTIFICATE,
	K_ANCHOR,
	K_CRL,
	K_UNCHECKED,
	K_NOW,
	K_SLOT,
	K_STATEMENT,
	K_ATTESTER
};

/* "" if it is right, else why not. */
static enum error
check_proof(struct keys *keys, const struct card_proof *proof,
    const unsigned char digest[SIGNED_DIGEST], const char **ret_why)
{
	unsigned char id[SPKI_KEY_ID], spki[SPKI_MAX];
	size_t len;
	enum error err;
	int i;

	for (i = 0; i < db_rows(keys->rows) && i < KEYS_MAX; i++) {
		err = db_bytes(keys->rows, i, K_KEY_ID, id, sizeof id, &len);
		if (err != ERR_OK)
			return err;
		if (secret_equal(id, len, proof->key_id, SPKI_KEY_ID))
			break;
	}
	*ret_why = "key_unknown";
	if (i == db_rows(keys->rows) || i == KEYS_MAX)
		return ERR_OK;
	err = db_bytes(keys->rows, i, K_SPKI, spki, sizeof spki, &len);
	if (err != ERR_OK)
		return err;
	err = signature_verify(spki, len, proof->scheme, digest,
	    proof->signature.octets, proof->signature.len);
	*ret_why = "wrong_signature";
	if (err == ERR_MISMATCH || err == ERR_INPUT)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	keys->proven[i] = true;
	*ret_why = "";
	return ERR_OK;
}

/* A bytea of any length, in memory that the caller frees. */
static enum error
copy_octets(const struct db_result *r, int row, int column,
    unsigned char **ret_octets, size_t *ret_len)
{
	const char *text = db_text(r, row, column);
	size_t cap = text == NULL ? 0 : strlen(text) / 2;

	*ret_octets = NULL;
	*ret_len = 0;
	if (cap == 0)
		return ERR_OK;
	*ret_octets = malloc(cap);
	if (*ret_octets == NULL)
		return ERR_NOMEM;
	return db_bytes(r, row, column, *ret_octets, cap, ret_len);
}

/* RFC 5280 6, with what the issuer's record has; "" or why not. */
static enum error
check_path(const struct db_result *rows, int row, const char **ret_why)
{
	const struct path_options options = {.now = db_int(rows, row, K_NOW),
	    .unchecked_revocation = db_bool(rows, row, K_UNCHECKED),
	    .loose_form = true};
	unsigned char *certificate = NULL, *anchor = NULL, *crl = NULL;
	size_t certificate_len = 0, anchor_len = 0, crl_len = 0;
	struct path_store *store = NULL;
	struct path_fault fault = {PATH_MALFORMED, 0, ""};
	enum error err;

	err = copy_octets(
	    rows, row, K_CERTIFICATE, &certificate, &certificate_len);
	if (err == ERR_OK)
		err = copy_octets(rows, row, K_ANCHOR, &anchor, &anchor_len);
	if (err == ERR_OK)
		err = copy_octets(rows, row, K_CRL, &crl, &crl_len);
	if (err == ERR_OK)
		err = path_store_new(&store);
	if (err == ERR_OK)
		err = path_store_anchor(store, anchor, anchor_len);
	if (err == ERR_OK && crl_len > 0)
		err = path_store_crl(store, crl, crl_len);
	if (err == ERR_OK)
		err = path_validate(
		    store, certificate, certificate_len, &options, &fault);
	if (err == ERR_DENIED) {
		log_warn("clerk: a card's certificate has no valid path",
		    "reason", path_reason_text(fault.reason), "depth",
		    log_num(fault.depth), "detail", fault.detail);
		*ret_why = path_reason_text(fault.reason);
		err = ERR_OK;
	}
	path_store_free(&store);
	free(certificate);
	free(anchor);
	free(crl);
	return err;
}

/* Keys that others certified count only while their issuer says so. */
static enum error
check_paths(const struct keys *keys, const char **ret_why)
{
	enum error err = ERR_OK;
	int i;

	for (i = 0; i < db_rows(keys->rows) && i < KEYS_MAX; i++) {
		if (err == ERR_OK && (*ret_why)[0] == '\0' &&
		    db_text(keys->rows, i, K_ANCHOR) != NULL)
			err = check_path(keys->rows, i, ret_why);
	}
	return err;
}

/* Keys whose maker we trust, and what it says of them. */
static enum error
check_attested(struct duty *d, struct keys *keys, const char **ret_why)
{
	unsigned char statement[ATTESTED_MAX], attester[ATTESTED_MAX];
	unsigned char spki[SPKI_MAX];
	const struct db_result *rows = keys->rows;
	struct db_result *roots = NULL;
	enum error err;
	int i;

	err = attested_roots(d, &roots);
	for (i = 0; err == ERR_OK && (*ret_why)[0] == '\0' &&
		    i < db_rows(rows) && i < KEYS_MAX;
	     i++) {
		struct attested_claim claim = {.slot = db_text(rows, i, K_SLOT),
		    .spki.octets = spki,
		    .statement.octets = statement,
		    .attester.octets = attester};

		if (db_text(rows, i, K_STATEMENT) == NULL)
			continue;
		err = db_bytes(
		    rows, i, K_SPKI, spki, sizeof spki, &claim.spki.len);
		if (err == ERR_OK)
			err = db_bytes(rows, i, K_STATEMENT, statement,
			    sizeof statement, &claim.statement.len);
		if (err == ERR_OK)
			err = db_bytes(rows, i, K_ATTESTER, attester,
			    sizeof attester, &claim.attester.len);
		if (err == ERR_OK)
			err = attested_judge(roots, &claim,
			    db_int(rows, i, K_NOW), ret_why,
			    &keys->attested[i]);
	}
	db_result_free(&roots);
	return err;
}

/* The slots of keys that were attested, as an array of the database's. */
static void
write_slots(const struct keys *keys, char ret_list[SLOTS_TEXT])
{
	char *end = ret_list;
	int i;

	*end++ = '{';
	for (i = 0; i < db_rows(keys->rows) && i < KEYS_MAX; i++) {
		const char *slot = db_text(keys->rows, i, K_SLOT);

		/* no quotes are needed for what a PIV card can attest */
		if (!keys->attested[i] || strlen(slot) != 2 ||
		    strspn(slot, "0123456789abcdef") != 2)
			continue;
		if (end > ret_list + 1)
			*end++ = ',';
		end = stpcpy(end, slot);
	}
	(void)stpcpy(end, "}");
}

/* What the database is told: the challenge, and the keys that signed it. */
static enum error
finish_prove(
    struct duty *d, const struct card_order *o, const struct keys *keys)
{
	char challenge[2 * SIGNED_CHALLENGE + 3];
	char list[KEYS_MAX * (2 * SPKI_KEY_ID + 8) + 3];
	char slots[SLOTS_TEXT];
	const char *params[4] = {o->id, challenge, list, slots};
	struct db_result *r = NULL;
	char *end = list;
	enum error err;
	int i;

	db_bytea(o->challenge, sizeof o->challenge, challenge);
	*end++ = '{';
	for (i = 0; i < db_rows(keys->rows) && i < KEYS_MAX; i++) {
		const char *id = db_text(keys->rows, i, K_KEY_ID);

		if (!keys->proven[i] || strlen(id) != 2 * SPKI_KEY_ID + 2)
			continue;
		if (end > list + 1)
			*end++ = ',';
		end = stpcpy(end, "\"\\"); /* a backslash counts double here */
		end = stpcpy(end, id);
		*end++ = '"';
	}
	(void)stpcpy(end, "}");
	write_slots(keys, slots);
	err = db_call(d->db, "card_prove_finish",
	    "SELECT sekisho.card_prove_finish($1::uuid, $2::bytea, "
	    "$3::bytea[], $4::text[])",
	    4, params, d->config->database_timeout_ms, &r);
	db_result_free(&r);
	return err;
}

static enum error
prove(struct duty *d, struct card_order *o)
{
	const struct signed_fields fields = {.purpose = "enrolment",
	    .server_id = d->config->server_id,
	    .client_id = o->token,
	    .login = o->login,
	    .challenge = o->challenge};
	const char *params[1] = {o->token};
	unsigned char digest[SIGNED_DIGEST];
	struct card_proof proof;
	struct keys keys = {NULL, {false}, {false}};
	const char *why = "";
	enum error err;

	if (!o->has_challenge)
		return card_order_refuse(d, o, "challenge_ended");
	err = signed_digest(&fields, digest);
	if (err == ERR_OK)
		err = db_call(d->db, "card_keys",
		    "SELECT * FROM sekisho.card_keys($1::uuid)", 1, params,
		    d->config->database_timeout_ms, &keys.rows);
	if (err != ERR_OK)
		return err;
	if (o->opened.len == 0)
		why = "order_malformed";
	while (err == ERR_OK && why[0] == '\0' && o->opened.len > 0) {
		if (card_args_proof(&o->opened, &proof) != ERR_OK)
			why = "order_malformed";
		else
			err = check_proof(&keys, &proof, digest, &why);
	}
	if (err == ERR_OK && why[0] == '\0')
		err = check_paths(&keys, &why);
	if (err == ERR_OK && why[0] == '\0')
		err = check_attested(d, &keys, &why);
	if (err == ERR_OK)
		err = why[0] == '\0' ? finish_prove(d, o, &keys)
				     : card_order_refuse(d, o, why);
	db_result_free(&keys.rows);
	return err;
}

enum error
card_order_release(struct duty *d, const struct card_order *o,
    const char *kind_name, const unsigned char public_key[SEAL_PUBLIC_KEY],
    struct der *ret_sealed)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__Release what = SEKISHO__RELEASE__INIT;
	Sekisho__SealedBox box = o->box;
	char kind[12], owner[UUID_TEXT];
	unsigned char recipient[SEAL_PUBLIC_KEY];
	const Sekisho__KeyringReply *reply;
	enum error err;

	memcpy(recipient, public_key, sizeof recipient);
	(void)snprintf(kind, sizeof kind, "%s", kind_name);
	(void)snprintf(owner, sizeof owner, "%s", o->token);
	what.kind = kind;
	what.owner = owner;
	what.box = &box;
	what.recipient = (ProtobufCBinaryData){sizeof recipient, recipient};
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_RELEASE;
	request.release = &what;
	err = keyring_ask(d->keyring_fd, &request, d->arena, &reply);
	if (err == ERR_OK && reply->opened.len > SEAL_BOX_MAX)
		err = ERR_INPUT;
	if (err == ERR_OK)
		*ret_sealed =
		    (struct der){reply->opened.data, reply->opened.len};
	return err;
}

/* The keyring opens and seals at once; what passes here nobody can read. */
static enum error
release(struct duty *d, struct card_order *o)
{
	char answer[2 * SEAL_BOX_MAX + 3];
	const char *params[2] = {o->id, answer};
	struct db_result *r = NULL;
	const char *secret;
	struct der sealed;
	enum error err;

	if (o->opened.len != SEAL_PUBLIC_KEY)
		return card_order_refuse(d, o, "order_malformed");
	if (o->box.box.len == 0)
		return card_order_refuse(d, o, "nothing_in_escrow");
	/* card_puk and escrow_puk, card_management and escrow_management */
	secret = strchr(o->kind, '_');
	if (secret == NULL)
		return card_order_refuse(d, o, "order_malformed");
	err = card_order_release(d, o, secret + 1, o->opened.octets, &sealed);
	if (err == ERR_CRYPTO)
		return card_order_refuse(d, o, "escrow_does_not_open");
	if (err != ERR_OK)
		return err;
	db_bytea(sealed.octets, sealed.len, answer);
	err = db_call(d->db, "card_release_finish",
	    "SELECT sekisho.card_release_finish($1::uuid, $2::bytea)", 2,
	    params, d->config->database_timeout_ms, &r);
	db_result_free(&r);
	return err;
}

static enum error
execute(struct duty *d, struct card_order *o, bool ca)
{
	bool for_ca = strcmp(o->kind, "card_certificate") == 0 ||
		      strcmp(o->kind, "card_renew") == 0 ||
		      strcmp(o->kind, "ca_init") == 0;
	enum error err;

	if (for_ca && !ca)
		return card_order_refuse(d, o, "ca_unavailable");
	err = open_args(d, o);
	if (err == ERR_CRYPTO)
		return card_order_refuse(d, o, "order_does_not_open");
	if (err != ERR_OK)
		return err;
	if (strcmp(o->kind, "card_certificate") == 0)
		return orders_ca_certificate(d, o);
	if (strcmp(o->kind, "ca_init") == 0)
		return orders_ca_init(d, o);
	if (strcmp(o->kind, "card_renew") == 0)
		return orders_renew(d, o);
	if (strcmp(o->kind, "card_prove") == 0)
		return prove(d, o);
	return release(d, o);
}

void
orders_card_execute(struct duty *d, bool ca)
{
	const char *params[1] = {ca ? "t" : "f"};
	struct db_result *rows = NULL;
	struct card_order order;
	int i;

	if (db_call(d->db, "orders_card_open",
		"SELECT * FROM sekisho.orders_card_open($1::boolean)", 1,
		params, d->config->database_timeout_ms, &rows) != ERR_OK)
		return;
	for (i = 0; i < db_rows(rows) && db_usable(d->db); i++) {
		enum error err = read_order(rows, i, &order);

		if (err == ERR_OK)
			err = execute(d, &order, ca);
		if (err != ERR_OK)
			log_error("clerk: an order could not be executed",
			    "order", order.id, "kind", order.kind, "why",
			    error_text(err), "database", db_error(d->db));
		arena_reset(d->arena);
	}
	db_result_free(&rows);
}
