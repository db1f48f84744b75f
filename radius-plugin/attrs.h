/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attrs.h - FreeRADIUS's value pairs to the neutral attributes of
 * translate.h, and back.
 */
#ifndef SEKISHO_RADIUS_ATTRS_H
#define SEKISHO_RADIUS_ATTRS_H

#include <stdbool.h>

#include "radius-plugin/server.h"
#include "radius-plugin/translate.h"

/*
 * The attributes of a request that concern us. Inside an EAP tunnel the
 * user wrote the inner ones: from there come name, credential and State
 * only; what describes terminal and packet comes from the outer request.
 * They point into the request's own pairs and into arena.
 */
MUST_CHECK enum error attrs_collect(REQUEST *request, struct arena *arena,
    struct attribute **ret_attrs, size_t *ret_n);

/* The same of an Accounting-Request: what translate_account reads. */
MUST_CHECK enum error attrs_collect_account(REQUEST *request,
    struct arena *arena, struct attribute **ret_attrs, size_t *ret_n);

/* The virtual server that rlm_eap_tls asks about a certificate (radiusd.conf).
 */
#define ATTRS_TLS_SERVER "sekisho_tls"

/* Whether this is its request: a name, and a certificate that was verified. */
bool attrs_of_certificate(const REQUEST *request);

bool attrs_present(REQUEST *request, unsigned number);

/* It came over TLS, which nobody between can alter (RFC 6614). */
bool attrs_over_tls(const REQUEST *outer);

/*
 * A packet that came with Proxy-State, in which a forger of answers hides
 * his collision, but without Message-Authenticator, which would stop him
 * (CVE-2024-3596). It gets no answer.
 */
bool attrs_forgeable(REQUEST *request);

/* Adds the attributes to the reply: all of them or none. */
MUST_CHECK enum error attrs_reply(REQUEST *request, const struct reply *reply);

/* Class of the accept that carries this one; NULL: none. */
const VALUE_PAIR *attrs_class(const REQUEST *request);

/* Makes the reply an Access-Reject with EAP-Failure and nothing else. */
MUST_CHECK enum error attrs_eap_reject(REQUEST *request);

/* What is granted anew, in the place of what a TLS session remembered. */
MUST_CHECK enum error attrs_regrant(
    REQUEST *request, const struct reply *reply);

/*
 * Makes Message-Authenticator the first attribute of the reply, as the
 * defence against CVE-2024-3596 asks; the encoder computes its value.
 */
MUST_CHECK enum error attrs_authenticator_first(REQUEST *request);

/* Wipes the passwords that FreeRADIUS decoded. */
void attrs_wipe(REQUEST *request);

/* The request that came over the network, also from inside a tunnel. */
REQUEST *attrs_outermost(REQUEST *request);

#endif
