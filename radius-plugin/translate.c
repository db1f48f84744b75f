/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/translate.h"

#include <string.h>

#include "common/wire/message.h"
#include "common/wire/badge.h"
#include "common/wire/entry.h"
#include "common/wire/renewal.h"
#include "common/wire/split.h"

enum {
	PASSWORD_MAX = 128,
	SIGNATURE_MAX = 512,
	AUTH_DATA_MAX = 1024,
	STATE_TOTAL_MAX = 1024,
	VENDOR_HEADER = 6, /* what an attribute of a vendor's has less */
	REF_MAX = 64
};

/* The first such attribute or NULL; ret_count (may be NULL): how many. */
static const struct attribute *
find(const struct attribute *attrs, size_t n, uint32_t vendor, uint32_t number,
    uint32_t *ret_count)
{
	const struct attribute *first = NULL;
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (attrs[i].vendor != vendor || attrs[i].number != number)
			continue;
		if (first == NULL)
			first = &attrs[i];
		count++;
	}
	if (ret_count != NULL)
		*ret_count = count;
	return first;
}

/*
 * protobuf-c's octets are not const; nothing writes to those of a message
 * that is only packed.
 */
static ProtobufCBinaryData
binary(const uint8_t *bytes, size_t len)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} alias = {.in = bytes};

	return (ProtobufCBinaryData){.len = len, .data = alias.out};
}

static enum error
text_field(const struct attribute *attrs, size_t n, uint32_t number,
    ProtobufCBinaryData *ret_field)
{
	const struct attribute *a = find(attrs, n, VENDOR_NONE, number, NULL);

	if (a == NULL)
		return ERR_OK;
	if (a->len > ATTR_MAX)
		return ERR_INPUT;
	*ret_field = binary(a->value, a->len);
	return ERR_OK;
}

static uint32_t
integer_field(const struct attribute *attrs, size_t n, uint32_t number)
{
	const struct attribute *a = find(attrs, n, VENDOR_NONE, number, NULL);

	if (a == NULL || a->len != 4)
		return 0;
	return (uint32_t)a->value[0] << 24 | (uint32_t)a->value[1] << 16 |
	       (uint32_t)a->value[2] << 8 | a->value[3];
}

/* RFC 2865 4.1: one credential, of one kind. */
static enum error
credential(const struct attribute *attrs, size_t n, Sekisho__AuthRequest *r)
{
	uint32_t pap, chap, mschap, mschap2;
	const struct attribute *password;

	password = find(attrs, n, VENDOR_NONE, ATTR_USER_PASSWORD, &pap);
	(void)find(attrs, n, VENDOR_NONE, ATTR_CHAP_PASSWORD, &chap);
	(void)find(attrs, n, VENDOR_MICROSOFT, ATTR_MS_CHAP_RESPONSE, &mschap);
	(void)find(
	    attrs, n, VENDOR_MICROSOFT, ATTR_MS_CHAP2_RESPONSE, &mschap2);
	if (pap > 1 || chap > 1 ||
	    (pap > 0) + (chap > 0) + (mschap + mschap2 > 0) > 1)
		return ERR_INPUT;
	if (chap > 0) {
		r->scheme = SEKISHO__SCHEME__SCHEME_CHAP;
	} else if (mschap + mschap2 > 0) {
		r->scheme = SEKISHO__SCHEME__SCHEME_MSCHAP;
	} else if (password == NULL) {
		r->scheme = SEKISHO__SCHEME__SCHEME_NONE;
	} else {
		if (password->len > PASSWORD_MAX)
			return ERR_INPUT;
		r->scheme = SEKISHO__SCHEME__SCHEME_PAP;
		r->password = binary(password->value, password->len);
	}
	return ERR_OK;
}

static enum error
state(const struct attribute *attrs, size_t n, struct arena *arena,
    Sekisho__AuthRequest *r)
{
	const struct attribute *first;
	uint8_t *all;
	size_t i, len = 0;

	first = find(attrs, n, VENDOR_NONE, ATTR_STATE, &r->state_count);
	if (first == NULL)
		return ERR_OK;
	for (i = 0; i < n; i++) {
		if (attrs[i].vendor != VENDOR_NONE ||
		    attrs[i].number != ATTR_STATE)
			continue;
		if (attrs[i].len > STATE_TOTAL_MAX - len)
			return ERR_INPUT;
		len += attrs[i].len;
	}
	all = arena_alloc(arena, len + 1);
	if (all == NULL)
		return ERR_NOMEM;
	for (i = 0, len = 0; i < n; i++) {
		if (attrs[i].vendor != VENDOR_NONE ||
		    attrs[i].number != ATTR_STATE || attrs[i].len == 0)
			continue;
		memcpy(all + len, attrs[i].value, attrs[i].len);
		len += attrs[i].len;
	}
	r->state = binary(all, len);
	return ERR_OK;
}

