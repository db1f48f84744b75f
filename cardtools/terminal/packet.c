/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/terminal/packet.h"
#include "cardtools/freeradius.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/split.h"

enum {
	VENDOR_SEKISHO = 32473, /* with dictionary.sekisho */
	SEKISHO_CAPABILITY = 2,
	SEKISHO_CHALLENGE,
	SEKISHO_SERVER_ID,
	SEKISHO_CLIENT_ID,
	SEKISHO_PURPOSE,
	SEKISHO_LOGIN,
	SEKISHO_KEY_ID,
	SEKISHO_SIGNATURE,
	SEKISHO_SCHEME,
	SEKISHO_BADGE,
	SEKISHO_PUBLIC_KEY,
	SEKISHO_PROOF,
	SEKISHO_RENEWAL,
	SEKISHO_KEYS,
	SEKISHO_RP_ID,
	SEKISHO_CREDENTIALS,
	SEKISHO_USER_VERIFICATION,
	SEKISHO_AUTH_DATA,

	SERVICE_LOGIN = 1,	 /* Login-User, RFC 2865 5.6 */
	SERVICE_CALL_CHECK = 10, /* the same */
	PROMPT_ECHO = 1,	 /* RFC 2869 5.10 */
};

struct packet {
	RADIUS_PACKET *radius;
};

const char *
packet_fault(void)
{
	const char *text = fr_strerror();

	return text != NULL ? text : "-";
}

enum error
packet_init(const char *folder)
{
	fr_log_fp = NULL; /* it has nothing to say to standard output */
	fr_dns_lookups = false;
	fr_hostname_lookups = false;
	return dict_init(folder, "dictionary") == 0 ? ERR_OK : ERR_CONFIG;
}

static enum error
add(RADIUS_PACKET *p, unsigned number, unsigned vendor, const void *bytes,
    size_t len)
{
	VALUE_PAIR *vp = fr_pair_afrom_num(p, number, vendor);

	if (vp == NULL)
		return ERR_NOMEM;
	if (vp->da->type == PW_TYPE_STRING)
		fr_pair_value_bstrncpy(vp, bytes, len);
	else if (vp->da->type == PW_TYPE_OCTETS)
		fr_pair_value_memcpy(vp, bytes, len);
	else if (vp->da->type == PW_TYPE_INTEGER)
		memcpy(&vp->vp_integer, bytes, sizeof vp->vp_integer);
	fr_pair_add(&p->vps, vp);
	return ERR_OK;
}

static enum error
add_text(RADIUS_PACKET *p, unsigned number, unsigned vendor, const char *text)
{
	if (text[0] == '\0')
		return ERR_OK;
	return add(p, number, vendor, text, strlen(text));
}

static enum error
add_pieces(
    RADIUS_PACKET *p, unsigned number, const void *value, size_t value_len)
{
	size_t total = split_count(value_len), i;
	enum error err = total > 0 ? ERR_OK : ERR_INPUT;

	for (i = 0; i < total && err == ERR_OK; i++) {
		unsigned char piece[SPLIT_PIECE];
		size_t len;

		err = split_piece(value, value_len, i, piece, &len);
		if (err == ERR_OK)
			err = add(p, number, VENDOR_SEKISHO, piece, len);
	}
	return err;
}

static enum error
add_signature(RADIUS_PACKET *p, const struct signature *s)
{
	enum error err;

	if (s->len == 0 || s->len > sizeof s->bytes ||
	    s->auth_len > sizeof s->auth_data)
		return ERR_INPUT;
	err =
	    add(p, SEKISHO_KEY_ID, VENDOR_SEKISHO, s->key_id, sizeof s->key_id);
	if (err == ERR_OK)
		err = add_text(p, SEKISHO_SCHEME, VENDOR_SEKISHO, s->scheme);
	if (err == ERR_OK)
		err = add_pieces(p, SEKISHO_SIGNATURE, s->bytes, s->len);
	if (err == ERR_OK && s->auth_len > 0)
		err =
		    add_pieces(p, SEKISHO_AUTH_DATA, s->auth_data, s->auth_len);
	return err;
}

