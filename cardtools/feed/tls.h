/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls.h - the side of TLS that listens, with a certificate on both sides; the
 * only file of the feed that knows OpenSSL. No call waits: ERR_BUSY says that
 * the socket must be ready first, tls_events for what.
 */
#ifndef SEKISHO_FEED_TLS_H
#define SEKISHO_FEED_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/conf.h"

struct tls;
struct tls_line;

/*
 * Certificates and key in PEM; the key's file must be nobody else's. peers
 * are the names, separated by commas, of which a client's certificate must
 * have one as a DNS name of its subjectAltName, whole.
 */
MUST_CHECK enum error tls_new(const char *ca, const char *certificate,
    const char *key, const char *peers, struct tls **ret_tls,
    char message[CONF_MESSAGE]);
void tls_free(struct tls **tls);

/* On a socket that does not block; it stays the caller's. */
MUST_CHECK enum error tls_begin(
    struct tls *tls, int fd, struct tls_line **ret_line);
/* ERR_OK: the client has proven its name. ERR_CRYPTO: it could not. */
MUST_CHECK enum error tls_handshake(struct tls_line *line);
/* ERR_CLOSED: there will be no more. */
MUST_CHECK enum error tls_read(
    struct tls_line *line, char *octets, size_t size, size_t *ret_len);
/* All or nothing; after ERR_BUSY the same again. */
MUST_CHECK enum error tls_write(
    struct tls_line *line, const char *octets, size_t len);
/* For poll(2). */
short tls_events(const struct tls_line *line);
/* Octets that were received already: poll(2) would not tell. */
bool tls_pending(const struct tls_line *line);
void tls_end(struct tls_line **line);

/* Why the last call failed, for the log. */
const char *tls_fault(void);

#endif
