/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/ca_client.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/wire/packet.h"

/* What is not an answer that it was done is ERR_CLOSED. */
static enum error
ask(struct ca_client *ca, Sekisho__CaRequest *request, int timeout_ms,
    const Sekisho__CaReply **ret_reply)
{
	struct message m = {.kind = MESSAGE_CA_REQUEST};
	enum error err;

	if (ca->fd < 0 || clock_ms() < ca->away)
		return ERR_CLOSED;
	randombytes_buf(&request->id, sizeof request->id);
	request->deadline = clock_ms() + timeout_ms;
	m.ca_request = request;
	err = packet_send(ca->fd, &m, timeout_ms);
	while (err == ERR_OK) {
		int64_t left = request->deadline - clock_ms();

		err = packet_receive(
		    ca->fd, left > 0 ? (int)left : 0, ca->arena, &m);
		if (err != ERR_OK || m.kind != MESSAGE_CA_REPLY ||
		    m.ca_reply->id != request->id)
			continue; /* of a question given up */
		if (m.ca_reply->result != SEKISHO__CA_REPLY__RESULT__DONE)
			break;
		*ret_reply = m.ca_reply;
		return ERR_OK;
	}
	ca->away = clock_ms() + CA_AWAY_MS;
	return ERR_CLOSED;
}

static enum error
take_key(const Sekisho__CaReply *reply, struct ca_key *ret_key)
{
	struct ca_key key = {.len = reply->spki.len};

	if (reply->spki.len > sizeof key.spki ||
	    strlen(reply->key_label) >= sizeof key.label)
		return ERR_CLOSED;
	if (key.len > 0)
		memcpy(key.spki, reply->spki.data, key.len);
	(void)snprintf(key.label, sizeof key.label, "%s", reply->key_label);
	*ret_key = key;
	return ERR_OK;
}

enum error
ca_client_key(struct ca_client *ca, struct ca_key *ret_key)
{
	Sekisho__CaRequest request = SEKISHO__CA_REQUEST__INIT;
	Sekisho__CaHello hello = SEKISHO__CA_HELLO__INIT;
	const Sekisho__CaReply *reply;
	enum error err;

	request.body_case = SEKISHO__CA_REQUEST__BODY_HELLO;
	request.hello = &hello;
	err = ask(ca, &request, CA_TIMEOUT_MS, &reply);
	return err == ERR_OK ? take_key(reply, ret_key) : err;
}

enum error
ca_client_make(struct ca_client *ca, const char *kind, struct ca_key *ret_key)
{
	Sekisho__CaRequest request = SEKISHO__CA_REQUEST__INIT;
	Sekisho__CaMake make = SEKISHO__CA_MAKE__INIT;
	const Sekisho__CaReply *reply;
	char text[8];
	enum error err;

	(void)snprintf(text, sizeof text, "%s", kind);
	make.kind = text;
	request.body_case = SEKISHO__CA_REQUEST__BODY_MAKE;
	request.make = &make;
	err = ask(ca, &request, CA_MAKE_MS, &reply);
	return err == ERR_OK ? take_key(reply, ret_key) : err;
}

enum error
ca_client_sign(void *context, enum padding padding, enum hash hash,
    const unsigned char *digest, unsigned char ret_signature[SIGNATURE_MAX],
    size_t *ret_len)
{
	static const Sekisho__CaPadding paddings[] = {
	    [PADDING_NONE] = SEKISHO__CA_PADDING__CA_ECDSA,
	    [PADDING_PKCS1] = SEKISHO__CA_PADDING__CA_PKCS1,
	    [PADDING_PSS] = SEKISHO__CA_PADDING__CA_PSS};
	static const Sekisho__CaHash hashes[] = {
	    [HASH_SHA256] = SEKISHO__CA_HASH__CA_SHA256,
	    [HASH_SHA384] = SEKISHO__CA_HASH__CA_SHA384,
	    [HASH_SHA512] = SEKISHO__CA_HASH__CA_SHA512};
	Sekisho__CaRequest request = SEKISHO__CA_REQUEST__INIT;
	Sekisho__CaSign sign = SEKISHO__CA_SIGN__INIT;
	unsigned char copy[SIGNATURE_DIGEST_MAX];
	const Sekisho__CaReply *reply;
	struct ca_client *ca = context;
	enum error err;

	sign.padding = paddings[padding];
	sign.hash = hashes[hash];
	memcpy(copy, digest, hash_len(hash));
	sign.digest = (ProtobufCBinaryData){hash_len(hash), copy};
	request.body_case = SEKISHO__CA_REQUEST__BODY_SIGN;
	request.sign = &sign;
	err = ask(ca, &request, CA_TIMEOUT_MS, &reply);
	if (err != ERR_OK)
		return err;
	if (reply->signature.len == 0 || reply->signature.len > SIGNATURE_MAX)
		return ERR_CLOSED;
	memcpy(ret_signature, reply->signature.data, reply->signature.len);
	*ret_len = reply->signature.len;
	return ERR_OK;
}
