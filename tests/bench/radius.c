/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/radius.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER = 20,
	USER_NAME = 1,
	USER_PASSWORD = 2,
	STATE = 24,
	VENDOR_SPECIFIC = 26,
	VENDOR_SEKISHO = 32473,
	MESSAGE_AUTHENTICATOR = 80,
	MD5 = 16,
};

struct radius {
	EVP_MD *md5;
	EVP_MD_CTX *digest;
	EVP_MAC *mac;
	EVP_MAC_CTX *hmac; /* keyed with the secret */
	size_t len;
	unsigned char secret[256];
};

enum error
radius_new(const void *secret, size_t len, struct radius **ret_radius)
{
	char name[] = "MD5";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
	    OSSL_PARAM_construct_end()};
	struct radius *r;

	if (len == 0 || len > sizeof r->secret)
		return ERR_INPUT;
	r = calloc(1, sizeof *r);
	if (r == NULL)
		return ERR_NOMEM;
	memcpy(r->secret, secret, len);
	r->len = len;
	r->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	r->digest = EVP_MD_CTX_new();
	r->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (r->mac != NULL)
		r->hmac = EVP_MAC_CTX_new(r->mac);
	if (r->md5 == NULL || r->digest == NULL || r->hmac == NULL ||
	    EVP_MAC_init(r->hmac, r->secret, len, params) != 1) {
		radius_free(&r);
		return ERR_CRYPTO;
	}
	*ret_radius = r;
	return ERR_OK;
}

void
radius_free(struct radius **radius)
{
	struct radius *r;

	if (radius == NULL || *radius == NULL)
		return;
	r = *radius;
	EVP_MAC_CTX_free(r->hmac);
	EVP_MAC_free(r->mac);
	EVP_MD_CTX_free(r->digest);
	EVP_MD_free(r->md5);
	OPENSSL_cleanse(r, sizeof *r);
	free(r);
	*radius = NULL;
}

/* MD5 of first, then second. */
static bool
md5(struct radius *r, const void *first, size_t first_len, const void *second,
    size_t second_len, uint8_t ret_digest[MD5])
{
	return EVP_DigestInit_ex2(r->digest, r->md5, NULL) == 1 &&
	       EVP_DigestUpdate(r->digest, first, first_len) == 1 &&
	       EVP_DigestUpdate(r->digest, second, second_len) == 1 &&
	       EVP_DigestFinal_ex(r->digest, ret_digest, NULL) == 1;
}

static bool
hmac(struct radius *r, const void *bytes, size_t len, uint8_t ret_mac[MD5])
{
	size_t n;

	return EVP_MAC_init(r->hmac, NULL, 0, NULL) == 1 &&
	       EVP_MAC_update(r->hmac, bytes, len) == 1 &&
	       EVP_MAC_final(r->hmac, ret_mac, &n, MD5) == 1 && n == MD5;
}

static uint8_t *
put(uint8_t *out, uint8_t type, const void *value, size_t len)
{
	out[0] = type;
	out[1] = (uint8_t)(len + 2);
	memcpy(out + 2, value, len);
	return out + 2 + len;
}

/* RFC 2865 5.2: each 16 octets, padded with NULs, are masked by a digest. */
static bool
hide(struct radius *r, const struct radius_request *request,
    uint8_t ret_hidden[RADIUS_PASSWORD_MAX], size_t *ret_len)
{
	const uint8_t *previous = request->authenticator;
	size_t len = strlen(request->password);
	size_t padded = len == 0 ? MD5 : (len + MD5 - 1) / MD5 * MD5;
	size_t at, i;

	if (padded > RADIUS_PASSWORD_MAX)
		return false;
	memset(ret_hidden, 0, padded);
	memcpy(ret_hidden, request->password, len);
	for (at = 0; at < padded; at += MD5) {
		uint8_t mask[MD5];

		if (!md5(r, r->secret, r->len, previous, MD5, mask))
			return false;
		for (i = 0; i < MD5; i++)
			ret_hidden[at + i] ^= mask[i];
		previous = ret_hidden + at;
	}
	*ret_len = padded;
	return true;
}

uint8_t *
radius_put_vendor(uint8_t *out, uint8_t number, const void *value, size_t len)
{
	static const uint8_t head[] = {VENDOR_SPECIFIC, 0, 0, 0,
	    VENDOR_SEKISHO >> 8, VENDOR_SEKISHO & 0xff};

	memcpy(out, head, sizeof head);
	out[1] = (uint8_t)(sizeof head + 2 + len);
	return put(out + sizeof head, number, value, len);
}

enum error
radius_encode(struct radius *r, const struct radius_request *request,
    uint8_t ret_packet[RADIUS_MAX], size_t *ret_len)
{
	static const uint8_t zero[MD5];
	uint8_t hidden[RADIUS_PASSWORD_MAX], *end;
	size_t name_len = strlen(request->user_name), hidden_len = 0, len;

	if (name_len == 0 || name_len > 253 ||
	    request->state_len > RADIUS_STATE_MAX ||
	    request->extra_len > RADIUS_MAX / 2 ||
	    (request->password != NULL &&
		!hide(r, request, hidden, &hidden_len)))
		return ERR_INPUT;
	end = put(ret_packet + HEADER, MESSAGE_AUTHENTICATOR, zero, MD5);
	end = put(end, USER_NAME, request->user_name, name_len);
	if (request->password != NULL)
		end = put(end, USER_PASSWORD, hidden, hidden_len);
	if (request->state != NULL)
		end = put(end, STATE, request->state, request->state_len);
	if (request->extra_len > 0)
		memcpy(end, request->extra, request->extra_len);
	end += request->extra_len;
	len = (size_t)(end - ret_packet);
	ret_packet[0] = RADIUS_ACCESS_REQUEST;
	ret_packet[1] = request->id;
	ret_packet[2] = (uint8_t)(len >> 8);
	ret_packet[3] = (uint8_t)len;
	memcpy(ret_packet + 4, request->authenticator, RADIUS_AUTHENTICATOR);
	if (!hmac(r, ret_packet, len, ret_packet + HEADER + 2))
		return ERR_CRYPTO;
	*ret_len = len;
	return ERR_OK;
}

