/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clients.h - RADIUS clients as the database knows them. FreeRADIUS asks for
 * an unknown address by running a virtual server ("dynamic clients"); it
 * does so in its only receiving thread, so answers are bounded in time.
 */
#ifndef SEKISHO_RADIUS_CLIENTS_H
#define SEKISHO_RADIUS_CLIENTS_H

#include <stdbool.h>

#include "radius-plugin/instance.h"
#include "radius-plugin/server.h"
#include "radius-plugin/translate.h"

/* Memory belongs to ctx. */
MUST_CHECK enum error clients_new(void *ctx, struct clients **ret_clients);

/* Wipes the secrets and lets the memory go. */
void clients_close(struct clients *clients);

/* True for FreeRADIUS's question about an address, false for a packet. */
bool clients_is_lookup(const REQUEST *request);

/* Answers it. */
rlm_rcode_t clients_lookup(struct instance *inst, REQUEST *request);

/*
 * Whose packet this is: over UDP by its address and secret, as FreeRADIUS
 * found it; over TLS by its certificate and address, as authd says.
 * ERR_NOTFOUND for a client that is not of ours.
 */
MUST_CHECK enum error clients_origin(
    const struct instance *inst, REQUEST *request, struct origin *ret_origin);

/*
 * Is authd there, and is this still its client? For Status-Server
 * (RFC 5997): a server that cannot decide a login must not say it is well.
 */
MUST_CHECK enum error clients_confirm(struct instance *inst, REQUEST *request);

/* authd answered this client under its present version: keep it cached. */
void clients_renew(REQUEST *request);

#endif
