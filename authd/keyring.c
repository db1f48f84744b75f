/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/keyring.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/ending.h"
#include "authd/sandbox.h"
#include "authd/totp.h"
#include "common/base/log.h"
#include "common/crypto/pwhash.h"
#include "common/wire/packet.h"

enum { CODES_MAX = 2, TOKENS_MAX = 8, OWNER_MAX = 80 };

/* Opens a box with the key version it names. */
static enum error
open_box(const struct keys *keys, const char *kind, const char *owner,
    const Sekisho__SealedBox *box, struct secret **ret_payload)
{
	const struct key *key;

	if (box == NULL)
		return ERR_INPUT;
	key = keys_find(keys, box->key_version);
	if (key == NULL)
		return ERR_NOTFOUND;
	return seal_open(key->public_key, key->secret_key->bytes, kind, owner,
	    box->box.data, box->box.len, ret_payload);
}

static Sekisho__KeyringReply__Result
check_password(const struct keys *keys, const Sekisho__PasswordCheck *check)
{
	struct secret *tag = NULL;
	Sekisho__KeyringReply__Result result;

	if (check->tag_computed.len != PWHASH_TAG)
		return SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if (open_box(keys, SEAL_PASSWORD, check->person, check->tag, &tag) !=
	    ERR_OK)
		return SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	result = secret_equal(tag->bytes, tag->len, check->tag_computed.data,
		     check->tag_computed.len)
		     ? SEKISHO__KEYRING_REPLY__RESULT__YES
		     : SEKISHO__KEYRING_REPLY__RESULT__NO;
	secret_free(&tag);
	return result;
}

static enum error
open_seed(const struct keys *keys, const char *person,
    const Sekisho__TotpToken *token, struct totp *ret_totp,
    struct secret **ret_seed)
{
	char owner[OWNER_MAX];

	if (strlen(person) > 36 || strlen(token->token) > 36)
		return ERR_INPUT;
	(void)stpcpy(stpcpy(stpcpy(owner, person), "/"), token->token);
	if (totp_init(ret_totp, token->algorithm, token->digits, token->period,
		token->drift, token->last_step) != ERR_OK)
		return ERR_INPUT;
	return open_box(keys, SEAL_TOTP, owner, token->seed, ret_seed);
}

static void
check_totp(const struct keys *keys, const Sekisho__TotpCheck *check,
    Sekisho__KeyringReply *reply)
{
	size_t t, c, readable = 0;

	reply->result = SEKISHO__KEYRING_REPLY__RESULT__NO;
	if (check->n_tokens > TOKENS_MAX || check->n_codes > CODES_MAX ||
	    check->window > TOTP_WINDOW_MAX) {
		reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
		return;
	}
	for (t = 0; t < check->n_tokens; t++) {
		struct secret *seed = NULL;
		struct totp totp;

		if (open_seed(keys, check->person, check->tokens[t], &totp,
			&seed) != ERR_OK) {
			log_error("keyring: a token's seed does not open",
			    "token", check->tokens[t]->token);
			continue;
		}
		readable++;
		for (c = 0; c < check->n_codes; c++) {
			struct totp_match match;
			enum error err;

			err = totp_check(&totp, seed, check->codes[c].data,
			    check->codes[c].len, check->now, check->window,
			    &match);
			if (err != ERR_OK)
				continue;
			reply->token_index = (uint32_t)t;
			reply->code_index = (uint32_t)c;
			reply->step = match.step;
			reply->drift = match.drift;
			reply->result =
			    match.spent ? SEKISHO__KEYRING_REPLY__RESULT__SPENT
					: SEKISHO__KEYRING_REPLY__RESULT__YES;
			if (!match.spent) {
				secret_free(&seed);
				return;
			}
		}
		secret_free(&seed);
	}
	/*
	 * One unreadable token must not lock out the others, nor make guesses
	 * at them free of charge; only if none can be read is it a fault.
	 */
	if (readable == 0 && check->n_tokens > 0)
		reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
}

static void
resync(const struct keys *keys, const Sekisho__TotpResync *r,
    Sekisho__KeyringReply *reply)
{
	struct secret *seed = NULL;
	struct totp_match match;
	struct totp totp;
	enum error err;

	reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if (r->token == NULL || r->window > TOTP_RESYNC_MAX ||
	    open_seed(keys, r->person, r->token, &totp, &seed) != ERR_OK)
		return;
	err = totp_resync(&totp, seed, r->code1.data, r->code1.len,
	    r->code2.data, r->code2.len, r->now, r->window, &match);
	secret_free(&seed);
	reply->result = SEKISHO__KEYRING_REPLY__RESULT__NO;
	if (err != ERR_OK)
		return;
	reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
	reply->step = match.step;
	reply->drift = match.drift;
}

