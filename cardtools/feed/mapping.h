/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mapping.h - a line of the controller becomes an event of ours, as the
 * configuration says. What cannot be mapped is an event as well, with the
 * reason and what was received: it is kept, and makes no presence. Pure.
 */
#ifndef SEKISHO_FEED_MAPPING_H
#define SEKISHO_FEED_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "cardtools/feed/feedconf.h"
#include "cardtools/feed/record.h"

enum {
	EVENT_ID_MAX = 128,
	EVENT_RAW_MAX = 1000,
	EVENT_TEXT_MAX = 255,
};

enum mapped {
	MAPPED_EVENT,	  /* to be sent */
	MAPPED_NOTHING,	  /* ignored as configured; an empty line, a header */
	MAPPED_HEARTBEAT, /* nothing happened, but the source lives */
};

/* Texts are "" where there is none. */
struct event {
	char id[EVENT_ID_MAX + 1];
	char kind[16];
	double at;
	char door[EVENT_TEXT_MAX + 1];
	enum feed_person person_form; /* a badge is hexadecimal by now */
	char person[EVENT_TEXT_MAX + 1];
	char method[16];
	bool has_seq;
	int64_t seq;
	const char *why; /* NULL if it could be mapped */
	char raw[EVENT_RAW_MAX + 1];
};

/* One line as it came in. */
struct line {
	const char *text;
	size_t len;
	bool too_long; /* text is its beginning */
	/*
	 * Where it stood, for lines that have no name of their own: two equal
	 * lines of a file are two events. "" on a stream, where the position is
	 * another when the sender repeats, and an equal line is a repetition.
	 */
	char place[80];
};

/* now: for what has no time of its own. */
enum mapped mapping_event(const struct feedconf *conf, const struct line *line,
    double now, struct event *ret_event);

/*
 * The event as the database takes it when it did not take it as it was: a
 * name of its own, nothing but the reason and what was received.
 */
void mapping_refused(struct event *event, double now);

#endif
