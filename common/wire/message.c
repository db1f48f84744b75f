/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/wire/message.h"

#include <string.h>

#include "common/wire/badge.h"
#include "common/wire/entry.h"
#include "common/wire/renewal.h"

enum { HEADER = 4 };

static const ProtobufCMessageDescriptor *
descriptor(enum message_kind kind)
{
	switch (kind) {
	case MESSAGE_AUTH_REQUEST:
		return &sekisho__auth_request__descriptor;
	case MESSAGE_AUTH_REPLY:
		return &sekisho__auth_reply__descriptor;
	case MESSAGE_CLIENT_REQUEST:
		return &sekisho__client_request__descriptor;
	case MESSAGE_CLIENT_REPLY:
		return &sekisho__client_reply__descriptor;
	case MESSAGE_KEYRING_REQUEST:
		return &sekisho__keyring_request__descriptor;
	case MESSAGE_KEYRING_REPLY:
		return &sekisho__keyring_reply__descriptor;
	case MESSAGE_HASH_REQUEST:
		return &sekisho__hash_request__descriptor;
	case MESSAGE_HASH_REPLY:
		return &sekisho__hash_reply__descriptor;
	case MESSAGE_CA_REQUEST:
		return &sekisho__ca_request__descriptor;
	case MESSAGE_CA_REPLY:
		return &sekisho__ca_reply__descriptor;
	case MESSAGE_ACCOUNT_REQUEST:
		return &sekisho__account_request__descriptor;
	case MESSAGE_ACCOUNT_REPLY:
		return &sekisho__account_reply__descriptor;
	}
	return NULL;
}

enum error
message_encode(const struct message *message, uint8_t ret_octets[MESSAGE_MAX],
    size_t *ret_len)
{
	size_t len = protobuf_c_message_get_packed_size(message->any);

	if (len > MESSAGE_MAX - HEADER)
		return ERR_INPUT;
	ret_octets[0] = 'S';
	ret_octets[1] = 'K';
	ret_octets[2] = MESSAGE_VERSION;
	ret_octets[3] = (uint8_t)message->kind;
	(void)protobuf_c_message_pack(message->any, ret_octets + HEADER);
	*ret_len = HEADER + len;
	return ERR_OK;
}

static void *
allocate(void *data, size_t size)
{
	return arena_alloc(data, size);
}

static void
release(void *data, void *pointer)
{
	(void)data;
	(void)pointer; /* the arena is wiped as a whole */
}

/* The limits of RADIUS (RFC 2865 5.1, 5.2) and of our own fields. */
static enum error
check_auth_request(const Sekisho__AuthRequest *r)
{
	if (strlen(r->client_id) > 64 || r->user_name.len > 253 ||
	    r->password.len > 128 || r->state.len > 1024 ||
	    r->calling_station_id.len > 253 || r->called_station_id.len > 253 ||
	    r->nas_identifier.len > 253 || r->acct_session_id.len > 253 ||
	    r->src_addr.len > 64 || r->key_id.len > 32 ||
	    r->signature_scheme.len > 32 || r->signature.len > 512 ||
	    r->badge.len > BADGE_MAX || r->purpose.len > 32 ||
	    r->authenticator.len > 16 || r->public_key.len > 32 ||
	    r->proof.len > RENEWAL_PROOF_MAX || r->auth_data.len > 1024 ||
	    r->certificate_serial.len > CERTIFICATE_SERIAL_MAX ||
	    r->certificate_issuer.len > CERTIFICATE_ISSUER_MAX ||
	    r->resumes.len > 253)
		return ERR_INPUT;
	return ERR_OK;
}

static enum error
check_account_request(const Sekisho__AccountRequest *r)
{
	if (strlen(r->client_id) > 64 || r->session_id.len > 253 ||
	    r->user_name.len > 253 || r->called_station_id.len > 253 ||
	    r->calling_station_id.len > 253 || r->class_octets.len > 253 ||
	    (r->framed_ip.len != 0 && r->framed_ip.len != 4) ||
	    r->src_addr.len > 64)
		return ERR_INPUT;
	return ERR_OK;
}

static enum error
check_client_request(const Sekisho__ClientRequest *r)
{
	size_t i;

	if ((r->address.len != 4 && r->address.len != 16) ||
	    r->n_tls_name > MESSAGE_TLS_NAMES)
		return ERR_INPUT;
	for (i = 0; i < r->n_tls_name; i++) {
		if (strlen(r->tls_name[i]) > 253)
			return ERR_INPUT;
	}
	return ERR_OK;
}

