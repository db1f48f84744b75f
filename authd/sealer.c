/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/keyring_client.h"
#include "common/base/hex.h"
#include "common/base/log.h"

enum {
	LEAVES = 2000, /* events in a batch, at most */
	LEAF = 8 + MERKLE_HASH,
	BATCHES = 16, /* at a time: other jobs wait */
	JOB_MS = 30000,
	ANCHOR_LINE = 1024,
};

enum error
sealer_open(const char *path, struct sealer *ret_sealer)
{
	*ret_sealer = (struct sealer){.fd = -1};
	if (path[0] == '\0')
		return ERR_OK;
	ret_sealer->fd = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	return ret_sealer->fd >= 0 ? ERR_OK : ERR_SYSTEM;
}

void
sealer_close(struct sealer *sealer)
{
	if (sealer->fd >= 0)
		(void)close(sealer->fd);
	sealer->fd = -1;
}

void
sealer_key(struct sealer *sealer, const unsigned char *public_key, size_t len)
{
	sealer->has_key = len == STATEMENT_PUBLIC_KEY;
	if (sealer->has_key)
		statement_key_id(public_key, sealer->key);
}

/* The line of the anchor file, as JSON; a statement has nothing to escape but
 * the ends of its lines. */
static size_t
anchor_line(const char *statement, const char *signature, char *ret_line)
{
	char *to = stpcpy(ret_line, "{\"statement\": \"");
	const char *c;

	for (c = statement; *c != '\0'; c++) {
		if (*c == '\n')
			to = stpcpy(to, "\\n");
		else
			*to++ = *c;
	}
	to = stpcpy(stpcpy(to, "\", \"signature\": \""), signature);
	to = stpcpy(to, "\"}\n");
	return (size_t)(to - ret_line);
}

/*
 * Where the database's owner does not reach: the log, and the file. A batch
 * is anchored after its commit, so what stands there is in the database.
 */
static void
anchor(struct sealer *sealer, const char *statement, const char *signature)
{
	char line[ANCHOR_LINE], root[2 * MERKLE_HASH + 1];
	struct statement s;
	size_t len;

	if (strlen(signature) != (size_t)2 * STATEMENT_SIGNATURE ||
	    statement_read(statement, strlen(statement), &s) != ERR_OK) {
		log_error("clerk: the newest batch of the audit is not what "
			  "was signed; verify it with sekisho-audit");
		return;
	}
	hex_encode(s.root, MERKLE_HASH, root);
	log_info("clerk: audit sealed", "batch", log_num((int64_t)s.batch),
	    "last", log_num((int64_t)s.last), "root", root, "signature",
	    signature);
	if (sealer->fd < 0)
		return;
	len = anchor_line(statement, signature, line);
	if (write(sealer->fd, line, len) != (ssize_t)len ||
	    fsync(sealer->fd) != 0)
		log_error("clerk: the batch could not be written to the "
			  "anchor file",
		    "why", log_errno());
}

/* The newest batch again: a predecessor may have been killed before. */
static void
anchor_again(struct sealer *sealer, struct duty *d)
{
	struct db_result *r = NULL;

	if (db_call(d->db, "audit_seal_last",
		"SELECT l.statement, encode(l.signature, 'hex') FROM "
		"sekisho.audit_seal_last() l",
		0, NULL, d->config->database_timeout_ms, &r) != ERR_OK)
		return;
	if (db_rows(r) > 0)
		anchor(sealer, db_text(r, 0, 0), db_text(r, 0, 1));
	sealer->anchored = true;
	db_result_free(&r);
}

static enum error
due(struct duty *d, struct statement *ret_statement, bool *ret_due)
{
	const char *params[1] = {log_num(LEAVES)};
	struct db_result *r = NULL;
	struct statement *s = ret_statement;
	size_t len = 0;
	enum error err;

	err = db_call(d->db, "audit_seal_due",
	    "SELECT batch, first_id, last_id, previous, at FROM "
	    "sekisho.audit_seal_due($1)",
	    1, params, JOB_MS, &r);
	if (err != ERR_OK)
		return err;
	*ret_due = db_rows(r) > 0;
	if (*ret_due) {
		s->batch = (uint64_t)db_int(r, 0, 0);
		s->first = (uint64_t)db_int(r, 0, 1);
		s->last = (uint64_t)db_int(r, 0, 2);
		err = db_bytes(r, 0, 3, s->previous, MERKLE_HASH, &len);
		if (err == ERR_OK)
			err = db_copy_text(r, 0, 4, s->at, sizeof s->at);
	}
	db_result_free(&r);
	return err;
}

static void
put_id(uint64_t id, unsigned char *to)
{
	int i;

	for (i = 7; i >= 0; i--, id >>= 8)
		to[i] = (unsigned char)id;
}

/* Reads the events, and hashes them: root and list of leaves, in hexadecimal
 * as the database takes it. The caller frees it. */
