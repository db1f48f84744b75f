/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate.h - EAP-TLS (RFC 5216, RFC 9190): FreeRADIUS has verified path,
 * time, use and possession of the key, and names the certificate by issuer and
 * serial number. What it is worth here is what was recorded of that very
 * certificate at issue or bind: an unknown one of a known key is unknown.
 */
#ifndef SEKISHO_AUTHD_CERTIFICATE_H
#define SEKISHO_AUTHD_CERTIFICATE_H

#include "authd/store.h"
#include "authd/worker.h"
#include "common/wire/message.h"

/* Which it is. *ret_found is false, and ret is empty, if there is none. */
MUST_CHECK enum error certificate_find(const struct worker *w,
    const Sekisho__AuthRequest *request, struct store_certificate *ret,
    bool *ret_found);

#endif
