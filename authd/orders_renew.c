/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/orders_renew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authd/card_args.h"
#include "authd/orders_ca.h"
#include "common/base/log.h"
#include "common/wire/renewal.h"

enum { CLIENT = UUID_TEXT - 1, HEAD = CLIENT + RENEWAL_PUBLIC };
enum { C_KEY_ID = 1, C_SPKI = 2, C_SLOT = 8 }; /* of card_keys */

/* One key of the card, and its new certificate. */
struct renewed {
	unsigned char key_id[SPKI_KEY_ID], spki_der[SPKI_MAX];
	size_t spki_len;
	char slot[CARD_SLOT];
	bool proven;
	struct orders_ca_made made;
	struct certificate certificate;
};

struct work {
	struct duty *d;
	struct card_order *o;
	char client[UUID_TEXT];
	const unsigned char *public_key;
	size_t n;
	struct renewed key[RENEWAL_KEYS];
	struct der sealed;
	const char *why; /* NULL: all is well so far */
};

static enum error
read_keys(struct work *x)
{
	const char *params[1] = {x->o->token};
	struct db_result *rows = NULL;
	enum error err;
	size_t len;

	err = db_call(x->d->db, "card_keys",
	    "SELECT * FROM sekisho.card_keys($1::uuid)", 1, params,
	    x->d->config->database_timeout_ms, &rows);
	if (err == ERR_OK &&
	    (db_rows(rows) == 0 || db_rows(rows) > RENEWAL_KEYS))
		x->why = "card_unusable";
	while (
	    err == ERR_OK && x->why == NULL && x->n < (size_t)db_rows(rows)) {
		struct renewed *key = &x->key[x->n];
		int row = (int)x->n;

		err = db_bytes(
		    rows, row, C_KEY_ID, key->key_id, sizeof key->key_id, &len);
		if (err == ERR_OK && len != sizeof key->key_id)
			err = ERR_INPUT;
		if (err == ERR_OK)
			err = db_bytes(rows, row, C_SPKI, key->spki_der,
			    sizeof key->spki_der, &key->spki_len);
		if (err == ERR_OK)
			err = db_copy_text(
			    rows, row, C_SLOT, key->slot, sizeof key->slot);
		x->n++;
	}
	db_result_free(&rows);
	return err;
}

static enum error
check_proof(struct work *x, const struct card_proof *proof,
    const unsigned char digest[SIGNED_DIGEST])
{
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; i < x->n; i++) {
		if (secret_equal(x->key[i].key_id, SPKI_KEY_ID, proof->key_id,
			SPKI_KEY_ID))
			break;
	}
	if (i == x->n) {
		x->why = "key_unknown";
		return ERR_OK;
	}
	err = signature_verify(x->key[i].spki_der, x->key[i].spki_len,
	    proof->scheme, digest, proof->signature.octets,
	    proof->signature.len);
	if (err == ERR_MISMATCH || err == ERR_INPUT) {
		x->why = "wrong_signature";
		return ERR_OK;
	}
	x->key[i].proven = err == ERR_OK;
	return err;
}

/* All keys have signed, for this terminal and this one-time key. */
static enum error
check_proofs(struct work *x)
{
	unsigned char challenge[RENEWAL_CHALLENGE], digest[SIGNED_DIGEST];
	const struct signed_fields fields = {.purpose = RENEWAL_PURPOSE,
	    .server_id = x->d->config->server_id,
	    .client_id = x->client,
	    .login = x->o->login,
	    .challenge = challenge};
	struct der left = {x->o->opened.octets + HEAD, x->o->opened.len - HEAD};
	struct card_proof proof;
	enum error err;
	size_t i;

	renewal_challenge(x->o->challenge, x->public_key, challenge);
	err = signed_digest(&fields, digest);
	while (err == ERR_OK && x->why == NULL && left.len > 0) {
		if (card_args_proof(&left, &proof) != ERR_OK)
			x->why = "order_malformed";
		else
			err = check_proof(x, &proof, digest);
	}
	for (i = 0; i < x->n && x->why == NULL; i++) {
		if (!x->key[i].proven)
			x->why = "keys_missing";
	}
	return err;
}

static enum error
certify(struct work *x)
{
	enum error err = ERR_OK;
	struct spki spki;
	size_t i;

	for (i = 0; i < x->n && err == ERR_OK && x->why == NULL; i++) {
		struct renewed *key = &x->key[i];

		err = spki_parse(key->spki_der, key->spki_len, &spki);
		if (err == ERR_OK)
			err = orders_ca_recertify(x->d, x->o, key->slot, &spki,
			    (struct der){key->spki_der, key->spki_len},
			    &key->made, &x->why);
		if (err == ERR_OK && x->why == NULL)
			err = certificate_parse(
			    key->made.der, key->made.len, &key->certificate);
	}
	return err;
}

