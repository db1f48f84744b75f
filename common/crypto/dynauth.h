/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dynauth.h - Disconnect- and CoA-Requests of RADIUS (RFC 5176) and their
 * answers, in octets: who sends and who receives them share this file. A
 * request that is not certainly of who has the secret, or an answer that is not
 * certainly to that request, is ERR_CRYPTO, and nothing of it can be read.
 */
#ifndef SEKISHO_CRYPTO_DYNAUTH_H
#define SEKISHO_CRYPTO_DYNAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/base/secret.h"

enum {
	DYNAUTH_PORT = 3799, /* RFC 5176 2.1 */
	DYNAUTH_MAX = 4096,
	DYNAUTH_VALUE = 253,
	DYNAUTH_REPLAY_S = 300, /* RFC 5176 6.3 */
	DYNAUTH_CHANGES = 2048, /* octets of attributes in a CoA-Request */
};

enum dynauth_cause { /* Error-Cause, RFC 5176 3.6 */
	DYNAUTH_UNSUPPORTED_SERVICE = 405,
	DYNAUTH_NO_SESSION = 503,
	DYNAUTH_NOT_REMOVABLE = 504,
};

/* Which session is to be ended. */
struct dynauth_request {
	uint8_t user[DYNAUTH_VALUE];
	size_t user_len; /* 0: not named */
	uint8_t session[DYNAUTH_VALUE];
	size_t session_len;
	bool has_nas_port;
	uint32_t nas_port;
	uint32_t event_time; /* seconds since the epoch; 0: not said */
	/* Attributes of a CoA-Request that ends it, as they are sent; none: it
	 * is a Disconnect-Request. Not read back. */
	const uint8_t *changes;
	size_t changes_len;
};

struct dynauth_answer {
	bool ack;
	uint32_t cause; /* Error-Cause, 0: none */
};

/* OpenSSL's objects, before a process is locked in. */
MUST_CHECK enum error dynauth_init(void);

/* Message-Authenticator first. ERR_INPUT for a value that is too long. */
MUST_CHECK enum error dynauth_encode(const struct dynauth_request *request,
    const struct secret *secret, uint8_t id, uint8_t ret_octets[DYNAUTH_MAX],
    size_t *ret_len);

/*
 * ERR_INPUT: not a Disconnect-Request that names a session, or one thing
 * twice. ERR_CRYPTO: wrong Request Authenticator; wrong or no
 * Message-Authenticator.
 */
MUST_CHECK enum error dynauth_decode(const uint8_t *octets, size_t len,
    const struct secret *secret, struct dynauth_request *ret_request);

/* The answer to the request in these octets, which were decoded before. */
MUST_CHECK enum error dynauth_encode_answer(const struct dynauth_answer *answer,
    const uint8_t *request, const struct secret *secret,
    uint8_t ret_octets[DYNAUTH_MAX], size_t *ret_len);

/*
 * ERR_INPUT: not an answer to that request. ERR_CRYPTO: wrong Response
 * Authenticator, or a Message-Authenticator that is wrong (it may be left
 * out: RFC 5176 3).
 */
MUST_CHECK enum error dynauth_decode_answer(const uint8_t *octets, size_t len,
    const uint8_t *request, const struct secret *secret,
    struct dynauth_answer *ret_answer);

#endif
