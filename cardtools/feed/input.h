/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input.h - where lines come from. All three do the same: they give lines
 * one by one, read no further than they are asked, say whether their source
 * is alive, and are told when what they gave has been committed.
 */
#ifndef SEKISHO_FEED_INPUT_H
#define SEKISHO_FEED_INPUT_H

#include <stdbool.h>

#include "cardtools/feed/feedconf.h"
#include "cardtools/feed/mapping.h"

enum { CURSOR_MAX = 4096 };

struct input;

struct input_kind {
	/* Until it may give lines; at most timeout_ms. */
	void (*attend)(struct input *input, int timeout_ms);
	bool (*alive)(const struct input *input);
	/* Where the database says that it was; before the first next. */
	enum error (*start)(struct input *input, const char *cursor);
	/*
	 * ERR_TIMEOUT: none within timeout_ms. ERR_CLOSED: never again. The
	 * line is there until the next call.
	 */
	enum error (*next)(
	    struct input *input, int timeout_ms, struct line *ret_line);
	/*
	 * Behind the last line that next gave; "" if it has no place. Up to
	 * here the next committed() speaks, also if more lines were given
	 * before it. Whether ERR_OK or not.
	 */
	enum error (*cursor)(struct input *input, char ret_cursor[CURSOR_MAX]);
	/* All that next gave before the last cursor() is in the database. */
	void (*committed)(struct input *input);
	void (*close)(struct input **input);
};

/* What each of them begins with. */
struct input {
	const struct input_kind *kind;
};

/* message says why not, as one line. Closed with (*input)->kind->close. */
MUST_CHECK enum error input_stdin(
    const struct feedconf *conf, struct input **ret_input);
MUST_CHECK enum error input_file(
    const struct feedconf *conf, struct input **ret_input);
/* check: as far as it goes without listening, which another may do already. */
MUST_CHECK enum error input_tls(const struct feedconf *conf, bool check,
    struct input **ret_input, char message[CONF_MESSAGE]);

#endif
