/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authd_client.h - one question to authd on a connection of its own. No
 * state is kept between questions, so any number of threads may ask.
 */
#ifndef SEKISHO_RADIUS_AUTHD_CLIENT_H
#define SEKISHO_RADIUS_AUTHD_CLIENT_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/wire/message.h"

struct authd_limits {
	int connect_ms; /* at most this for connecting */
	int total_ms;	/* at most this for everything */
};

/* The answer lies in the arena. ERR_INPUT if it is not of the kind expected. */
MUST_CHECK enum error authd_ask(const char *socket,
    const struct authd_limits *limits, const struct message *question,
    enum message_kind expected, struct arena *arena,
    struct message *ret_answer);

#endif