static enum error
check_ca_request(const Sekisho__CaRequest *r)
{
	switch (r->body_case) {
	case SEKISHO__CA_REQUEST__BODY_HELLO:
		return ERR_OK;
	case SEKISHO__CA_REQUEST__BODY_MAKE:
		return strlen(r->make->kind) <= 8 ? ERR_OK : ERR_INPUT;
	case SEKISHO__CA_REQUEST__BODY_SIGN:
		return r->sign->digest.len <= 64 ? ERR_OK : ERR_INPUT;
	case SEKISHO__CA_REQUEST__BODY__NOT_SET:
	case _SEKISHO__CA_REQUEST__BODY__CASE_IS_INT_SIZE:
		return ERR_INPUT;
	}
	return ERR_INPUT;
}

static enum error
check_grants(const Sekisho__AuthReply *r)
{
	size_t i;

	if (r->n_grants > MESSAGE_GRANTS)
		return ERR_INPUT;
	for (i = 0; i < r->n_grants; i++) {
		const Sekisho__Grant *g = r->grants[i];

		if (g->number == 0 || g->number > 255 || g->vendor > 0xffffff ||
		    g->value.len == 0 || g->value.len > 253)
			return ERR_INPUT;
	}
	return ERR_OK;
}

static enum error
check(const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_AUTH_REQUEST:
		return check_auth_request(m->auth_request);
	case MESSAGE_AUTH_REPLY:
		return strlen(m->auth_reply->text) > 2048 ||
			       strlen(m->auth_reply->state) > 253 ||
			       strlen(m->auth_reply->user_name) > 253 ||
			       m->auth_reply->challenge.len > 32 ||
			       strlen(m->auth_reply->server_id) > 247 ||
			       strlen(m->auth_reply->client_id) > 64 ||
			       strlen(m->auth_reply->purpose) > 32 ||
			       strlen(m->auth_reply->login) > 253 ||
			       m->auth_reply->renewal.len > RENEWAL_MAX ||
			       m->auth_reply->keys.len > ENTRY_KEYS_MAX ||
			       m->auth_reply->class_octets.len > 253
			   ? ERR_INPUT
			   : check_grants(m->auth_reply);
	case MESSAGE_CLIENT_REQUEST:
		return check_client_request(m->client_request);
	case MESSAGE_CLIENT_REPLY:
		return strlen(m->client_reply->name) > 64 ||
			       strlen(m->client_reply->client_id) > 64 ||
			       m->client_reply->secret.len > 253
			   ? ERR_INPUT
			   : ERR_OK;
	case MESSAGE_KEYRING_REQUEST:
	case MESSAGE_KEYRING_REPLY:
		return ERR_OK;
	case MESSAGE_HASH_REQUEST:
		return m->hash_request->salt.len == 16 &&
			       m->hash_request->password.len <= 128
			   ? ERR_OK
			   : ERR_INPUT;
	case MESSAGE_HASH_REPLY:
		return m->hash_reply->tag.len <= 32 ? ERR_OK : ERR_INPUT;
	case MESSAGE_CA_REQUEST:
		return check_ca_request(m->ca_request);
	case MESSAGE_ACCOUNT_REQUEST:
		return check_account_request(m->account_request);
	case MESSAGE_ACCOUNT_REPLY:
		return ERR_OK;
	case MESSAGE_CA_REPLY:
		return m->ca_reply->spki.len <= 1024 &&
			       strlen(m->ca_reply->key_label) <= 64 &&
			       m->ca_reply->signature.len <= 512
			   ? ERR_OK
			   : ERR_INPUT;
	}
	return ERR_INPUT;
}

enum error
message_decode(const uint8_t *octets, size_t len, struct arena *arena,
    struct message *ret_message)
{
	ProtobufCAllocator allocator = {allocate, release, arena};
	const ProtobufCMessageDescriptor *desc;
	struct message m;
	enum error err;

	if (len < HEADER || len > MESSAGE_MAX || octets[0] != 'S' ||
	    octets[1] != 'K' || octets[2] != MESSAGE_VERSION)
		return ERR_INPUT;
	m.kind = (enum message_kind)octets[3];
	desc = descriptor(m.kind);
	if (desc == NULL)
		return ERR_INPUT;
	m.any = protobuf_c_message_unpack(
	    desc, &allocator, len - HEADER, octets + HEADER);
	if (m.any == NULL)
		return ERR_INPUT;
	err = check(&m);
	if (err == ERR_OK)
		*ret_message = m;
	return err;
}