static enum error
release(struct work *x)
{
	enum error err;

	if (x->o->box.box.len == 0) {
		x->why = "nothing_in_escrow";
		return ERR_OK;
	}
	err = card_order_release(
	    x->d, x->o, SEAL_MANAGEMENT, x->public_key, &x->sealed);
	if (err == ERR_CRYPTO) {
		x->why = "escrow_does_not_open";
		return ERR_OK;
	}
	return err;
}

static enum error
write_answer(const struct work *x, char ret_text[2 * RENEWAL_MAX + 3])
{
	struct renewal r = {
	    .sealed = x->sealed.octets, .sealed_len = x->sealed.len, .n = x->n};
	unsigned char octets[RENEWAL_MAX];
	enum error err;
	size_t i, len;

	for (i = 0; i < x->n; i++) {
		r.certificate[i].slot =
		    (unsigned char)strtoul(x->key[i].slot, NULL, 16);
		r.certificate[i].der = x->key[i].made.der;
		r.certificate[i].len = x->key[i].made.len;
	}
	err = renewal_write(&r, octets, &len);
	if (err == ERR_OK)
		db_bytea(octets, len, ret_text);
	return err;
}

/* "{a,b}" of what a function writes for each key; the caller frees. */
static char *
array_of(
    const struct work *x, void (*write)(const struct renewed *key, FILE *out))
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	(void)fputc('{', out);
	for (i = 0; i < x->n; i++) {
		if (i > 0)
			(void)fputc(',', out);
		write(&x->key[i], out);
	}
	(void)fputc('}', out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void
put_bytes(const void *bytes, size_t len, FILE *out)
{
	const unsigned char *at = bytes;
	size_t i;

	(void)fputs("\"\\\\x", out); /* a backslash counts double here */
	for (i = 0; i < len; i++)
		(void)fprintf(out, "%02x", at[i]);
	(void)fputc('"', out);
}

static void
put_key(const struct renewed *key, FILE *out)
{
	put_bytes(key->key_id, sizeof key->key_id, out);
}

static void
put_certificate(const struct renewed *key, FILE *out)
{
	put_bytes(key->made.der, key->made.len, out);
}

static void
put_serial(const struct renewed *key, FILE *out)
{
	(void)fprintf(out, "\"\\\\x%s\"", key->certificate.serial);
}

static void
put_from(const struct renewed *key, FILE *out)
{
	(void)fputs(log_num(key->certificate.not_before), out);
}

static void
put_until(const struct renewed *key, FILE *out)
{
	(void)fputs(log_num(key->certificate.not_after), out);
}

static enum error
finish(struct work *x)
{
	static void (*const writers[5])(const struct renewed *, FILE *) = {
	    put_key, put_certificate, put_serial, put_from, put_until};
	char challenge[2 * SIGNED_CHALLENGE + 3], answer[2 * RENEWAL_MAX + 3];
	const char *params[10] = {x->o->id, x->client, challenge,
	    x->key[0].made.issuer, NULL, NULL, NULL, NULL, NULL, answer};
	char *arrays[5] = {NULL};
	struct db_result *r = NULL;
	enum error err;
	size_t i;

	db_bytea(x->o->challenge, sizeof x->o->challenge, challenge);
	err = write_answer(x, answer);
	if (err == ERR_INPUT)
		return card_order_refuse(x->d, x->o, "certificate_unwritable");
	for (i = 0; i < 5 && err == ERR_OK; i++) {
		arrays[i] = array_of(x, writers[i]);
		params[4 + i] = arrays[i];
		if (arrays[i] == NULL)
			err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		err = db_call(x->d->db, "card_renew_finish",
		    "SELECT sekisho.card_renew_finish($1::uuid, $2::uuid, "
		    "$3::bytea, $4::uuid, $5::bytea[], $6::bytea[], "
		    "$7::bytea[], $8::bigint[], $9::bigint[], $10::bytea)",
		    10, params, x->d->config->database_timeout_ms, &r);
	db_result_free(&r);
	for (i = 0; i < 5; i++)
		free(arrays[i]);
	return err;
}

enum error
orders_renew(struct duty *d, struct card_order *o)
{
	struct work *x = arena_alloc(d->arena, sizeof *x);
	enum error err;

	if (x == NULL)
		return ERR_NOMEM;
	memset(x, 0, sizeof *x);
	x->d = d;
	x->o = o;
	if (!o->has_challenge)
		return card_order_refuse(d, o, "challenge_ended");
	if (o->opened.len <= HEAD)
		return card_order_refuse(d, o, "order_malformed");
	memcpy(x->client, o->opened.octets, CLIENT);
	x->public_key = o->opened.octets + CLIENT;
	if (!uuid_valid(x->client))
		return card_order_refuse(d, o, "order_malformed");
	err = read_keys(x);
	if (err == ERR_OK && x->why == NULL)
		err = check_proofs(x);
	/* nothing is signed or released before this */
	if (err == ERR_OK && x->why == NULL)
		err = certify(x);
	if (err == ERR_OK && x->why == NULL)
		err = release(x);
	if (err != ERR_OK)
		return err;
	return x->why == NULL ? finish(x) : card_order_refuse(d, o, x->why);
}