static enum error
add_renewal(RADIUS_PACKET *p, const struct renewal_request *r)
{
	enum error err;

	if (r->proof_len > sizeof r->proof)
		return ERR_INPUT;
	err =
	    add(p, SEKISHO_KEY_ID, VENDOR_SEKISHO, r->key_id, sizeof r->key_id);
	if (err != ERR_OK || r->proof_len == 0)
		return err;
	err = add(p, SEKISHO_PUBLIC_KEY, VENDOR_SEKISHO, r->public_key,
	    sizeof r->public_key);
	if (err == ERR_OK)
		err = add_pieces(p, SEKISHO_PROOF, r->proof, r->proof_len);
	return err;
}

static enum error
add_number(RADIUS_PACKET *p, unsigned number, uint32_t value)
{
	VALUE_PAIR *vp = fr_pair_afrom_num(p, number, 0);

	if (vp == NULL)
		return ERR_NOMEM;
	if (vp->da->type == PW_TYPE_DATE)
		vp->vp_date = value;
	else
		vp->vp_integer = value;
	fr_pair_add(&p->vps, vp);
	return ERR_OK;
}

/* RFC 2866 5.13; the Request Authenticator proves all of it. */
static enum error
add_account(RADIUS_PACKET *p, const struct radius_request *r)
{
	const struct account *a = r->account;
	enum error err;

	err = add_number(p, PW_ACCT_STATUS_TYPE, a->status);
	if (err == ERR_OK)
		err = add_text(p, PW_ACCT_SESSION_ID, 0, a->session);
	if (err == ERR_OK)
		err = add_text(p, PW_USER_NAME, 0, r->user);
	if (err == ERR_OK && a->class_len > 0)
		err = add(p, PW_CLASS, 0, a->class_octets, a->class_len);
	if (err == ERR_OK)
		err = add_text(p, PW_NAS_IDENTIFIER, 0, r->nas_identifier);
	if (err == ERR_OK)
		err = add_text(p, PW_CALLING_STATION_ID, 0, r->calling_station);
	if (err == ERR_OK && r->called_station != NULL)
		err = add_text(p, PW_CALLED_STATION_ID, 0, r->called_station);
	if (err == ERR_OK && a->at > 0)
		err = add_number(p, PW_EVENT_TIMESTAMP, a->at);
	if (err == ERR_OK && a->delay > 0)
		err = add_number(p, PW_ACCT_DELAY_TIME, a->delay);
	if (err == ERR_OK && a->status != ACCOUNT_START && a->at > 0)
		err = add_number(p, PW_ACCT_SESSION_TIME, a->seconds);
	if (err == ERR_OK && a->status == ACCOUNT_STOP && a->cause > 0)
		err = add_number(p, PW_ACCT_TERMINATE_CAUSE, a->cause);
	return err;
}

static enum error
add_all(RADIUS_PACKET *p, const struct radius_request *r)
{
	static const unsigned char zero[AUTH_VECTOR_LEN];
	const uint32_t service =
	    r->call_check ? SERVICE_CALL_CHECK : SERVICE_LOGIN;
	enum error err;

	if (r->account != NULL)
		return add_account(p, r);
	/* First, as in every answer (CVE-2024-3596). */
	err = add(p, PW_MESSAGE_AUTHENTICATOR, 0, zero, sizeof zero);
	if (err == ERR_OK)
		err = add_text(p, PW_USER_NAME, 0, r->user);
	if (err == ERR_OK && r->password != NULL)
		err = add(p, PW_USER_PASSWORD, 0, r->password->bytes,
		    r->password->len);
	if (err == ERR_OK && r->state_len > 0)
		err = add(p, PW_STATE, 0, r->state, r->state_len);
	if (err == ERR_OK)
		err = add(p, PW_SERVICE_TYPE, 0, &service, sizeof service);
	if (err == ERR_OK)
		err = add_text(p, PW_NAS_IDENTIFIER, 0, r->nas_identifier);
	if (err == ERR_OK)
		err = add_text(p, PW_CALLING_STATION_ID, 0, r->calling_station);
	if (err == ERR_OK && r->called_station != NULL)
		err = add_text(p, PW_CALLED_STATION_ID, 0, r->called_station);
	if (err == ERR_OK && r->can_card)
		err = add_text(p, SEKISHO_CAPABILITY, VENDOR_SEKISHO, "card");
	if (err == ERR_OK && r->can_fido2)
		err = add_text(p, SEKISHO_CAPABILITY, VENDOR_SEKISHO, "fido2");
	if (err == ERR_OK && r->signature != NULL)
		err = add_signature(p, r->signature);
	if (err == ERR_OK && r->purpose != NULL)
		err = add_text(p, SEKISHO_PURPOSE, VENDOR_SEKISHO, r->purpose);
	if (err == ERR_OK && r->renewal != NULL)
		err = add_renewal(p, r->renewal);
	if (err == ERR_OK && r->after != NULL)
		err =
		    add(p, SEKISHO_KEY_ID, VENDOR_SEKISHO, r->after, ENTRY_KEY);
	if (err == ERR_OK && r->badge_len > 0)
		err = add(
		    p, SEKISHO_BADGE, VENDOR_SEKISHO, r->badge, r->badge_len);
	return err;
}

