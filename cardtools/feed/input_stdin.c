/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cardtools/feed/framer.h"
#include "cardtools/feed/input.h"
#include "common/base/clock.h"

struct stdin_input {
	struct input input;
	bool acknowledge, ended;
	uint64_t given, marked, told;
	struct framer framer;
};

static struct stdin_input *
self(struct input *input)
{
	return (struct stdin_input *)(void *)input;
}

static void
attend(struct input *input, int timeout_ms)
{
	(void)input;
	(void)timeout_ms;
}

static bool
alive(const struct input *input)
{
	return !((const struct stdin_input *)(const void *)input)->ended;
}

static enum error
start(struct input *input, const char *cursor)
{
	(void)input;
	(void)cursor; /* who writes here knows what was not acknowledged */
	return ERR_OK;
}

static enum error
line_of(struct stdin_input *in, size_t len, struct line *ret_line)
{
	in->given++;
	ret_line->text = in->framer.line;
	ret_line->len = len;
	ret_line->too_long = in->framer.too_long;
	ret_line->place[0] = '\0';
	return ERR_OK;
}

static enum error
next(struct input *input, int timeout_ms, struct line *ret_line)
{
	struct stdin_input *in = self(input);
	const int64_t deadline = clock_ms() + timeout_ms;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	size_t len, room;
	int64_t left;
	ssize_t n;
	char *to;

	for (;;) {
		if (framer_next(&in->framer, &len) == ERR_OK)
			return line_of(in, len, ret_line);
		if (in->ended)
			return ERR_CLOSED;
		left = deadline - clock_ms();
		if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
			return ERR_TIMEOUT; /* a signal, too */
		to = framer_room(&in->framer, &room);
		n = read(STDIN_FILENO, to, room);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return ERR_SYSTEM;
		if (n > 0)
			framer_fed(&in->framer, (size_t)n);
		if (n != 0)
			continue;
		in->ended = true;
		if (framer_rest(&in->framer, &len) == ERR_OK)
			return line_of(in, len, ret_line);
	}
}

static enum error
cursor(struct input *input, char ret_cursor[CURSOR_MAX])
{
	self(input)->marked = self(input)->given;
	ret_cursor[0] = '\0';
	return ERR_OK;
}

static void
committed(struct input *input)
{
	struct stdin_input *in = self(input);

	if (!in->acknowledge || in->told == in->marked)
		return;
	in->told = in->marked;
	/* who does not read this repeats, and that does no harm */
	(void)printf("%" PRIu64 "\n", in->told);
	(void)fflush(stdout);
}

static void
close_input(struct input **input)
{
	free(*input);
	*input = NULL;
}

static const struct input_kind stdin_kind = {
    attend, alive, start, next, cursor, committed, close_input};

enum error
input_stdin(const struct feedconf *conf, struct input **ret_input)
{
	struct stdin_input *in = calloc(1, sizeof *in);

	if (in == NULL)
		return ERR_NOMEM;
	in->input.kind = &stdin_kind;
	in->acknowledge = conf->acknowledge;
	framer_begin(&in->framer, false);
	*ret_input = &in->input;
	return ERR_OK;
}
