/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crl.h - the list of certificates of our CA that do not count any more. */
#ifndef SEKISHO_AUTHD_CRL_H
#define SEKISHO_AUTHD_CRL_H

#include "authd/duty.h"

/*
 * Makes one if it is due: for the clerk that has the CA. ERR_CLOSED if the CA
 * is away; what else fails has been logged.
 */
MUST_CHECK enum error crl_make(struct duty *duty);

/*
 * Where it is published on this node: a folder, opened before the clerk locks
 * itself in. Every node's clerk keeps it up to date.
 */
struct crl_shelf {
	int folder;	/* -1: nowhere */
	int64_t number; /* of the CRL that lies there; -1: not known */
};

/* ERR_SYSTEM if it cannot be opened. An empty path is nowhere. */
MUST_CHECK enum error crl_shelf_open(
    const char *path, struct crl_shelf *ret_shelf);

/*
 * Puts there, each whole or not at all: card.crl (DER, for web servers) and
 * card.pem (our CA's certificate and the CRL, for FreeRADIUS's ca_file).
 */
void crl_publish(struct duty *duty, struct crl_shelf *shelf);

#endif
