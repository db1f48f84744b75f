/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radius.h - as much of a RADIUS client as a load needs (RFC 2865, 2869),
 * written apart from FreeRADIUS and the plugin, so that what they send is
 * checked by other code than made it.
 */
#ifndef SEKISHO_BENCH_RADIUS_H
#define SEKISHO_BENCH_RADIUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	RADIUS_MAX = 4096,
	RADIUS_AUTHENTICATOR = 16,
	RADIUS_STATE_MAX = 253,
	RADIUS_PASSWORD_MAX = 128,
	RADIUS_VENDOR = 20,
};

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
};

/* One shared secret and the digests keyed with it. Not for several threads. */
struct radius;

MUST_CHECK enum error radius_new(
    const void *secret, size_t len, struct radius **ret_radius);
void radius_free(struct radius **radius);

struct radius_request {
	uint8_t id;
	uint8_t authenticator[RADIUS_AUTHENTICATOR]; /* random, the caller's */
	const char *user_name;
	const char *password; /* at most RADIUS_PASSWORD_MAX octets, or NULL */
	const void *state;    /* NULL: none */
	size_t state_len;
	const uint8_t *extra; /* further attributes, encoded */
	size_t extra_len;
};

/* Appends one of our vendor's to out, which has the room for it. */
uint8_t *radius_put_vendor(
    uint8_t *out, uint8_t number, const void *value, size_t len);

/* An Access-Request with Message-Authenticator as its first attribute. */
MUST_CHECK enum error radius_encode(struct radius *radius,
    const struct radius_request *request, uint8_t ret_packet[RADIUS_MAX],
    size_t *ret_len);

/* An Accounting-Request about one session (RFC 2866); ret_authenticator is what
 * its answer will prove. */
struct radius_account {
	uint8_t id;
	const char *user_name, *session;
	uint32_t status, seconds, octets;
};

MUST_CHECK enum error radius_encode_account(struct radius *radius,
    const struct radius_account *account, uint8_t ret_packet[RADIUS_MAX],
    size_t *ret_len, uint8_t ret_authenticator[RADIUS_AUTHENTICATOR]);

struct radius_reply {
	uint8_t code;
	bool authentic;	   /* Response Authenticator is right */
	bool ma_present;   /* Message-Authenticator is there ... */
	bool ma_authentic; /* ... and right ... */
	bool ma_first;	   /* ... and the first attribute */
	uint8_t state[RADIUS_STATE_MAX];
	size_t state_len;
	struct {
		const uint8_t *value; /* into the packet; NULL: not there */
		size_t len;
	} vendor[RADIUS_VENDOR]; /* our vendor's, by number */
};

/* ERR_INPUT for what is no well-formed reply; all else is in ret_reply. */
MUST_CHECK enum error radius_decode(struct radius *radius,
    const uint8_t authenticator[RADIUS_AUTHENTICATOR], const uint8_t *packet,
    size_t len, struct radius_reply *ret_reply);

#endif
