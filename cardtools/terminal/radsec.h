/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radsec.h - RADIUS over TLS (RFC 6614) as a client: packets go to a server
 * that has proved its name, from a terminal that has proved its own. What
 * they say is packet.h's business. OpenSSL stays in radsec.c.
 */
#ifndef SEKISHO_TERMINAL_RADSEC_H
#define SEKISHO_TERMINAL_RADSEC_H

#include <stddef.h>
#include <stdint.h>

#include "cardtools/terminal/settings.h"

struct radsec;	    /* the CA, the terminal's certificate and its key */
struct radsec_line; /* a connection */

/* How long one waits: until a moment of clock_ms, or until watched closes. */
struct radsec_wait {
	int64_t until;
	int watched;
};

/*
 * Reads the files that the settings name, as who may read the key: call it
 * before rights are dropped. The key must belong to root or the caller and
 * be readable by nobody else. Otherwise one line in message. SIGPIPE is
 * ignored from then on.
 */
MUST_CHECK enum error radsec_new(const struct settings *settings,
    struct radsec **ret_radsec, char message[CONF_MESSAGE]);

void radsec_free(struct radsec **radsec);

/* Why the last call failed, in words for a log. */
const char *radsec_fault(void);

/*
 * ERR_TIMEOUT: time is over. ERR_CLOSED: nobody waits for it any more.
 * ERR_CRYPTO: the server is not the one it should be. Others: not reached.
 */
MUST_CHECK enum error radsec_open(const struct radsec *radsec,
    const struct server *server, const struct radsec_wait *wait,
    struct radsec_line **ret_line);

MUST_CHECK enum error radsec_send(struct radsec_line *line,
    const unsigned char *octets, size_t len, const struct radsec_wait *wait);

/* One packet, by its own length. ERR_INPUT: it cannot be one. */
MUST_CHECK enum error radsec_receive(struct radsec_line *line,
    unsigned char *octets, size_t cap, size_t *ret_len,
    const struct radsec_wait *wait);

void radsec_close(struct radsec_line **line);

#endif