static uint8_t *
put_number(uint8_t *out, uint8_t type, uint32_t value)
{
	const uint8_t octets[4] = {(uint8_t)(value >> 24),
	    (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

	return put(out, type, octets, sizeof octets);
}

enum error
radius_encode_account(struct radius *r, const struct radius_account *a,
    uint8_t ret_packet[RADIUS_MAX], size_t *ret_len,
    uint8_t ret_authenticator[RADIUS_AUTHENTICATOR])
{
	enum { NAS_ADDRESS = 4, STATUS = 40, SESSION = 44 };
	enum { IN = 42, OUT = 43, TIME = 46, CALLING = 31, CALLED = 30 };
	static const uint8_t nas[4] = {127, 0, 0, 1};
	size_t name_len = strlen(a->user_name), len;
	size_t session_len = strlen(a->session);
	uint8_t *end = ret_packet + HEADER;

	if (name_len == 0 || name_len > 253 || session_len == 0 ||
	    session_len > 253)
		return ERR_INPUT;
	end = put(end, USER_NAME, a->user_name, name_len);
	end = put(end, NAS_ADDRESS, nas, sizeof nas);
	end = put_number(end, STATUS, a->status);
	end = put(end, SESSION, a->session, session_len);
	end = put(end, CALLING, "00-1B-C5-04-40-A2", 17);
	end = put(end, CALLED, "00-1B-C5-04-41-A2:ward", 22);
	end = put_number(end, TIME, a->seconds);
	end = put_number(end, IN, a->octets);
	end = put_number(end, OUT, a->octets);
	len = (size_t)(end - ret_packet);
	memset(ret_packet, 0, HEADER);
	ret_packet[0] = RADIUS_ACCOUNTING_REQUEST;
	ret_packet[1] = a->id;
	ret_packet[2] = (uint8_t)(len >> 8);
	ret_packet[3] = (uint8_t)len;
	/* RFC 2866 3: over the packet with zeros there */
	if (!md5(r, ret_packet, len, r->secret, r->len, ret_authenticator))
		return ERR_CRYPTO;
	memcpy(ret_packet + 4, ret_authenticator, RADIUS_AUTHENTICATOR);
	*ret_len = len;
	return ERR_OK;
}

/* Walks the attributes; *ret_ma is where Message-Authenticator's value is. */
static enum error
read_attributes(const uint8_t *packet, size_t len, struct radius_reply *reply,
    size_t *ret_ma)
{
	size_t at, ma = 0;

	for (at = HEADER; at < len; at += packet[at + 1]) {
		size_t size = at + 2 <= len ? packet[at + 1] : 0;

		if (size < 2 || at + size > len)
			return ERR_INPUT;
		if (packet[at] == MESSAGE_AUTHENTICATOR) {
			if (size != MD5 + 2 || ma != 0)
				return ERR_INPUT;
			ma = at + 2;
		} else if (packet[at] == STATE) {
			reply->state_len = size - 2;
			memcpy(reply->state, packet + at + 2, size - 2);
		} else if (packet[at] == VENDOR_SPECIFIC && size > 8 &&
			   (packet[at + 4] << 8 | packet[at + 5]) ==
			       VENDOR_SEKISHO &&
			   packet[at + 6] < RADIUS_VENDOR) {
			reply->vendor[packet[at + 6]].value = packet + at + 8;
			reply->vendor[packet[at + 6]].len = size - 8;
		}
	}
	*ret_ma = ma;
	return ERR_OK;
}

enum error
radius_decode(struct radius *r,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR], const uint8_t *packet,
    size_t len, struct radius_reply *ret_reply)
{
	uint8_t copy[RADIUS_MAX], digest[MD5];
	struct radius_reply reply = {.code = 0};
	size_t ma = 0;
	enum error err;

	if (len < HEADER || len > RADIUS_MAX ||
	    ((size_t)packet[2] << 8 | packet[3]) != len)
		return ERR_INPUT;
	reply.code = packet[0];
	err = read_attributes(packet, len, &reply, &ma);
	if (err != ERR_OK)
		return err;
	/* Both are over the packet with the request's authenticator in it. */
	memcpy(copy, packet, len);
	memcpy(copy + 4, authenticator, RADIUS_AUTHENTICATOR);
	if (!md5(r, copy, len, r->secret, r->len, digest))
		return ERR_CRYPTO;
	reply.authentic = CRYPTO_memcmp(digest, packet + 4, MD5) == 0;
	if (ma != 0) {
		memset(copy + ma, 0, MD5);
		if (!hmac(r, copy, len, digest))
			return ERR_CRYPTO;
		reply.ma_present = true;
		reply.ma_first = ma == HEADER + 2;
		reply.ma_authentic =
		    CRYPTO_memcmp(digest, packet + ma, MD5) == 0;
	}
	*ret_reply = reply;
	return ERR_OK;
}
