/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * factor_fido2.h - the FIDO2 key: a challenge that was made for this user,
 * client and purpose, answered by a key that counts (WebAuthn 7.2;
 * docs/protocol.md, "A login with a FIDO2 key"). Its client data are the octets
 * that a card signs.
 */
#ifndef SEKISHO_AUTHD_FACTOR_FIDO2_H
#define SEKISHO_AUTHD_FACTOR_FIDO2_H

#include "authd/reason.h"
#include "authd/store.h"
#include "authd/worker.h"
#include "common/wire/message.h"

struct fido2_result {
	bool right;
	enum reason reason; /* if not */
	bool verified;	    /* the key made sure who touched it */
	int64_t counter;    /* whether it grew says attempt_record */
	bool backed_up;
};

/* Whether a signature is said to be a FIDO2 key's, by its scheme. */
bool factor_fido2_meant(const Sekisho__AuthRequest *request);

/*
 * need_verified: the policy demands it. An error means that nothing is known
 * and nothing may be said.
 */
MUST_CHECK enum error factor_fido2(const struct worker *w, enum purpose purpose,
    const char *login, const struct store_key *key, bool need_verified,
    const Sekisho__AuthRequest *request, struct fido2_result *ret);

#endif
