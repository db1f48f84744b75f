/* SPDX-License-Identifier: GPL-2.0-or-later */
/* issuer.h - what is shown of those who certify keys, our own CA and others. */
#ifndef SEKISHO_CARDTOOLS_ISSUER_H
#define SEKISHO_CARDTOOLS_ISSUER_H

#include <jansson.h>

#include "cardtools/command.h"

/* The issuer as issuer_show() of the database answers it. */
enum status issuer_answer(const struct call *call, const json_t *issuer);

/* Its CRL as PEM into the file, or on standard output if path is NULL. */
enum status issuer_write_crl(
    const struct call *call, const json_t *issuer, const char *path);

/*
 * The certificates of all in issuer_list() whose certificates count, as PEM,
 * each under its name: what FreeRADIUS trusts (make-raddb --eap-ca).
 */
enum status issuer_write_anchors(
    struct call *call, const json_t *list, const char *path);

/* A field in base64; caller frees *ret_der. Says what is wrong. */
enum status issuer_octets(const json_t *issuer, const char *name,
    unsigned char **ret_der, size_t *ret_len);

#endif