/* A vendor's attribute that may stand once; nothing if it does not. */
static enum error
vendor_field(const struct attribute *attrs, size_t n, uint32_t number,
    ProtobufCBinaryData *ret_field)
{
	const struct attribute *a;
	uint32_t count;

	a = find(attrs, n, VENDOR_SEKISHO, number, &count);
	if (count > 1 || (a != NULL && a->len > 32))
		return ERR_INPUT;
	if (a != NULL)
		*ret_field = binary(a->value, a->len);
	return ERR_OK;
}

/* The number of a card, and nothing beside it that could be a credential. */
static enum error
badge(const struct attribute *attrs, size_t n, Sekisho__AuthRequest *r)
{
	uint32_t states;
	enum error err;

	err = vendor_field(attrs, n, ATTR_SEKISHO_BADGE, &r->badge);
	(void)find(attrs, n, VENDOR_NONE, ATTR_STATE, &states);
	if (err == ERR_OK && r->badge.len > 0 &&
	    (r->badge.len > BADGE_MAX || states > 0 ||
		r->scheme != SEKISHO__SCHEME__SCHEME_NONE))
		err = ERR_INPUT;
	return err;
}

/* A value in pieces, of at most max octets; nothing if it does not stand. */
static enum error
joined(const struct attribute *attrs, size_t n, uint32_t number, size_t max,
    struct arena *arena, ProtobufCBinaryData *ret_field)
{
	enum error err = ERR_OK;
	struct split split;
	uint32_t pieces;
	uint8_t *value;
	size_t i, len;

	(void)find(attrs, n, VENDOR_SEKISHO, number, &pieces);
	if (pieces == 0)
		return ERR_OK;
	value = arena_alloc(arena, max);
	if (value == NULL)
		return ERR_NOMEM;
	split_begin(&split, value, max);
	for (i = 0; i < n && err == ERR_OK; i++) {
		if (attrs[i].vendor == VENDOR_SEKISHO &&
		    attrs[i].number == number)
			err = split_add(&split, attrs[i].value, attrs[i].len);
	}
	if (err == ERR_OK)
		err = split_end(&split, &len);
	if (err == ERR_OK)
		*ret_field = binary(value, len);
	return err;
}

/* An entry at a door: of credentials a signature at most. */
static enum error
entry(Sekisho__AuthRequest *r)
{
	return (r->scheme != SEKISHO__SCHEME__SCHEME_NONE &&
		   r->scheme != SEKISHO__SCHEME__SCHEME_SIGNATURE) ||
		       r->badge.len > 0
		   ? ERR_INPUT
		   : ERR_OK;
}

static bool
is_purpose(ProtobufCBinaryData purpose, const char *word)
{
	return purpose.len == strlen(word) &&
	       memcmp(purpose.data, word, purpose.len) == 0;
}

/*
 * What is asked, where it is no login: a card's renewal, which has no
 * credential, or an entry.
 */
static enum error
purpose(const struct attribute *attrs, size_t n, struct arena *arena,
    Sekisho__AuthRequest *r)
{
	ProtobufCBinaryData word = {0, NULL};
	enum error err;

	err = vendor_field(attrs, n, ATTR_SEKISHO_PURPOSE, &word);
	if (err != ERR_OK)
		return err;
	if (is_purpose(word, ENTRY_PURPOSE)) {
		r->purpose = word;
		return entry(r);
	}
	if (!is_purpose(word, RENEWAL_PURPOSE) &&
	    !is_purpose(word, ENTRY_KEYS_PURPOSE))
		return ERR_OK;
	r->purpose = word;
	if (r->scheme != SEKISHO__SCHEME__SCHEME_NONE || r->badge.len > 0)
		return ERR_INPUT;
	err = vendor_field(attrs, n, ATTR_SEKISHO_KEY_ID, &r->key_id);
	if (err == ERR_OK)
		err = vendor_field(
		    attrs, n, ATTR_SEKISHO_PUBLIC_KEY, &r->public_key);
	if (err == ERR_OK)
		err = joined(attrs, n, ATTR_SEKISHO_PROOF, RENEWAL_PROOF_MAX,
		    arena, &r->proof);
	return err;
}

