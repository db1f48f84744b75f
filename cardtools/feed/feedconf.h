/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feedconf.h - doorfeed.conf(5): one source, where its lines come from, and
 * how they are to be understood.
 */
#ifndef SEKISHO_FEED_FEEDCONF_H
#define SEKISHO_FEED_FEEDCONF_H

#include <stdbool.h>

#include "common/base/conf.h"

enum feed_input { FEED_STDIN, FEED_FILE, FEED_TLS };
enum feed_format { FEED_JSON, FEED_CSV, FEED_SYSLOG };
/* How a line tells who it was. */
enum feed_person { FEED_LOGIN, FEED_BADGE, FEED_BADGE_DECIMAL, FEED_CARD };

struct feedconf {
	char *source;
	char *connect; /* libpq connection string */

	char *input_word, *path, *listen, *ca, *certificate, *key, *peers;
	bool acknowledge;
	enum feed_input input;

	char *format_word, *separator, *columns;
	enum feed_format format;

	/* names of fields, several joined by + */
	char *event, *time, *door, *person, *kind, *seq, *method;
	char *time_format, *time_zone, *person_word;
	enum feed_person person_form;
	int badge_octets;
	bool badge_reversed;
	struct conf_pairs doors, kinds, methods;
	char *heartbeat_event;
};

/*
 * conf is zeroed by the caller, and cleared by it even after a failure. Also
 * sets the time zone of stamp.h.
 */
MUST_CHECK enum error feedconf_read(
    const char *path, struct feedconf *conf, char message[CONF_MESSAGE]);
/* The same from memory, for tests. */
MUST_CHECK enum error feedconf_read_text(
    const char *text, struct feedconf *conf, char message[CONF_MESSAGE]);
void feedconf_clear(struct feedconf *conf);

#endif