/* Hands the payload out: only for what the asker is meant to have. */
static void
open_for(const struct keys *keys, const char *kind, const char *owner,
    const Sekisho__SealedBox *box, struct arena *arena,
    Sekisho__KeyringReply *reply)
{
	struct secret *payload = NULL;

	reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if (open_box(keys, kind, owner, box, &payload) != ERR_OK)
		return;
	reply->opened.data = arena_alloc(arena, payload->len + 1);
	if (reply->opened.data != NULL) {
		memcpy(reply->opened.data, payload->bytes, payload->len);
		reply->opened.len = payload->len;
		reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
	}
	secret_free(&payload);
}

static void
reseal(const struct keys *keys, const Sekisho__Reseal *r, struct arena *arena,
    Sekisho__KeyringReply *reply)
{
	const struct key *newest = &keys->key[keys->n - 1];
	struct secret *payload = NULL;
	Sekisho__SealedBox *sealed;
	struct box *box;

	reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if (open_box(keys, r->kind, r->owner, r->box, &payload) != ERR_OK)
		return;
	box = arena_alloc(arena, sizeof *box);
	sealed = arena_alloc(arena, sizeof *sealed);
	if (box != NULL && sealed != NULL &&
	    seal_box(newest->public_key, r->kind, r->owner, payload->bytes,
		payload->len, box) == ERR_OK) {
		sekisho__sealed_box__init(sealed);
		sealed->key_version = newest->version;
		sealed->box.data = box->bytes;
		sealed->box.len = box->len;
		reply->box = sealed;
		reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
	}
	secret_free(&payload);
}

/*
 * Only escrow leaves in this way. Nobody on this server can read it then, the
 * clerk included.
 */
static void
release(const struct keys *keys, const Sekisho__Release *r, struct arena *arena,
    Sekisho__KeyringReply *reply)
{
	struct secret *payload = NULL;

	reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if ((strcmp(r->kind, SEAL_PUK) != 0 &&
		strcmp(r->kind, SEAL_MANAGEMENT) != 0) ||
	    r->recipient.len != SEAL_PUBLIC_KEY ||
	    open_box(keys, r->kind, r->owner, r->box, &payload) != ERR_OK)
		return;
	reply->opened.data =
	    arena_alloc(arena, payload->len + SEAL_RELEASE_OVERHEAD);
	if (reply->opened.data != NULL &&
	    seal_release(r->recipient.data, payload->bytes, payload->len,
		reply->opened.data) == ERR_OK) {
		reply->opened.len = payload->len + SEAL_RELEASE_OVERHEAD;
		reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
	}
	secret_free(&payload);
}

/* The keyring signs nothing but statements about the audit. */
static void
attest(const struct keys *keys, const Sekisho__Attest *a, struct arena *arena,
    Sekisho__KeyringReply *reply)
{
	reply->result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	reply->opened.data = arena_alloc(arena, STATEMENT_SIGNATURE);
	if (keys->audit == NULL || reply->opened.data == NULL ||
	    statement_sign(keys->audit->bytes, (const char *)a->statement.data,
		a->statement.len, reply->opened.data) != ERR_OK)
		return;
	reply->opened.len = STATEMENT_SIGNATURE;
	reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
}

static void
hello(
    const struct keys *keys, struct arena *arena, Sekisho__KeyringReply *reply)
{
	const struct key *newest = &keys->key[keys->n - 1];

	reply->mask_key.data = keys->mask->bytes;
	reply->mask_key.len = keys->mask->len;
	reply->key_version = newest->version;
	/* packed, never written through */
	reply->public_key.data = (uint8_t *)(uintptr_t)newest->public_key;
	reply->public_key.len = SEAL_PUBLIC_KEY;
	reply->result = SEKISHO__KEYRING_REPLY__RESULT__YES;
	if (keys->audit == NULL)
		return;
	reply->audit_key.data = arena_alloc(arena, STATEMENT_PUBLIC_KEY);
	if (reply->audit_key.data == NULL)
		return;
	statement_public_key(keys->audit->bytes, reply->audit_key.data);
	reply->audit_key.len = STATEMENT_PUBLIC_KEY;
}

