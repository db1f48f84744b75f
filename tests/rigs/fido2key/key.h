/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * key.h - an authenticator of CTAP 2.0 in software: what it remembers, and
 * one answer for each request. How the requests come is hid.h's.
 */
#ifndef SEKISHO_FIDO2KEY_KEY_H
#define SEKISHO_FIDO2KEY_KEY_H

#include <openssl/evp.h>

#include "tests/rigs/fido2key/fault.h"
#include "tests/rigs/fido2key/item.h"
#include "tests/rigs/piv/state.h"
#include "tests/rigs/piv/tlv.h"

enum {
	KEY_MESSAGE = 2048, /* maxMsgSize; libfido2 takes no more */
	KEY_AAGUID = 16,
	KEY_HASH = 32,
	KEY_TOKEN = 32,
	KEY_CREDENTIALS = 32,
	KEY_ID = 64, /* octets of a credential id, if not told otherwise */
	KEY_ID_MAX = 384,
	KEY_SECTION = 24,
	KEY_RP = 256,
	KEY_DER = 2048,
};

/* CTAP 2.1, 8.2 */
enum ctap_status {
	CTAP_OK = 0x00,
	CTAP_INVALID_COMMAND = 0x01,
	CTAP_INVALID_PARAMETER = 0x02,
	CTAP_INVALID_LENGTH = 0x03,
	CTAP_CBOR_UNEXPECTED_TYPE = 0x11,
	CTAP_INVALID_CBOR = 0x12,
	CTAP_MISSING_PARAMETER = 0x14,
	CTAP_CREDENTIAL_EXCLUDED = 0x19,
	CTAP_UNSUPPORTED_ALGORITHM = 0x26,
	CTAP_OPERATION_DENIED = 0x27,
	CTAP_KEY_STORE_FULL = 0x28,
	CTAP_UNSUPPORTED_OPTION = 0x2b,
	CTAP_INVALID_OPTION = 0x2c,
	CTAP_KEEPALIVE_CANCEL = 0x2d,
	CTAP_NO_CREDENTIALS = 0x2e,
	CTAP_USER_ACTION_TIMEOUT = 0x2f,
	CTAP_NOT_ALLOWED = 0x30,
	CTAP_PIN_INVALID = 0x31,
	CTAP_PIN_BLOCKED = 0x32,
	CTAP_PIN_AUTH_INVALID = 0x33,
	CTAP_PIN_AUTH_BLOCKED = 0x34,
	CTAP_PIN_NOT_SET = 0x35,
	CTAP_PIN_REQUIRED = 0x36,
	CTAP_PIN_POLICY_VIOLATION = 0x37,
	CTAP_UV_BLOCKED = 0x3c,
	CTAP_UV_INVALID = 0x3f,
	CTAP_OTHER = 0x7f,
	/* never sent: a finger is needed first */
	CTAP_TOUCH = 0x100,
};

/* authenticatorData, WebAuthn 6.1 */
enum {
	FLAG_UP = 0x01,
	FLAG_UV = 0x04,
	FLAG_BE = 0x08,
	FLAG_BS = 0x10,
	FLAG_AT = 0x40,
	FLAG_ED = 0x80
};

enum { ALG_ES256 = -7, ALG_EDDSA = -8 };

struct key {
	struct state *state;
	struct faults faults;
	const char *attestation_ca; /* of x5c: a PEM file, made if missing */
	/* until the power goes */
	EVP_PKEY *agreement;
	uint8_t token[KEY_TOKEN];
	int wrong_pins; /* in a row */
	int wrong_fingers;
	/* of getNextAssertion */
	size_t next_at, next_n;
	int next[KEY_CREDENTIALS];
	uint8_t next_hash[KEY_HASH];
	int next_flags;
	/* counted for tests */
	unsigned long signatures, touches, pins;
};

/* What a new key is. */
struct key_options {
	const char *uv;		 /* pin, fingerprint, none */
	const char *pin;	 /* set at once; NULL: none */
	const char *alg;	 /* es256, eddsa; NULL: both */
	const char *attestation; /* self, x5c, none */
	const char *aaguid;	 /* hexadecimal */
	const char *protocols;	 /* "21", "1", "2": PIN/UV auth protocols */
	int id_len;		 /* octets of its credential ids */
	bool syncable;		 /* BE and BS */
	bool no_counter;	 /* it stays at zero */
};

MUST_CHECK enum error key_create(
    const char *path, const struct key_options *options);
MUST_CHECK enum error key_open(const char *path, struct key *ret_key);
void key_close(struct key *key);

/* Power goes and comes: PINs may be tried again, tokens are forgotten. */
MUST_CHECK enum error key_power(struct key *key);

/*
 * The answer to a request: status, and what stands behind it in answer.
 * CTAP_TOUCH: nothing was done; ask again with touched when it was.
 */
enum ctap_status key_answer(struct key *key, const uint8_t *request, size_t len,
    bool touched, struct buf *answer);

/* clientpin.c */
enum ctap_status clientpin(
    struct key *key, const cbor_item_t *map, struct buf *answer);
bool clientpin_is_set(const struct key *key);
MUST_CHECK enum error clientpin_set(struct key *key, const char *pin);
/* Whether what a platform sent proves the token over this hash. */
enum ctap_status clientpin_verify(const struct key *key,
    const cbor_item_t *param, const cbor_item_t *protocol,
    const uint8_t hash[KEY_HASH]);
bool clientpin_knows(const struct key *key, int protocol);

/* credential.c: credentials by number, 0 to KEY_CREDENTIALS - 1. */
struct credential {
	int number;
	char section[KEY_SECTION];
	uint8_t id[KEY_ID_MAX];
	size_t id_len;
	uint8_t user[64];
	size_t user_len;
	char rp[KEY_RP];
	int alg;
	bool discoverable, syncable;
};
/* CTAP_NO_CREDENTIALS: there is none of that number. */
enum ctap_status credential_get(
    const struct key *key, int number, struct credential *ret);
enum ctap_status credential_find(const struct key *key, const char *rp,
    const uint8_t *id, size_t len, struct credential *ret);
/* Fills number and id, makes its key pair and remembers all of it. */
enum ctap_status credential_new(
    struct key *key, struct credential *credential, EVP_PKEY **ret_pair);
enum ctap_status credential_load(const struct key *key,
    const struct credential *credential, EVP_PKEY **ret_pair);
/* COSE_Key (RFC 9053 7.1, 7.2) */
enum ctap_status credential_public(int alg, EVP_PKEY *pair, struct buf *buf);
/* One more, unless a fault says otherwise. */
enum ctap_status credential_count(
    struct key *key, const struct credential *credential, uint32_t *ret);

/* sign.c */
void sign_head(struct key *key, const struct credential *credential, int flags,
    uint32_t counter, struct buf *buf);
enum ctap_status sign_it(struct key *key, int alg, EVP_PKEY *pair,
    const struct buf *authdata, const uint8_t hash[KEY_HASH], struct buf *buf);
/* What the key says of itself with a new credential. */
cbor_item_t *sign_attestation(struct key *key, int alg, EVP_PKEY *pair,
    const struct buf *authdata, const uint8_t hash[KEY_HASH],
    const char **ret_format);

/* Writes a map behind what is in buf, and frees it. */
void put_map(struct buf *buf, cbor_item_t *map);

#endif
