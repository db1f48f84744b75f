/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * translate.h - RADIUS attributes to the one message authd understands, and
 * its answer back to attributes. Pure: octets in, octets out, nothing of
 * FreeRADIUS, so that it can be tested and fuzzed alone.
 */
#ifndef SEKISHO_RADIUS_TRANSLATE_H
#define SEKISHO_RADIUS_TRANSLATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/base/hex.h"
#include "sekisho.pb-c.h"

enum vendor {
	VENDOR_NONE = 0,
	VENDOR_MICROSOFT = 311,
	VENDOR_SEKISHO = 32473, /* for examples (RFC 5612) until registered */
};

enum attribute_number { /* RFC 2865, 2866, 2869, 3579 */
	ATTR_USER_NAME = 1,
	ATTR_USER_PASSWORD = 2,
	ATTR_CHAP_PASSWORD = 3,
	ATTR_NAS_PORT = 5,
	ATTR_SERVICE_TYPE = 6,
	ATTR_FRAMED_IP_ADDRESS = 8,
	ATTR_REPLY_MESSAGE = 18,
	ATTR_STATE = 24,
	ATTR_CLASS = 25,
	ATTR_SESSION_TIMEOUT = 27,
	ATTR_IDLE_TIMEOUT = 28,
	ATTR_CALLED_STATION_ID = 30,
	ATTR_CALLING_STATION_ID = 31,
	ATTR_NAS_IDENTIFIER = 32,
	ATTR_PROXY_STATE = 33,
	ATTR_ACCT_STATUS_TYPE = 40,
	ATTR_ACCT_DELAY_TIME = 41,
	ATTR_ACCT_INPUT_OCTETS = 42,
	ATTR_ACCT_OUTPUT_OCTETS = 43,
	ATTR_ACCT_SESSION_ID = 44,
	ATTR_ACCT_SESSION_TIME = 46,
	ATTR_ACCT_TERMINATE_CAUSE = 49,
	ATTR_ACCT_INPUT_GIGAWORDS = 52,
	ATTR_ACCT_OUTPUT_GIGAWORDS = 53,
	ATTR_EVENT_TIMESTAMP = 55,
	ATTR_PROMPT = 76,
	ATTR_EAP_MESSAGE = 79,
	ATTR_MESSAGE_AUTHENTICATOR = 80,
};

enum { ATTR_MS_CHAP_RESPONSE = 1, ATTR_MS_CHAP2_RESPONSE = 25 };
enum { /* dictionary.sekisho */
	ATTR_SEKISHO_REF = 1,
	ATTR_SEKISHO_CAPABILITY = 2,
	ATTR_SEKISHO_CHALLENGE = 3,
	ATTR_SEKISHO_SERVER_ID = 4,
	ATTR_SEKISHO_CLIENT_ID = 5,
	ATTR_SEKISHO_PURPOSE = 6,
	ATTR_SEKISHO_LOGIN = 7,
	ATTR_SEKISHO_KEY_ID = 8,
	ATTR_SEKISHO_SIGNATURE = 9,
	ATTR_SEKISHO_SCHEME = 10,
	ATTR_SEKISHO_BADGE = 11,
	ATTR_SEKISHO_PUBLIC_KEY = 12,
	ATTR_SEKISHO_PROOF = 13,
	ATTR_SEKISHO_RENEWAL = 14,
	ATTR_SEKISHO_KEYS = 15,
	ATTR_SEKISHO_RP_ID = 16,
	ATTR_SEKISHO_CREDENTIALS = 17,
	ATTR_SEKISHO_USER_VERIFICATION = 18,
	ATTR_SEKISHO_AUTH_DATA = 19,
};
enum { /* FreeRADIUS's own, which no packet can carry: of EAP-TLS */
	ATTR_EAP_SESSION_RESUMED = 1128,
	ATTR_TLS_CLIENT_CERT_SERIAL = 1920,
	ATTR_TLS_CLIENT_CERT_ISSUER = 1922,
};
enum { ATTR_MAX = 253, REPLY_ATTRS = 32 };

/* One attribute as on the wire; integers are four octets, network order. */
struct attribute {
	uint32_t vendor;
	uint32_t number;
	const uint8_t *value;
	size_t len;
};

/* Whose request it is: what no attribute may say. */
struct origin {
	char client_id[UUID_TEXT];
	uint64_t client_version;
	char src_addr[64];	   /* text, for the log */
	uint8_t authenticator[16]; /* the packet's: no two have the same */
};

struct reply {
	Sekisho__Outcome outcome;
	struct attribute attrs[REPLY_ATTRS];
	size_t n_attrs;
};

/*
 * Splits "<uuid>/<version>", the name that the client look-up gives a
 * client of ours. ERR_INPUT for any other name (NULL is one).
 */
MUST_CHECK enum error translate_client(
    const char *name, struct origin *ret_origin);

/*
 * Fills ret_request (initialised here). It points into attrs, origin and
 * arena. ERR_INPUT for what RFC 2865 does not allow: two names, two
 * passwords, a password and a CHAP response, or a value too long.
 */
MUST_CHECK enum error translate_request(const struct attribute *attrs,
    size_t n_attrs, const struct origin *origin, struct arena *arena,
    Sekisho__AuthRequest *ret_request);

/*
 * The same of an Accounting-Request (translate_account.c). ERR_INPUT: what
 * RFC 2866 wants once stands twice or not at all.
 */
MUST_CHECK enum error translate_account(const struct attribute *attrs,
    size_t n_attrs, const struct origin *origin, struct arena *arena,
    Sekisho__AccountRequest *ret_request);

/*
 * The attributes of the answer, pointing into answer and arena; none with
 * silence. ERR_INPUT for an answer that makes no sense.
 */
MUST_CHECK enum error translate_reply(const Sekisho__AuthReply *answer,
    struct arena *arena, struct reply *ret_reply);

/* How many of len octets one attribute can take without cutting UTF-8. */
size_t translate_text_part(const uint8_t *text, size_t len);

#endif