/* A worker reads packets from others: it may not even ask for the rest. */
static bool
may_ask(enum keyring_peer peer, Sekisho__KeyringRequest__BodyCase body)
{
	switch (body) {
	case SEKISHO__KEYRING_REQUEST__BODY_HELLO:
		return true;
	case SEKISHO__KEYRING_REQUEST__BODY_PASSWORD:
		return peer == KEYRING_PEER_WORKER;
	case SEKISHO__KEYRING_REQUEST__BODY_TOTP:
	/* for FreeRADIUS; and by the clerk, for Disconnect-Requests */
	case SEKISHO__KEYRING_REQUEST__BODY_SECRET:
		return true;
	case SEKISHO__KEYRING_REQUEST__BODY_RESYNC:
	case SEKISHO__KEYRING_REQUEST__BODY_ORDER:
	case SEKISHO__KEYRING_REQUEST__BODY_RESEAL:
	case SEKISHO__KEYRING_REQUEST__BODY_RELEASE:
	case SEKISHO__KEYRING_REQUEST__BODY_ATTEST:
		return peer == KEYRING_PEER_CLERK;
	case SEKISHO__KEYRING_REQUEST__BODY__NOT_SET:
	case _SEKISHO__KEYRING_REQUEST__BODY__CASE_IS_INT_SIZE:
		return false;
	}
	return false;
}

void
keyring_answer(const struct keys *keys, enum keyring_peer peer,
    const Sekisho__KeyringRequest *request, struct arena *arena,
    Sekisho__KeyringReply *ret_reply)
{
	Sekisho__KeyringReply reply = SEKISHO__KEYRING_REPLY__INIT;

	reply.id = request->id;
	reply.result = SEKISHO__KEYRING_REPLY__RESULT__FAULT;
	if (!may_ask(peer, request->body_case)) {
		log_error("keyring: a request that this process may not make",
		    "body", log_num((int64_t)request->body_case));
		*ret_reply = reply;
		return;
	}
	switch (request->body_case) {
	case SEKISHO__KEYRING_REQUEST__BODY_HELLO:
		hello(keys, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_PASSWORD:
		reply.result = check_password(keys, request->password);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_TOTP:
		check_totp(keys, request->totp, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_RESYNC:
		resync(keys, request->resync, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_SECRET:
		open_for(keys, SEAL_CLIENT, request->secret->client,
		    request->secret->secret, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_ORDER:
		open_for(keys, SEAL_ORDER, request->order->order,
		    request->order->args, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_RESEAL:
		reseal(keys, request->reseal, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_RELEASE:
		release(keys, request->release, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY_ATTEST:
		attest(keys, request->attest, arena, &reply);
		break;
	case SEKISHO__KEYRING_REQUEST__BODY__NOT_SET:
	case _SEKISHO__KEYRING_REQUEST__BODY__CASE_IS_INT_SIZE:
		break;
	}
	*ret_reply = reply;
}

static void
serve(const struct keys *keys, enum keyring_peer peer, int fd,
    struct arena *arena)
{
	Sekisho__KeyringReply reply;
	struct message m;

	if (packet_receive(fd, 0, arena, &m) != ERR_OK ||
	    m.kind != MESSAGE_KEYRING_REQUEST) {
		log_warn("keyring: a request was not understood");
	} else {
		keyring_answer(keys, peer, m.keyring_request, arena, &reply);
		m.kind = MESSAGE_KEYRING_REPLY;
		m.keyring_reply = &reply;
		if (packet_send(fd, &m, 100) != ERR_OK)
			log_warn("keyring: an answer could not be sent");
	}
	arena_reset(arena);
}

int
keyring_main(const struct config *config, struct keys *keys, const int *fds,
    size_t n_fds)
{
	struct arena *arena = NULL;
	const pid_t supervisor = getppid();
	struct pollfd *polls;
	int code = EXIT_FAILURE;
	sigset_t waiting;
	size_t i;

	/* Questions still in the sockets are its successor's. */
	ending_hold(&waiting);
	polls = calloc(n_fds, sizeof *polls);
	if (polls == NULL || arena_new(MESSAGE_ARENA, &arena) != ERR_OK ||
	    totp_open() != ERR_OK)
		goto out;
	for (i = 0; i < n_fds; i++)
		polls[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	if (sandbox_drop_user(config->uid, config->gid, supervisor) != ERR_OK ||
	    sandbox_lock(SANDBOX_KEYRING) != ERR_OK) {
		log_error("cannot lock the process in", "why", log_errno());
		goto out;
	}
	log_info("keyring ready", "key_version",
	    log_num(keys->key[keys->n - 1].version));
	while (!ending_told()) {
		int n = ppoll(polls, n_fds, NULL, &waiting);

		if (n < 0 && errno != EINTR)
			goto out;
		for (i = 0; n > 0 && i < n_fds; i++) {
			if ((polls[i].revents & POLLIN) != 0)
				serve(keys,
				    i + 1 == n_fds ? KEYRING_PEER_CLERK
						   : KEYRING_PEER_WORKER,
				    polls[i].fd, arena);
		}
	}
	code = EXIT_SUCCESS;
out:
	arena_free(&arena);
	free(polls);
	keys_free(&keys);
	return code;
}