/* What the client can answer, a word an attribute. */
static void
capabilities(const struct attribute *attrs, size_t n, Sekisho__AuthRequest *r)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct attribute *a = &attrs[i];

		if (a->vendor != VENDOR_SEKISHO ||
		    a->number != ATTR_SEKISHO_CAPABILITY)
			continue;
		if (a->len == 4 && memcmp(a->value, "card", 4) == 0)
			r->can_card = true;
		if (a->len == 5 && memcmp(a->value, "fido2", 5) == 0)
			r->can_fido2 = true;
	}
}

/* What a client that can sign says beside RFC 2865. */
static enum error
signature(const struct attribute *attrs, size_t n, struct arena *arena,
    Sekisho__AuthRequest *r)
{
	uint32_t pieces;
	enum error err;

	(void)find(attrs, n, VENDOR_SEKISHO, ATTR_SEKISHO_SIGNATURE, &pieces);
	if (pieces == 0)
		return ERR_OK;
	/* RFC 2865 4.1, in its spirit: one credential */
	if (r->scheme != SEKISHO__SCHEME__SCHEME_NONE)
		return ERR_INPUT;
	r->scheme = SEKISHO__SCHEME__SCHEME_SIGNATURE;
	err = joined(attrs, n, ATTR_SEKISHO_SIGNATURE, SIGNATURE_MAX, arena,
	    &r->signature);
	if (err == ERR_OK)
		err = vendor_field(attrs, n, ATTR_SEKISHO_KEY_ID, &r->key_id);
	if (err == ERR_OK)
		err = vendor_field(
		    attrs, n, ATTR_SEKISHO_SCHEME, &r->signature_scheme);
	if (err == ERR_OK)
		err = joined(attrs, n, ATTR_SEKISHO_AUTH_DATA, AUTH_DATA_MAX,
		    arena, &r->auth_data);
	return err;
}

/* A certificate that FreeRADIUS has verified; beside it nothing is shown. */
static enum error
certificate(const struct attribute *attrs, size_t n, Sekisho__AuthRequest *r)
{
	const struct attribute *serial, *issuer;
	uint32_t serials, issuers;

	serial =
	    find(attrs, n, VENDOR_NONE, ATTR_TLS_CLIENT_CERT_SERIAL, &serials);
	issuer =
	    find(attrs, n, VENDOR_NONE, ATTR_TLS_CLIENT_CERT_ISSUER, &issuers);
	if (serials == 0 && issuers == 0)
		return ERR_OK;
	if (serials != 1 || issuers != 1 ||
	    r->scheme != SEKISHO__SCHEME__SCHEME_NONE ||
	    serial->len > CERTIFICATE_SERIAL_MAX ||
	    issuer->len > CERTIFICATE_ISSUER_MAX)
		return ERR_INPUT;
	r->scheme = SEKISHO__SCHEME__SCHEME_CERTIFICATE;
	r->certificate_serial = binary(serial->value, serial->len);
	r->certificate_issuer = binary(issuer->value, issuer->len);
	return ERR_OK;
}

enum error
translate_request(const struct attribute *attrs, size_t n_attrs,
    const struct origin *origin, struct arena *arena,
    Sekisho__AuthRequest *ret_request)
{
	Sekisho__AuthRequest r;
	uint32_t names;
	enum error err;

	sekisho__auth_request__init(&r);
	(void)find(attrs, n_attrs, VENDOR_NONE, ATTR_USER_NAME, &names);
	if (names > 1)
		return ERR_INPUT;
	r.client_id =
	    arena_strndup(arena, origin->client_id, strlen(origin->client_id));
	if (r.client_id == NULL)
		return ERR_NOMEM;
	r.client_version = origin->client_version;
	r.src_addr =
	    binary((const uint8_t *)origin->src_addr, strlen(origin->src_addr));
	r.authenticator =
	    binary(origin->authenticator, sizeof origin->authenticator);

	err = credential(attrs, n_attrs, &r);
	if (err == ERR_OK)
		err = signature(attrs, n_attrs, arena, &r);
	if (err == ERR_OK)
		err = certificate(attrs, n_attrs, &r);
	capabilities(attrs, n_attrs, &r);
	if (err == ERR_OK)
		err = badge(attrs, n_attrs, &r);
	if (err == ERR_OK)
		err = purpose(attrs, n_attrs, arena, &r);
	if (err == ERR_OK)
		err = state(attrs, n_attrs, arena, &r);
	if (err == ERR_OK)
		err = text_field(attrs, n_attrs, ATTR_USER_NAME, &r.user_name);
	if (err == ERR_OK)
		err = text_field(attrs, n_attrs, ATTR_CALLING_STATION_ID,
		    &r.calling_station_id);
	if (err == ERR_OK)
		err = text_field(attrs, n_attrs, ATTR_CALLED_STATION_ID,
		    &r.called_station_id);
	if (err == ERR_OK)
		err = text_field(
		    attrs, n_attrs, ATTR_NAS_IDENTIFIER, &r.nas_identifier);
	if (err == ERR_OK)
		err = text_field(
		    attrs, n_attrs, ATTR_ACCT_SESSION_ID, &r.acct_session_id);
	if (err != ERR_OK)
		return err;
	r.nas_port = integer_field(attrs, n_attrs, ATTR_NAS_PORT);
	r.service_type = integer_field(attrs, n_attrs, ATTR_SERVICE_TYPE);
	r.message_authenticator = find(attrs, n_attrs, VENDOR_NONE,
				      ATTR_MESSAGE_AUTHENTICATOR, NULL) != NULL;
	(void)find(attrs, n_attrs, VENDOR_NONE, ATTR_PROXY_STATE,
	    &r.proxy_state_count);
	*ret_request = r;
	return ERR_OK;
}

