/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oneline.h - a certificate's name as X509_NAME_oneline(3) writes it, which is
 * all that FreeRADIUS tells of an issuer. It is not reversible and two names
 * may look alike: it finds a certificate together with a serial number, under
 * an anchor that is trusted; it never says that something is genuine.
 */
#ifndef SEKISHO_CRYPTO_ONELINE_H
#define SEKISHO_CRYPTO_ONELINE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the subject of this certificate (DER) is written so. */
bool oneline_is_subject(const void *certificate, size_t certificate_len,
    const void *text, size_t len);

#endif
