/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doorconf.h - door-reader.conf(5): the readers of one door, the servers that
 * are asked, and what opens it. It holds no secret.
 */
#ifndef SEKISHO_DOOR_DOORCONF_H
#define SEKISHO_DOOR_DOORCONF_H

#include "cardtools/terminal/settings.h"
#include "common/base/conf.h"

enum { DOOR_READERS_MAX = 8, DOOR_ARGS_MAX = 32 };

struct doorconf {
	struct settings radius; /* only what settings_radius names, and files */
	struct conf_pairs readers; /* of PC/SC (a part of the name), of ours */
	struct conf_list open, refused, sensor;
	char *when_lost;
	bool lists; /* when no server answers: by the list */
	int open_timeout_ms;
	int heartbeat_s;
	char *pcsc_socket;
	char *user; /* to change to, if started as root */
};

/*
 * conf is zeroed by the caller, and cleared by it even after a failure, when
 * one line is in message.
 */
MUST_CHECK enum error doorconf_read(
    const char *path, struct doorconf *conf, char message[CONF_MESSAGE]);
/* The same from memory, for tests and the fuzzer. */
MUST_CHECK enum error doorconf_read_text(
    const char *text, struct doorconf *conf, char message[CONF_MESSAGE]);
void doorconf_clear(struct doorconf *conf);

#endif