size_t
translate_text_part(const uint8_t *text, size_t len)
{
	size_t cut = ATTR_MAX;

	if (len <= ATTR_MAX)
		return len;
	/* Continuation octets are 10xxxxxx, at most three in a row. */
	while (cut > ATTR_MAX - 3 && (text[cut] & 0xc0) == 0x80)
		cut--;
	return (text[cut] & 0xc0) == 0x80 ? ATTR_MAX : cut;
}

static enum error
put(struct reply *reply, uint32_t vendor, uint32_t number, const void *value,
    size_t len)
{
	if (reply->n_attrs == REPLY_ATTRS || len == 0 || len > ATTR_MAX)
		return ERR_INPUT;
	reply->attrs[reply->n_attrs++] = (struct attribute){
	    .vendor = vendor, .number = number, .value = value, .len = len};
	return ERR_OK;
}

static enum error
put_integer(
    struct reply *reply, uint32_t number, uint32_t value, struct arena *arena)
{
	uint8_t *octets = arena_alloc(arena, 4);

	if (octets == NULL)
		return ERR_NOMEM;
	octets[0] = (uint8_t)(value >> 24);
	octets[1] = (uint8_t)(value >> 16);
	octets[2] = (uint8_t)(value >> 8);
	octets[3] = (uint8_t)value;
	return put(reply, VENDOR_NONE, number, octets, 4);
}

static enum error
put_text(struct reply *reply, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = strlen(text);
	enum error err = ERR_OK;

	while (len > 0 && err == ERR_OK) {
		size_t part = translate_text_part(p, len);

		err = put(reply, VENDOR_NONE, ATTR_REPLY_MESSAGE, p, part);
		p += part;
		len -= part;
	}
	return err;
}

static enum error
accepted(const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	enum error err = ERR_OK;

	if (a->user_name[0] != '\0')
		err = put(reply, VENDOR_NONE, ATTR_USER_NAME, a->user_name,
		    strlen(a->user_name));
	if (err == ERR_OK && a->session_timeout > 0)
		err = put_integer(
		    reply, ATTR_SESSION_TIMEOUT, a->session_timeout, arena);
	if (err == ERR_OK && a->idle_timeout > 0)
		err = put_integer(
		    reply, ATTR_IDLE_TIMEOUT, a->idle_timeout, arena);
	if (err == ERR_OK && a->class_octets.len > 0)
		err = put(reply, VENDOR_NONE, ATTR_CLASS, a->class_octets.data,
		    a->class_octets.len);
	return err;
}

struct vendor_text {
	uint32_t number;
	const char *text;
};

static enum error
put_texts(struct reply *reply, const struct vendor_text *texts, size_t n)
{
	enum error err = ERR_OK;
	size_t i;

	for (i = 0; i < n && err == ERR_OK; i++) {
		size_t len = strlen(texts[i].text);

		err = len > ATTR_MAX - VENDOR_HEADER
			  ? ERR_INPUT
			  : put(reply, VENDOR_SEKISHO, texts[i].number,
				texts[i].text, len);
	}
	return err;
}

