/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attempt.h - the life of one request: bound it, read what is needed,
 * evaluate without holding anything, decide, record in one statement, and
 * answer what the record says (docs/architecture.md, "One attempt").
 */
#ifndef SEKISHO_AUTHD_ATTEMPT_H
#define SEKISHO_AUTHD_ATTEMPT_H

#include "authd/carried.h"
#include "authd/reason.h"
#include "authd/store.h"
#include "authd/worker.h"
#include "common/rules/code.h"
#include "common/rules/decide.h"
#include "common/rules/mac.h"
#include "common/rules/name.h"
#include "common/rules/password.h"
#include "common/wire/message.h"

struct attempt {
	struct worker *w;
	const Sekisho__AuthRequest *request;
	struct store_view view;
	char login[NAME_MAX_OCTETS + 1]; /* canonical */
	char bucket[UUID_TEXT];
	bool second;	  /* a State came with it */
	bool signature;	  /* and a card's signature, or */
	bool fido2;	  /* a FIDO2 key's assertion */
	bool certificate; /* EAP-TLS: nothing else, and no further round */
	bool recorded;	  /* it is one that we know: which */
	struct store_certificate which;
	char station[MAC_TEXT]; /* of Calling-Station-Id; empty: none */
	uint8_t state[STATE_HASH];
	uint64_t source;
	uint64_t refusal_key;
	unsigned char credential[PASSWORD_MAX_OCTETS]; /* normalised */
	size_t credential_len;
	size_t password_len; /* of credential, without a code */

	/* What the evaluation found. */
	enum reason reason;
	unsigned evaluated; /* set of enum category */
	struct evidence evidence[6];
	size_t n_evidence;
	struct store_failure failure[2];
	size_t n_failures;
	const struct store_token *token; /* whose step would be spent */
	int64_t step, drift;
	bool counts; /* a FIDO2 key signed: its counter is to grow */
	struct store_token key;
	int64_t counter;
	bool backed_up;
	bool hidden_failure; /* challenge all the same */
	struct decision decision;

	/* A new password is asked for, or will be (change.h). */
	bool carries, changing;
	bool typed; /* the credential was the right password */
	struct carried carried;

	bool renew; /* after the answer: today's cost */
};

/*
 * Fills in the reply; its texts lie in the worker's arena. An error means
 * silence: nothing was charged and nothing may be answered. attempt is to be
 * wiped by the caller, after attempt_after().
 */
MUST_CHECK enum error attempt_run(struct worker *w,
    const Sekisho__AuthRequest *request, struct attempt *attempt,
    Sekisho__AuthReply *ret_reply);

/* Sums of refusals that were answered without the database. */
void attempt_write_sums(struct worker *w);

/* What can wait until the answer has left. */
void attempt_after(struct attempt *attempt);

#endif