enum error
packet_encode(const struct radius_request *request, const struct secret *secret,
    unsigned char id, struct packet **ret_packet)
{
	const char *key = (const char *)secret->bytes;
	struct packet *packet = calloc(1, sizeof *packet);
	enum error err = ERR_NOMEM;

	if (packet == NULL)
		return ERR_NOMEM;
	packet->radius = rad_alloc(NULL, false);
	if (packet->radius == NULL)
		goto out;
	packet->radius->code = request->account != NULL
				   ? PW_CODE_ACCOUNTING_REQUEST
				   : PW_CODE_ACCESS_REQUEST;
	packet->radius->id = id;
	randombytes_buf(packet->radius->vector, sizeof packet->radius->vector);
	err = add_all(packet->radius, request);
	if (err != ERR_OK)
		goto out;
	err = ERR_INPUT;
	if (rad_encode(packet->radius, NULL, key) < 0 ||
	    rad_sign(packet->radius, NULL, key) < 0)
		goto out;
	*ret_packet = packet;
	packet = NULL;
	err = ERR_OK;
out:
	packet_free(&packet);
	return err;
}

bool
packet_is_account(const struct packet *packet)
{
	return packet->radius->code == PW_CODE_ACCOUNTING_REQUEST;
}

const unsigned char *
packet_octets(const struct packet *packet, size_t *ret_len)
{
	*ret_len = packet->radius->data_len;
	return packet->radius->data;
}

/* The octets of a pair; NULL for a type that has none. */
static const unsigned char *
bytes_of(const VALUE_PAIR *vp)
{
	if (vp->da->type == PW_TYPE_STRING)
		return (const unsigned char *)vp->vp_strvalue;
	return vp->da->type == PW_TYPE_OCTETS ? vp->vp_octets : NULL;
}

/* A text that may stand once, without a NUL, not empty. */
static enum error
take_text(const VALUE_PAIR *vp, char ret_text[PACKET_STRING])
{
	const unsigned char *bytes = bytes_of(vp);

	if (bytes == NULL || vp->vp_length == 0 ||
	    vp->vp_length >= PACKET_STRING || ret_text[0] != '\0' ||
	    memchr(bytes, '\0', vp->vp_length) != NULL)
		return ERR_INPUT;
	memcpy(ret_text, bytes, vp->vp_length);
	ret_text[vp->vp_length] = '\0';
	return ERR_OK;
}

/* What of a reply is not whole before its end. */
struct taken {
	bool challenge;
	bool renewal, keys, credentials;
	struct split pieces, key_pieces, credential_pieces;
	char verification[PACKET_STRING];
};