/* For a client that can sign: docs/protocol.md, "A login with a card". */
static enum error
to_be_signed(const Sekisho__AuthReply *a, struct reply *reply)
{
	const struct vendor_text texts[] = {
	    {ATTR_SEKISHO_SERVER_ID, a->server_id},
	    {ATTR_SEKISHO_CLIENT_ID, a->client_id},
	    {ATTR_SEKISHO_PURPOSE, a->purpose}, {ATTR_SEKISHO_LOGIN, a->login}};
	enum error err;

	err = put(reply, VENDOR_SEKISHO, ATTR_SEKISHO_CHALLENGE,
	    a->challenge.data, a->challenge.len);
	if (err == ERR_OK)
		err = put_texts(reply, texts, sizeof texts / sizeof *texts);
	return err;
}

static enum error
put_pieces(struct reply *reply, uint32_t number, ProtobufCBinaryData value,
    struct arena *arena)
{
	size_t total = split_count(value.len), i, len;
	enum error err = total > 0 ? ERR_OK : ERR_INPUT;

	for (i = 0; i < total && err == ERR_OK; i++) {
		uint8_t *piece = arena_alloc(arena, SPLIT_PIECE);

		if (piece == NULL)
			return ERR_NOMEM;
		err = split_piece(value.data, value.len, i, piece, &len);
		if (err == ERR_OK)
			err = put(reply, VENDOR_SEKISHO, number, piece, len);
	}
	return err;
}

/* The same for FIDO2 keys: which, and how. */
static enum error
to_be_asserted(
    const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	const struct vendor_text texts[] = {{ATTR_SEKISHO_RP_ID, a->rp_id},
	    {ATTR_SEKISHO_USER_VERIFICATION, a->user_verification}};
	enum error err;

	err = put_texts(reply, texts, sizeof texts / sizeof *texts);
	if (err == ERR_OK)
		err = put_pieces(
		    reply, ATTR_SEKISHO_CREDENTIALS, a->credentials, arena);
	return err;
}

static enum error
challenged(
    const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	enum error err;

	err = put(reply, VENDOR_NONE, ATTR_STATE, a->state, strlen(a->state));
	if (err == ERR_OK) /* RFC 2869 5.10: 0 no echo, 1 echo */
		err = put_integer(
		    reply, ATTR_PROMPT, a->prompt_echo ? 1 : 0, arena);
	if (err == ERR_OK && a->challenge.len > 0)
		err = to_be_signed(a, reply);
	if (err == ERR_OK && a->credentials.len > 0)
		err = to_be_asserted(a, arena, reply);
	if (err == ERR_OK && a->renewal.len > 0)
		err =
		    put_pieces(reply, ATTR_SEKISHO_RENEWAL, a->renewal, arena);
	return err;
}

static enum error
rejected(const Sekisho__AuthReply *a, struct arena *arena, struct reply *reply)
{
	size_t len = strlen(a->ref), login = strlen(a->login);
	enum error err = ERR_OK;

	if (len > REF_MAX || login > ATTR_MAX - VENDOR_HEADER)
		return ERR_INPUT;
	if (len > 0)
		err = put(reply, VENDOR_SEKISHO, ATTR_SEKISHO_REF, a->ref, len);
	if (err == ERR_OK && login > 0)
		err = put(
		    reply, VENDOR_SEKISHO, ATTR_SEKISHO_LOGIN, a->login, login);
	if (err == ERR_OK && a->keys.len > 0)
		err = put_pieces(reply, ATTR_SEKISHO_KEYS, a->keys, arena);
	return err;
}

enum error
translate_reply(const Sekisho__AuthReply *answer, struct arena *arena,
    struct reply *ret_reply)
{
	struct reply reply = {.outcome = answer->outcome};
	enum error err = ERR_INPUT;

	switch (answer->outcome) {
	case SEKISHO__OUTCOME__OUTCOME_SILENCE:
		*ret_reply = reply;
		return ERR_OK;
	case SEKISHO__OUTCOME__OUTCOME_ACCEPT:
		err = accepted(answer, arena, &reply);
		break;
	case SEKISHO__OUTCOME__OUTCOME_CHALLENGE:
		err = challenged(answer, arena, &reply);
		break;
	case SEKISHO__OUTCOME__OUTCOME_REJECT:
		err = rejected(answer, arena, &reply);
		break;
	case _SEKISHO__OUTCOME_IS_INT_SIZE:
		break;
	}
	if (err == ERR_OK)
		err = put_text(&reply, answer->text);
	if (err == ERR_OK)
		*ret_reply = reply;
	return err;
}
