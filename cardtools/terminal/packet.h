/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - one RADIUS request and its reply in octets, by way of
 * libfreeradius-radius. A reply that is not certainly the server's is
 * ERR_CRYPTO, and nothing of it can be read.
 */
#ifndef SEKISHO_TERMINAL_PACKET_H
#define SEKISHO_TERMINAL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cardtools/terminal/credentials.h"
#include "common/base/secret.h"
#include "common/wire/account.h"
#include "common/wire/badge.h"
#include "common/wire/entry.h"
#include "common/wire/renewal.h"

enum {
	PACKET_MAX = 4096,
	PACKET_STATE = 253,
	PACKET_TEXT = 4096,
	PACKET_STRING = 254,
	PACKET_CHALLENGE = 32,
	PACKET_KEY_ID = 32,
	PACKET_SIGNATURE = 1024,
	PACKET_AUTH_DATA = 1024,
	PACKET_CLASS = 253,
};

/* What a card or a FIDO2 key has answered. */
struct signature {
	unsigned char key_id[PACKET_KEY_ID];
	char scheme[32];
	size_t len;
	unsigned char bytes[PACKET_SIGNATURE];
	size_t auth_len; /* of a FIDO2 key; else 0 */
	unsigned char auth_data[PACKET_AUTH_DATA];
};

/* A card's renewal: the first request names the key and no more. */
struct renewal_request {
	unsigned char key_id[PACKET_KEY_ID];
	unsigned char public_key[RENEWAL_PUBLIC];
	size_t proof_len;
	unsigned char proof[RENEWAL_PROOF_MAX];
};

/* What is told of a session (RFC 2866). */
struct account {
	enum account_status status;
	const char *session; /* Acct-Session-Id */
	size_t class_len;
	const unsigned char *class_octets;
	/* when it happened, seconds since the epoch; 0: delay alone says it */
	uint32_t at;
	uint32_t delay;	  /* and how long ago that is */
	uint32_t seconds; /* that it has lasted */
	uint32_t cause;	  /* with ACCOUNT_STOP */
};

struct radius_request {
	const struct account *account; /* NULL: a login */
	const char *user;
	const char *called_station; /* NULL: none; a door's reader */
	bool call_check;	    /* Service-Type; else Login-User */
	const char *nas_identifier;
	const char *calling_station; /* "" where there is none */
	const struct secret *password;
	bool can_card;
	bool can_fido2;
	const struct signature *signature;
	const char *purpose; /* NULL: a login */
	const struct renewal_request *renewal;
	const unsigned char *after; /* the key id before a list's next page */
	size_t badge_len; /* asks whose a number is; nothing else then */
	unsigned char badge[BADGE_MAX];
	size_t state_len;
	unsigned char state[PACKET_STATE];
};

enum radius_code {
	RADIUS_ACCEPT,
	RADIUS_REJECT,
	RADIUS_CHALLENGE,
	RADIUS_ACCOUNTED /* to accounting, and to nothing else */
};

struct radius_reply {
	enum radius_code code;
	char user[PACKET_STRING]; /* canonical; "" where the reply has none */
	char text[PACKET_TEXT];
	size_t text_len;
	size_t class_len; /* of an accept: goes into accounting */
	unsigned char class_octets[PACKET_CLASS];
	bool echo; /* what is asked for may be seen */
	size_t state_len;
	unsigned char state[PACKET_STATE];
	bool for_card; /* the five below are all there */
	unsigned char challenge[PACKET_CHALLENGE];
	char server_id[PACKET_STRING];
	char client_id[PACKET_STRING];
	char purpose[PACKET_STRING];
	char login[PACKET_STRING];
	bool for_fido2; /* these three are there as well, and well formed */
	char rp_id[PACKET_STRING];
	bool verify_user; /* the key must; else it should, if it can */
	size_t credentials_len;
	unsigned char credentials[CREDENTIALS_OCTETS];
	size_t renewal_len;
	unsigned char renewal[RENEWAL_MAX];
	size_t keys_len; /* a door's list: seconds, key ids */
	unsigned char keys[ENTRY_KEYS_MAX];
};

struct packet; /* a request, encoded */

/* Reads the dictionary in a folder, once for the process. */
MUST_CHECK enum error packet_init(const char *folder);

/* Why the last call failed, in words for a log. */
const char *packet_fault(void);

MUST_CHECK enum error packet_encode(const struct radius_request *request,
    const struct secret *secret, unsigned char id, struct packet **ret_packet);

bool packet_is_account(const struct packet *packet);

/* The octets live as long as the packet. */
const unsigned char *packet_octets(
    const struct packet *packet, size_t *ret_len);

/*
 * ERR_INPUT: not a reply to this request at all. ERR_CRYPTO: wrong or no
 * Response Authenticator or Message-Authenticator (which an answer to
 * accounting may lack: RFC 2869 5.14 gives it none).
 */
MUST_CHECK enum error packet_decode(const struct packet *request,
    const struct secret *secret, const unsigned char *octets, size_t len,
    struct radius_reply *ret_reply);

void packet_free(struct packet **packet);

#endif