static enum error
take_sekisho(const VALUE_PAIR *vp, struct radius_reply *r, struct taken *t)
{
	switch (vp->da->attr) {
	case SEKISHO_CHALLENGE:
		if (vp->da->type != PW_TYPE_OCTETS || t->challenge ||
		    vp->vp_length != sizeof r->challenge)
			return ERR_INPUT;
		memcpy(r->challenge, vp->vp_octets, sizeof r->challenge);
		t->challenge = true;
		return ERR_OK;
	case SEKISHO_RENEWAL:
		if (vp->da->type != PW_TYPE_OCTETS)
			return ERR_INPUT;
		t->renewal = true;
		return split_add(&t->pieces, vp->vp_octets, vp->vp_length);
	case SEKISHO_KEYS:
		if (vp->da->type != PW_TYPE_OCTETS)
			return ERR_INPUT;
		t->keys = true;
		return split_add(&t->key_pieces, vp->vp_octets, vp->vp_length);
	case SEKISHO_CREDENTIALS:
		if (vp->da->type != PW_TYPE_OCTETS)
			return ERR_INPUT;
		t->credentials = true;
		return split_add(
		    &t->credential_pieces, vp->vp_octets, vp->vp_length);
	case SEKISHO_RP_ID:
		return take_text(vp, r->rp_id);
	case SEKISHO_USER_VERIFICATION:
		return take_text(vp, t->verification);
	case SEKISHO_SERVER_ID:
		return take_text(vp, r->server_id);
	case SEKISHO_CLIENT_ID:
		return take_text(vp, r->client_id);
	case SEKISHO_PURPOSE:
		return take_text(vp, r->purpose);
	case SEKISHO_LOGIN:
		return take_text(vp, r->login);
	default:
		return ERR_OK;
	}
}