static enum error
hash_events(struct duty *d, struct statement *s, char **ret_list)
{
	char first[24], last[24], *list;
	const char *params[2] = {first, last};
	struct db_result *r = NULL;
	struct merkle tree;
	size_t at = 2, n, i;
	enum error err;

	(void)snprintf(first, sizeof first, "%" PRIu64, s->first);
	(void)snprintf(last, sizeof last, "%" PRIu64, s->last);
	err = db_call(d->db, "audit_seal_rows",
	    "SELECT id, leaf FROM sekisho.audit_seal_rows($1, $2)", 2, params,
	    JOB_MS, &r);
	if (err != ERR_OK)
		return err;
	n = (size_t)db_rows(r);
	list = malloc(2 + (size_t)2 * LEAF * n + 1);
	if (n == 0 || list == NULL) {
		free(list);
		db_result_free(&r);
		return n == 0 ? ERR_NOTFOUND : ERR_NOMEM;
	}
	(void)stpcpy(list, "\\x");
	merkle_begin(&tree);
	for (i = 0; i < n; i++) {
		const char *leaf = db_text(r, (int)i, 1);
		unsigned char octets[LEAF];

		put_id((uint64_t)db_int(r, (int)i, 0), octets);
		merkle_leaf(leaf, strlen(leaf), octets + 8);
		merkle_add(&tree, octets + 8);
		hex_encode(octets, LEAF, list + at);
		at += (size_t)2 * LEAF;
	}
	s->leaves = n;
	merkle_root(&tree, s->root);
	db_result_free(&r);
	*ret_list = list;
	return ERR_OK;
}

static enum error
sign(struct duty *d, const char *text, size_t len,
    char ret_signature[2 * STATEMENT_SIGNATURE + 1])
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__Attest attest = SEKISHO__ATTEST__INIT;
	const Sekisho__KeyringReply *reply;
	enum error err;

	/* packed, never written through */
	attest.statement.data = (uint8_t *)(uintptr_t)text;
	attest.statement.len = len;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_ATTEST;
	request.attest = &attest;
	err = keyring_ask(d->keyring_fd, &request, d->arena, &reply);
	if (err == ERR_OK && reply->opened.len != STATEMENT_SIGNATURE)
		err = ERR_INPUT;
	if (err == ERR_OK)
		hex_encode(
		    reply->opened.data, STATEMENT_SIGNATURE, ret_signature);
	arena_reset(d->arena);
	return err;
}

static enum error
store(struct duty *d, const struct statement *s, const char *list,
    const char *text, const char *signature, bool *ret_stored)
{
	char batch[24], first[24], last[24],
	    octets[2 + 2 * STATEMENT_SIGNATURE + 1];
	const char *params[7] = {
	    batch, first, last, list, text, octets, d->config->node};
	struct db_result *r = NULL;
	enum error err;

	(void)snprintf(batch, sizeof batch, "%" PRIu64, s->batch);
	(void)snprintf(first, sizeof first, "%" PRIu64, s->first);
	(void)snprintf(last, sizeof last, "%" PRIu64, s->last);
	(void)stpcpy(stpcpy(octets, "\\x"), signature);
	err = db_call(d->db, "audit_seal_store",
	    "SELECT sekisho.audit_seal_store($1, $2, $3, $4::bytea, $5, "
	    "$6::bytea, $7)",
	    7, params, JOB_MS, &r);
	if (err != ERR_OK)
		return err;
	*ret_stored = db_bool(r, 0, 0);
	db_result_free(&r);
	return ERR_OK;
}

/* One batch; *ret_sealed is false where none was due. */
static enum error
seal_one(struct sealer *sealer, struct duty *d, bool *ret_sealed)
{
	char text[STATEMENT_TEXT], signature[2 * STATEMENT_SIGNATURE + 1];
	struct statement s = {0};
	char *list = NULL;
	enum error err;

	*ret_sealed = false;
	err = due(d, &s, ret_sealed);
	if (err != ERR_OK || !*ret_sealed)
		return err;
	*ret_sealed = false;
	(void)stpcpy(s.key, sealer->key);
	err = hash_events(d, &s, &list);
	if (err == ERR_OK)
		err = sign(d, text, statement_text(&s, text), signature);
	/* one that another sealer made meanwhile is as good */
	if (err == ERR_OK)
		err = store(d, &s, list, text, signature, ret_sealed);
	free(list);
	if (err == ERR_OK && *ret_sealed)
		anchor(sealer, text, signature);
	return err;
}

void
sealer_run(struct sealer *sealer, struct duty *d)
{
	enum error err = ERR_OK;
	bool sealed = true;
	int i;

	if (!sealer->has_key) {
		if (!sealer->told)
			log_warn(
			    "clerk: the audit is not sealed; let "
			    "'sekisho-authd keys audit' make its key, copy "
			    "it to the other nodes, and reload");
		sealer->told = true;
		return;
	}
	if (!sealer->anchored)
		anchor_again(sealer, d);
	for (i = 0; i < BATCHES && sealed && err == ERR_OK; i++)
		err = seal_one(sealer, d, &sealed);
	if (err != ERR_OK)
		log_error("clerk: the audit could not be sealed", "why",
		    error_text(err), "database", db_error(d->db));
}
