/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * radius.h - asks the servers, one after the other, until one answers.
 * Silence of all is ERR_TIMEOUT and never anything else.
 */
#ifndef SEKISHO_TERMINAL_RADIUS_H
#define SEKISHO_TERMINAL_RADIUS_H

#include "cardtools/terminal/packet.h"
#include "cardtools/terminal/radsec.h"
#include "cardtools/terminal/settings.h"

struct radius {
	const struct settings *settings;
	const struct secret *secret;
	const struct radsec *radsec; /* NULL: over UDP */
	size_t first;		     /* the server that answered last */
	int watched; /* a descriptor whose closing ends the waiting */
};

/* What proves the terminal to its servers; read before rights are dropped. */
MUST_CHECK enum error radius_secrets(const struct settings *settings,
    struct secret **ret_secret, struct radsec **ret_radsec,
    char message[CONF_MESSAGE]);

/* ERR_CLOSED when who waits for us is gone. */
MUST_CHECK enum error radius_exchange(struct radius *radius,
    const struct radius_request *request, struct radius_reply *ret_reply);

#endif
