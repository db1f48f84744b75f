/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/dynauth.h"
#include "common/crypto/ossl.h"

#include <sodium.h>
#include <string.h>

enum {
	HEADER = 20,
	AUTHENTICATOR = 16,
	AT_AUTHENTICATOR = 4,
	MAC_ATTRIBUTE = 2 + AUTHENTICATOR,

	CODE_DISCONNECT = 40,
	CODE_ACK = 41,
	CODE_NAK = 42,
	CODE_COA = 43, /* its ACK and NAK follow it as those do */
};

enum attribute {
	USER_NAME = 1,
	NAS_PORT = 5,
	ACCT_SESSION_ID = 44,
	EVENT_TIMESTAMP = 55,
	MESSAGE_AUTHENTICATOR = 80,
	ERROR_CAUSE = 101,
};

/* A packet that is being made, or has been read. */
struct packet {
	uint8_t *octets;
	size_t len;
	size_t mac_at; /* of Message-Authenticator's value; 0: there is none */
};

/* RFC 2865 3: MD5 over the packet, with its secret behind. */
static enum error
md5(const struct packet *p, const struct secret *secret,
    uint8_t ret[AUTHENTICATOR])
{
	uint8_t all[DYNAUTH_MAX + 256];
	size_t n = 0;
	int ok;

	if (secret->len > 256)
		return ERR_INPUT;
	memcpy(all, p->octets, p->len);
	memcpy(all + p->len, secret->bytes, secret->len);
	ok = EVP_Q_digest(
	    ossl_context(), "MD5", NULL, all, p->len + secret->len, ret, &n);
	sodium_memzero(all, sizeof all);
	return ok == 1 && n == AUTHENTICATOR ? ERR_OK : ERR_NOMEM;
}

/* RFC 2869 5.14: HMAC-MD5 over the packet, its own value being zero. */
static enum error
hmac(const struct packet *p, const struct secret *secret,
    uint8_t ret[AUTHENTICATOR])
{
	uint8_t all[DYNAUTH_MAX];
	size_t n = 0;

	memcpy(all, p->octets, p->len);
	memset(all + p->mac_at, 0, AUTHENTICATOR);
	if (EVP_Q_mac(ossl_context(), "HMAC", NULL, "MD5", NULL, secret->bytes,
		secret->len, all, p->len, ret, AUTHENTICATOR, &n) == NULL ||
	    n != AUTHENTICATOR)
		return ERR_NOMEM;
	return ERR_OK;
}

enum error
dynauth_init(void)
{
	static uint8_t octets[HEADER];
	struct packet p = {.octets = octets, .len = HEADER, .mac_at = 4};
	uint8_t sum[AUTHENTICATOR];
	struct secret *secret = NULL;
	enum error err;

	if (ossl_context() == NULL)
		return ERR_NOMEM;
	err = secret_copy("-", 1, &secret);
	if (err == ERR_OK)
		err = md5(&p, secret, sum);
	if (err == ERR_OK)
		err = hmac(&p, secret, sum);
	secret_free(&secret);
	return err;
}

static void
begin(struct packet *p, uint8_t *octets, uint8_t code, uint8_t id)
{
	static const uint8_t head[2] = {MESSAGE_AUTHENTICATOR, MAC_ATTRIBUTE};

	p->octets = octets;
	memset(octets, 0, HEADER + MAC_ATTRIBUTE);
	octets[0] = code;
	octets[1] = id;
	memcpy(octets + HEADER, head, sizeof head);
	p->mac_at = HEADER + 2;
	p->len = HEADER + MAC_ATTRIBUTE;
}

static void
put(struct packet *p, enum attribute number, const void *value, size_t len)
{
	p->octets[p->len] = (uint8_t)number;
	p->octets[p->len + 1] = (uint8_t)(len + 2);
	memcpy(p->octets + p->len + 2, value, len);
	p->len += len + 2;
}

