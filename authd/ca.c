/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/ca.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/ca_client.h"
#include "authd/ending.h"
#include "authd/sandbox.h"
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/crypto/token.h"
#include "common/wire/packet.h"

enum {
	PIN_MAX = 255,
	RETRY_MS = 5000, /* between two processes, where there is no token */
	/* A module that hangs is ended by SIGALRM, after nobody waits. */
	HANG_S = 6,
	MAKE_HANG_S = 120, /* some HSMs take their time for a key */
};

struct ca {
	const struct config *config;
	struct token *token; /* NULL: not logged in */
	struct token_key key;
	bool has_key;
	bool broken; /* the module failed: a new process tries again */
};

/* Another node may have made it, so it is looked for again when it is missed.
 */
static void
find_key(struct ca *ca, bool quietly)
{
	enum error err = token_find(ca->token, ca->config->ca_key, &ca->key);

	ca->has_key = err == ERR_OK;
	if (err == ERR_NOTFOUND && !quietly)
		log_warn("ca: the token has no key with this label; make it "
			 "with card-admin ca init",
		    "key", ca->config->ca_key);
	else if (err != ERR_OK && err != ERR_NOTFOUND && !quietly)
		log_error("ca: the key cannot be used", "key",
		    ca->config->ca_key, "why", error_text(err), "module",
		    token_fault(ca->token));
	ca->broken = err != ERR_OK && err != ERR_NOTFOUND && err != ERR_INPUT &&
		     err != ERR_DENIED;
}

/*
 * ERR_DENIED if the PIN was not taken: then nothing is tried again before
 * authd is told to (SIGHUP), because tokens lock themselves.
 */
static enum error
log_in(struct ca *ca, const struct secret *pin)
{
	enum error err;

	(void)alarm(HANG_S);
	err =
	    token_open(ca->config->ca_module, ca->config->ca_token, &ca->token);
	if (err != ERR_OK) {
		log_error("ca: no token", "module", ca->config->ca_module,
		    "token", ca->config->ca_token, "why", error_text(err));
		(void)alarm(0);
		return err;
	}
	err = token_login(ca->token, pin);
	if (err == ERR_OK) {
		find_key(ca, false);
	} else {
		log_error("ca: cannot log in", "token", ca->config->ca_token,
		    "module", token_fault(ca->token));
		token_free(&ca->token);
		if (err == ERR_MISMATCH)
			err = ERR_DENIED;
	}
	(void)alarm(0);
	return err;
}

static enum error
read_pin(const struct config *config, struct secret **ret_pin)
{
	struct secret *pin = NULL;
	enum error err;

	err = secret_read_file(config->ca_pin_file, PIN_MAX + 1, &pin);
	if (err != ERR_OK) {
		log_error("ca: cannot read the PIN", "file",
		    config->ca_pin_file, "why", log_errno());
		return err;
	}
	if (pin->len > 0 && pin->bytes[pin->len - 1] == '\n')
		pin->bytes[--pin->len] = '\0';
	*ret_pin = pin;
	return ERR_OK;
}

static enum error
make(struct ca *ca, const Sekisho__CaMake *m)
{
	enum key_kind kind =
	    strcmp(m->kind, key_kind_text(KEY_P256)) == 0 ? KEY_P256 : KEY_P384;
	enum error err;

	if (ca->has_key)
		return ERR_OK; /* made before, and no certificate since */
	if (strcmp(m->kind, key_kind_text(kind)) != 0)
		return ERR_INPUT;
	err = token_generate(ca->token, kind, ca->config->ca_key, &ca->key);
	ca->has_key = err == ERR_OK;
	if (err == ERR_OK)
		log_info(
		    "ca: key made", "key", ca->config->ca_key, "kind", m->kind);
	return err;
}

/* Each signature leaves a line, whatever the clerk records of it. */
static enum error
sign(struct ca *ca, const Sekisho__CaSign *s,
    unsigned char signature[SIGNATURE_MAX], size_t *ret_len)
{
	char digest[2 * SIGNATURE_DIGEST_MAX + 1];
	enum error err;

	if ((unsigned)s->padding > SEKISHO__CA_PADDING__CA_PSS ||
	    (unsigned)s->hash > SEKISHO__CA_HASH__CA_SHA512 ||
	    s->digest.len != hash_len((enum hash)s->hash) || !ca->has_key)
		return ERR_INPUT;
	err = token_sign(&ca->key, (enum padding)s->padding, (enum hash)s->hash,
	    s->digest.data, signature, ret_len);
	hex_encode(s->digest.data, s->digest.len, digest);
	if (err == ERR_OK)
		log_info("ca: signed", "digest", digest);
	return err;
}

