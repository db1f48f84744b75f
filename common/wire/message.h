/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message.h - one message as octets. A header of four octets ('S', 'K',
 * schema version, kind) and then a protobuf body (sekisho.proto). One
 * SOCK_SEQPACKET packet holds one message; docs/protocol.md, "Local sockets".
 */
#ifndef SEKISHO_WIRE_MESSAGE_H
#define SEKISHO_WIRE_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/error.h"
#include "sekisho.pb-c.h"

enum {
	MESSAGE_VERSION = 1,
	MESSAGE_MAX = 16384,
	MESSAGE_ARENA = 131072,
	MESSAGE_GRANTS = 16,
	CERTIFICATE_SERIAL_MAX = 42,   /* 21 octets in hexadecimal */
	CERTIFICATE_ISSUER_MAX = 1023, /* what FreeRADIUS writes of a name */
	MESSAGE_TLS_NAMES = 8, /* of a certificate; the rest is not looked at */
};

enum message_kind {
	MESSAGE_AUTH_REQUEST = 1,
	MESSAGE_AUTH_REPLY = 2,
	MESSAGE_CLIENT_REQUEST = 3,
	MESSAGE_CLIENT_REPLY = 4,
	MESSAGE_KEYRING_REQUEST = 5,
	MESSAGE_KEYRING_REPLY = 6,
	MESSAGE_HASH_REQUEST = 7,
	MESSAGE_HASH_REPLY = 8,
	MESSAGE_CA_REQUEST = 9,
	MESSAGE_CA_REPLY = 10,
	MESSAGE_ACCOUNT_REQUEST = 11,
	MESSAGE_ACCOUNT_REPLY = 12,
};

struct message {
	enum message_kind kind;
	union {
		const ProtobufCMessage *any;
		Sekisho__AuthRequest *auth_request;
		Sekisho__AuthReply *auth_reply;
		Sekisho__ClientRequest *client_request;
		Sekisho__ClientReply *client_reply;
		Sekisho__KeyringRequest *keyring_request;
		Sekisho__KeyringReply *keyring_reply;
		Sekisho__HashRequest *hash_request;
		Sekisho__HashReply *hash_reply;
		Sekisho__CaRequest *ca_request;
		Sekisho__CaReply *ca_reply;
		Sekisho__AccountRequest *account_request;
		Sekisho__AccountReply *account_reply;
	};
};

/* Writes header and body; ERR_INPUT if it would not fit MESSAGE_MAX. */
MUST_CHECK enum error message_encode(const struct message *message,
    uint8_t ret_octets[MESSAGE_MAX], size_t *ret_len);

/*
 * Reads one message; everything it points to lies in the arena. ERR_INPUT
 * for a short, long or unknown one, and for a field over its limit.
 */
MUST_CHECK enum error message_decode(const uint8_t *octets, size_t len,
    struct arena *arena, struct message *ret_message);

#endif
