/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ca.h - the process that has the card CA's token. A vendor's PKCS#11 module
 * is foreign code, so it runs where no other secret is: no database, no
 * keyring, one socket to the clerk. It signs digests; what they are of is the
 * clerk's affair.
 */
#ifndef SEKISHO_AUTHD_CA_H
#define SEKISHO_AUTHD_CA_H

#include "authd/config.h"

/* Serves the clerk until told to end. Returns the exit code. */
int ca_main(const struct config *config, int fd);

#endif