static void
answer(struct ca *ca, const Sekisho__CaRequest *request, int fd)
{
	Sekisho__CaReply reply = SEKISHO__CA_REPLY__INIT;
	struct message m = {.kind = MESSAGE_CA_REPLY};
	unsigned char signature[SIGNATURE_MAX];
	enum error err = ERR_CLOSED;
	size_t len = 0;

	reply.id = request->id;
	if (ca->token != NULL) {
		(void)alarm(request->body_case == SEKISHO__CA_REQUEST__BODY_MAKE
				? MAKE_HANG_S
				: HANG_S);
		switch (request->body_case) {
		case SEKISHO__CA_REQUEST__BODY_HELLO:
			if (!ca->has_key)
				find_key(ca, true);
			err = ca->broken ? ERR_CLOSED : ERR_OK;
			break;
		case SEKISHO__CA_REQUEST__BODY_MAKE:
			err = make(ca, request->make);
			break;
		case SEKISHO__CA_REQUEST__BODY_SIGN:
			err = sign(ca, request->sign, signature, &len);
			break;
		case SEKISHO__CA_REQUEST__BODY__NOT_SET:
		case _SEKISHO__CA_REQUEST__BODY__CASE_IS_INT_SIZE:
			err = ERR_INPUT;
			break;
		}
		(void)alarm(0);
		if (err != ERR_OK && err != ERR_INPUT) {
			log_error("ca: the token failed", "why",
			    error_text(err), "module", token_fault(ca->token));
			ca->broken = true;
		}
	}
	if (err == ERR_OK) {
		reply.result = SEKISHO__CA_REPLY__RESULT__DONE;
		reply.key_label = ca->config->ca_key;
		if (ca->has_key)
			reply.spki = (ProtobufCBinaryData){
			    ca->key.spki_len, ca->key.spki};
		reply.signature = (ProtobufCBinaryData){len, signature};
	}
	m.ca_reply = &reply;
	if (packet_send(fd, &m, 100) != ERR_OK)
		log_warn("ca: an answer could not be sent");
}

static void
serve(struct ca *ca, int fd, struct arena *arena)
{
	struct message m;

	if (packet_receive(fd, 0, arena, &m) != ERR_OK ||
	    m.kind != MESSAGE_CA_REQUEST)
		log_warn("ca: a request was not understood");
	else if (m.ca_request->deadline >= clock_ms())
		answer(ca, m.ca_request, fd);
	/* else nobody waits for it any more; it was our predecessor's */
	arena_reset(arena);
}

static int
work(struct ca *ca, int fd, struct arena *arena, const sigset_t *waiting,
    int64_t until)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!ending_told() && !ca->broken && clock_ms() < until) {
		const struct timespec round = {1, 0};

		if (ppoll(&p, 1, &round, waiting) > 0 &&
		    (p.revents & POLLIN) != 0)
			serve(ca, fd, arena);
	}
	return ending_told() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
ca_main(const struct config *config, int fd)
{
	const pid_t supervisor = getppid();
	struct ca ca = {.config = config};
	struct secret *pin = NULL;
	struct arena *arena = NULL;
	int64_t until = INT64_MAX;
	int code = EXIT_FAILURE;
	sigset_t waiting;
	enum error err;

	ending_hold(&waiting);
	/* The PIN as who started authd; the foreign code as its own user. */
	err = read_pin(config, &pin);
	if (arena_new(MESSAGE_ARENA, &arena) != ERR_OK ||
	    sandbox_drop_user(config->ca_uid, config->ca_gid, supervisor) !=
		ERR_OK ||
	    sandbox_fence(config->ca_network) != ERR_OK) {
		log_error("cannot fence the process in", "why", log_errno());
		goto out;
	}
	if (err == ERR_OK)
		err = log_in(&ca, pin);
	secret_free(&pin);
	if (err == ERR_OK && !ca.broken)
		log_info("ca ready", "token", config->ca_token, "key",
		    ca.has_key ? config->ca_key : NULL);
	else if (err != ERR_DENIED)
		until = clock_ms() + RETRY_MS;
	code = work(&ca, fd, arena, &waiting, until);
out:
	(void)alarm(HANG_S); /* logging out is the module's affair too */
	token_free(&ca.token);
	secret_free(&pin);
	arena_free(&arena);
	return code;
}