static enum error
take(const VALUE_PAIR *vp, struct radius_reply *r, struct taken *t)
{
	const unsigned char *bytes = bytes_of(vp);

	if (vp->da->vendor == VENDOR_SEKISHO)
		return take_sekisho(vp, r, t);
	if (vp->da->vendor != 0)
		return ERR_OK;
	switch (vp->da->attr) {
	case PW_USER_NAME:
		return take_text(vp, r->user);
	case PW_STATE:
		if (bytes == NULL || r->state_len > 0 || vp->vp_length == 0 ||
		    vp->vp_length > sizeof r->state)
			return ERR_INPUT;
		memcpy(r->state, bytes, vp->vp_length);
		r->state_len = vp->vp_length;
		return ERR_OK;
	case PW_REPLY_MESSAGE:
		if (bytes == NULL || vp->vp_length > PACKET_TEXT - r->text_len)
			return ERR_INPUT;
		memcpy(r->text + r->text_len, bytes, vp->vp_length);
		r->text_len += vp->vp_length;
		return ERR_OK;
	case PW_CLASS:
		/* RFC 2865 5.25: there may be several; ours is the first */
		if (bytes == NULL || vp->vp_length > sizeof r->class_octets)
			return ERR_INPUT;
		if (r->class_len == 0) {
			memcpy(r->class_octets, bytes, vp->vp_length);
			r->class_len = vp->vp_length;
		}
		return ERR_OK;
	case PW_PROMPT:
		r->echo = vp->da->type == PW_TYPE_INTEGER &&
			  vp->vp_integer == PROMPT_ECHO;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

/* What is whole only now; a value that is not makes the reply malformed. */
static enum error
take_rest(const struct taken *t, struct radius_reply *r)
{
	struct credential list[CREDENTIALS_MAX];
	size_t n;

	if (t->renewal && split_end(&t->pieces, &r->renewal_len) != ERR_OK) {
		fr_strerror_printf("Sekisho-Renewal is not whole");
		return ERR_INPUT;
	}
	if (t->keys && split_end(&t->key_pieces, &r->keys_len) != ERR_OK) {
		fr_strerror_printf("Sekisho-Keys is not whole");
		return ERR_INPUT;
	}
	if (t->credentials &&
	    (split_end(&t->credential_pieces, &r->credentials_len) != ERR_OK ||
		credentials_read(
		    r->credentials, r->credentials_len, list, &n) != ERR_OK)) {
		fr_strerror_printf("Sekisho-Credentials is no list of them");
		return ERR_INPUT;
	}
	r->verify_user = strcmp(t->verification, "required") == 0;
	if (t->verification[0] != '\0' && !r->verify_user &&
	    strcmp(t->verification, "preferred") != 0) {
		fr_strerror_printf("Sekisho-User-Verification is a word that "
				   "this terminal does not know");
		return ERR_INPUT;
	}
	r->for_card = t->challenge && r->server_id[0] != '\0' &&
		      r->client_id[0] != '\0' && r->purpose[0] != '\0' &&
		      r->login[0] != '\0' && r->state_len > 0;
	r->for_fido2 = r->for_card && t->credentials && r->rp_id[0] != '\0' &&
		       t->verification[0] != '\0';
	return ERR_OK;
}

enum error
packet_decode(const struct packet *request, const struct secret *secret,
    const unsigned char *octets, size_t len, struct radius_reply *ret_reply)
{
	const char *key = (const char *)secret->bytes;
	RADIUS_PACKET *p = rad_alloc(NULL, false);
	struct taken taken = {.challenge = false};
	enum error err = ERR_INPUT;
	const VALUE_PAIR *vp;
	const bool account =
	    request->radius->code == PW_CODE_ACCOUNTING_REQUEST;
	decode_fail_t why;

	if (p == NULL)
		return ERR_NOMEM;
	memset(ret_reply, 0, sizeof *ret_reply);
	if (len > PACKET_MAX)
		goto out;
	p->data = talloc_memdup(p, octets, len);
	p->data_len = len;
	if (p->data == NULL) {
		err = ERR_NOMEM;
		goto out;
	}
	if (!rad_packet_ok(p, 0, &why) || p->id != request->radius->id)
		goto out;
	switch (p->code) {
	case PW_CODE_ACCESS_ACCEPT:
		ret_reply->code = RADIUS_ACCEPT;
		break;
	case PW_CODE_ACCESS_REJECT:
		ret_reply->code = RADIUS_REJECT;
		break;
	case PW_CODE_ACCESS_CHALLENGE:
		ret_reply->code = RADIUS_CHALLENGE;
		break;
	case PW_CODE_ACCOUNTING_RESPONSE:
		ret_reply->code = RADIUS_ACCOUNTED;
		break;
	default:
		fr_strerror_printf("code %u is not an answer", p->code);
		goto out;
	}
	if ((ret_reply->code == RADIUS_ACCOUNTED) != account) {
		fr_strerror_printf("code %u answers something else", p->code);
		goto out;
	}
	err = ERR_CRYPTO;
	/* 1: there must be a Message-Authenticator; rad_verify checks it. */
	if (!rad_packet_ok(p, account ? 0 : 1, &why) ||
	    rad_verify(p, request->radius, key) != 0)
		goto out;
	err = ERR_INPUT;
	if (rad_decode(p, request->radius, key) != 0)
		goto out;
	split_begin(
	    &taken.pieces, ret_reply->renewal, sizeof ret_reply->renewal);
	split_begin(&taken.key_pieces, ret_reply->keys, sizeof ret_reply->keys);
	split_begin(&taken.credential_pieces, ret_reply->credentials,
	    sizeof ret_reply->credentials);
	for (vp = p->vps; vp != NULL; vp = vp->next) {
		if (take(vp, ret_reply, &taken) != ERR_OK) {
			fr_strerror_printf(
			    "%s has no place or form in it", vp->da->name);
			goto out;
		}
	}
	err = take_rest(&taken, ret_reply);
out:
	if (err != ERR_OK)
		memset(ret_reply, 0, sizeof *ret_reply);
	rad_free(&p);
	return err;
}

void
packet_free(struct packet **packet)
{
	if (*packet == NULL)
		return;
	/* The password is in its pairs in clear. */
	if ((*packet)->radius != NULL) {
		VALUE_PAIR *vp;

		for (vp = (*packet)->radius->vps; vp != NULL; vp = vp->next) {
			if (vp->da->attr == PW_USER_PASSWORD &&
			    vp->da->vendor == 0 && vp->data.ptr != NULL)
				sodium_memzero(vp->data.ptr, vp->vp_length);
		}
		rad_free(&(*packet)->radius);
	}
	free(*packet);
	*packet = NULL;
}
