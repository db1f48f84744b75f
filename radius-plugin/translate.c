/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius-plugin/translate.h"

#include <string.h>

#include "common/wire/badge.h"
#include "common/wire/change.h"
#include "common/wire/entry.h"
#include "common/wire/message.h"
#include "common/wire/renewal.h"
#include "common/wire/split.h"

enum {
	PASSWORD_MAX = 128,
	SIGNATURE_MAX = 512,
	AUTH_DATA_MAX = 1024,
	STATE_TOTAL_MAX = 1024
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
	if (is_purpose(word, CHANGE_PURPOSE)) {
		r->purpose = word;
		return ERR_OK; /* in everything else it is a login */
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