static void
put_number(struct packet *p, enum attribute number, uint32_t value)
{
	const uint8_t octets[4] = {(uint8_t)(value >> 24),
	    (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	put(p, number, octets, sizeof octets);
}

/* Length, Message-Authenticator, and over both the Authenticator. */
static enum error
finish(struct packet *p, const struct secret *secret)
{
	uint8_t sum[AUTHENTICATOR];
	enum error err;

	p->octets[2] = (uint8_t)(p->len >> 8);
	p->octets[3] = (uint8_t)p->len;
	err = hmac(p, secret, sum);
	if (err != ERR_OK)
		return err;
	memcpy(p->octets + p->mac_at, sum, sizeof sum);
	err = md5(p, secret, sum);
	if (err == ERR_OK)
		memcpy(p->octets + AT_AUTHENTICATOR, sum, sizeof sum);
	return err;
}

enum error
dynauth_encode(const struct dynauth_request *r, const struct secret *secret,
    uint8_t id, uint8_t ret_octets[DYNAUTH_MAX], size_t *ret_len)
{
	struct packet p;
	enum error err;

	if (r->user_len > DYNAUTH_VALUE || r->session_len > DYNAUTH_VALUE ||
	    r->session_len == 0 || r->changes_len > DYNAUTH_CHANGES)
		return ERR_INPUT;
	/* zero where the Request Authenticator goes: RFC 5176 2.3 and 3 */
	begin(&p, ret_octets, r->changes_len > 0 ? CODE_COA : CODE_DISCONNECT,
	    id);
	if (r->user_len > 0)
		put(&p, USER_NAME, r->user, r->user_len);
	if (r->has_nas_port)
		put_number(&p, NAS_PORT, r->nas_port);
	put(&p, ACCT_SESSION_ID, r->session, r->session_len);
	if (r->event_time != 0)
		put_number(&p, EVENT_TIMESTAMP, r->event_time);
	if (r->changes_len > 0)
		memcpy(ret_octets + p.len, r->changes, r->changes_len);
	p.len += r->changes_len;
	err = finish(&p, secret);
	if (err == ERR_OK)
		*ret_len = p.len;
	return err;
}

static uint32_t
number_of(const uint8_t *value)
{
	return (uint32_t)value[0] << 24 | (uint32_t)value[1] << 16 |
	       (uint32_t)value[2] << 8 | value[3];
}

/* What of the attributes this file knows, request or answer. */
struct read {
	struct dynauth_request request;
	uint32_t cause;
};

/* A value that stands once. */
static enum error
take_octets(const uint8_t *value, size_t len, uint8_t *ret, size_t *ret_len)
{
	if (*ret_len != 0 || len == 0)
		return ERR_INPUT;
	memcpy(ret, value, len);
	*ret_len = len;
	return ERR_OK;
}

static enum error
take(struct packet *p, uint8_t number, const uint8_t *value, size_t len,
    struct read *r)
{
	switch ((enum attribute)number) {
	case USER_NAME:
		return take_octets(
		    value, len, r->request.user, &r->request.user_len);
	case ACCT_SESSION_ID:
		return take_octets(
		    value, len, r->request.session, &r->request.session_len);
	case NAS_PORT:
		if (len != 4 || r->request.has_nas_port)
			return ERR_INPUT;
		r->request.has_nas_port = true;
		r->request.nas_port = number_of(value);
		return ERR_OK;
	case EVENT_TIMESTAMP:
		if (len != 4 || r->request.event_time != 0)
			return ERR_INPUT;
		r->request.event_time = number_of(value);
		return ERR_OK;
	case ERROR_CAUSE:
		if (len != 4)
			return ERR_INPUT;
		r->cause = number_of(value);
		return ERR_OK;
	case MESSAGE_AUTHENTICATOR:
		if (len != AUTHENTICATOR || p->mac_at != 0)
			return ERR_INPUT;
		p->mac_at = (size_t)(value - p->octets);
		return ERR_OK;
	}
	return ERR_OK; /* any other */
}

/*
 * Copies one packet, cuts what follows it (RFC 2865 3: padding) and reads its
 * attributes. Nothing is proven yet.
 */
static enum error
parse(const uint8_t *octets, size_t len, uint8_t copy[DYNAUTH_MAX],
    struct packet *p, struct read *r)
{
	enum error err = ERR_OK;
	size_t at = HEADER;

	memset(r, 0, sizeof *r);
	if (len < HEADER)
		return ERR_INPUT;
	p->octets = copy;
	p->len = (size_t)octets[2] << 8 | octets[3];
	p->mac_at = 0;
	if (p->len < HEADER || p->len > len || p->len > DYNAUTH_MAX)
		return ERR_INPUT;
	memcpy(copy, octets, p->len);
	while (at < p->len && err == ERR_OK) {
		size_t size = p->len - at >= 2 ? copy[at + 1] : 0;

		if (size < 2 || size > p->len - at)
			return ERR_INPUT;
		err = take(p, copy[at], copy + at + 2, size - 2, r);
		at += size;
	}
	return err;
}

/*
 * The packet has its own Authenticator; in its place stands, for both sums,
 * what stands there by RFC 5176: zeros, or the request's.
 */
static enum error
verify(struct packet *p, const uint8_t authenticator[AUTHENTICATOR],
    const struct secret *secret)
{
	uint8_t own[AUTHENTICATOR], sum[AUTHENTICATOR];
	enum error err;

	memcpy(own, p->octets + AT_AUTHENTICATOR, sizeof own);
	memcpy(p->octets + AT_AUTHENTICATOR, authenticator, AUTHENTICATOR);
	err = md5(p, secret, sum);
	if (err == ERR_OK && sodium_memcmp(sum, own, sizeof sum) != 0)
		err = ERR_CRYPTO;
	if (err != ERR_OK || p->mac_at == 0)
		return err;
	err = hmac(p, secret, sum);
	if (err == ERR_OK &&
	    sodium_memcmp(sum, p->octets + p->mac_at, sizeof sum) != 0)
		err = ERR_CRYPTO;
	return err;
}

enum error
dynauth_decode(const uint8_t *octets, size_t len, const struct secret *secret,
    struct dynauth_request *ret_request)
{
	static const uint8_t zero[AUTHENTICATOR];
	uint8_t copy[DYNAUTH_MAX];
	struct packet p;
	struct read r;
	enum error err;

	err = parse(octets, len, copy, &p, &r);
	if (err == ERR_OK && octets[0] != CODE_DISCONNECT)
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = verify(&p, zero, secret);
	if (err == ERR_OK && p.mac_at == 0)
		err = ERR_CRYPTO;
	if (err == ERR_OK && r.request.session_len == 0)
		err = ERR_INPUT;
	if (err == ERR_OK)
		*ret_request = r.request;
	return err;
}

enum error
dynauth_encode_answer(const struct dynauth_answer *answer,
    const uint8_t *request, const struct secret *secret,
    uint8_t ret_octets[DYNAUTH_MAX], size_t *ret_len)
{
	struct packet p;
	enum error err;

	begin(&p, ret_octets, answer->ack ? CODE_ACK : CODE_NAK, request[1]);
	memcpy(ret_octets + AT_AUTHENTICATOR, request + AT_AUTHENTICATOR,
	    AUTHENTICATOR);
	if (answer->cause != 0)
		put_number(&p, ERROR_CAUSE, answer->cause);
	err = finish(&p, secret);
	if (err == ERR_OK)
		*ret_len = p.len;
	return err;
}

enum error
dynauth_decode_answer(const uint8_t *octets, size_t len, const uint8_t *request,
    const struct secret *secret, struct dynauth_answer *ret_answer)
{
	uint8_t copy[DYNAUTH_MAX];
	struct packet p;
	struct read r;
	enum error err;

	err = parse(octets, len, copy, &p, &r);
	if (err == ERR_OK &&
	    (octets[1] != request[1] ||
		(octets[0] != request[0] + 1 && octets[0] != request[0] + 2)))
		err = ERR_INPUT;
	if (err == ERR_OK)
		err = verify(&p, request + AT_AUTHENTICATOR, secret);
	if (err != ERR_OK)
		return err;
	ret_answer->ack = octets[0] == request[0] + 1;
	ret_answer->cause = r.cause;
	return ERR_OK;
}
