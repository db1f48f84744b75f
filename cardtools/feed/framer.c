/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/framer.h"

#include <string.h>

void
framer_begin(struct framer *framer, bool counted)
{
	memset(framer, 0, offsetof(struct framer, line));
	framer->counted = counted;
}

char *
framer_room(struct framer *framer, size_t *ret_size)
{
	framer->at = framer->have = 0;
	*ret_size = sizeof framer->buffer;
	return framer->buffer;
}

void
framer_fed(struct framer *framer, size_t n)
{
	framer->have = n;
}

static void
begin_line(struct framer *f)
{
	f->begun = f->taken;
	f->len = f->count = f->digits = 0;
	f->too_long = f->given = f->in_frame = false;
}

/* n octets of the buffer belong to the line. */
static void
take(struct framer *f, size_t n)
{
	const size_t room = sizeof f->line - f->len;
	const size_t kept = n < room ? n : room;

	memcpy(f->line + f->len, f->buffer + f->at, kept);
	f->len += kept;
	f->too_long = f->too_long || kept < n;
	f->at += n;
	f->taken += n;
}

/* The line is whole. Some end lines as DOS did, and counted ones as well. */
static enum error
give(struct framer *f, size_t *ret_len)
{
	if (!f->too_long && f->counted && f->len > 0 &&
	    f->line[f->len - 1] == '\n')
		f->len--;
	if (!f->too_long && f->len > 0 && f->line[f->len - 1] == '\r')
		f->len--;
	f->passed = f->taken;
	f->given = true;
	*ret_len = f->len;
	return ERR_OK;
}

static enum error
next_line(struct framer *f, size_t *ret_len)
{
	const char *from = f->buffer + f->at;
	const char *end = memchr(from, '\n', f->have - f->at);

	if (end == NULL) {
		take(f, f->have - f->at);
		return ERR_TIMEOUT;
	}
	take(f, (size_t)(end - from));
	f->at++;
	f->taken++;
	return give(f, ret_len);
}

static enum error
next_counted(struct framer *f, size_t *ret_len)
{
	while (!f->in_frame && f->at < f->have) {
		const char c = f->buffer[f->at++];

		f->taken++;
		if (c == ' ' && f->digits > 0) {
			f->in_frame = true;
		} else if (c >= '0' && c <= '9' && f->digits < FRAME_DIGITS &&
			   (c != '0' || f->digits > 0)) {
			f->count = f->count * 10 + (size_t)(c - '0');
			f->digits++;
		} else {
			return ERR_INPUT;
		}
	}
	if (f->in_frame) {
		const size_t there = f->have - f->at;
		const size_t n = there < f->count ? there : f->count;

		take(f, n);
		f->count -= n;
		if (f->count == 0)
			return give(f, ret_len);
	}
	return ERR_TIMEOUT;
}

enum error
framer_next(struct framer *framer, size_t *ret_len)
{
	if (framer->given)
		begin_line(framer);
	return framer->counted ? next_counted(framer, ret_len)
			       : next_line(framer, ret_len);
}

enum error
framer_rest(struct framer *framer, size_t *ret_len)
{
	if (framer->given || framer->len == 0)
		return ERR_TIMEOUT;
	/* of a counted message a part is no message */
	return framer->counted ? ERR_INPUT : give(framer, ret_len);
}
