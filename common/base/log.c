/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/utf8.h"

enum { LINE_SIZE = 2048 };

static const char *name_text = "sekisho";
static enum log_level max_level = LOG_LEVEL_INFO;
static bool under_systemd;
static void (*sink)(enum log_level level, const char *line);

struct line {
	char text[LINE_SIZE];
	size_t len;
};

static void
put(struct line *line, char c)
{
	if (line->len < LINE_SIZE - 1) /* room for the newline */
		line->text[line->len++] = c;
}

static void
put_text(struct line *line, const char *text)
{
	while (*text != '\0')
		put(line, *text++);
}

static void
put_value(struct line *line, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *p;

	if (value == NULL) {
		put(line, '-');
		return;
	}
	put(line, '"');
	for (p = value; *p != '\0';) {
		size_t len = utf8_printable(p);

		if (len == 0) {
			put_text(line, "\\x");
			put(line, digits[(unsigned char)*p >> 4]);
			put(line, digits[(unsigned char)*p & 15]);
			p++;
			continue;
		}
		if (*p == '"' || *p == '\\')
			put(line, '\\');
		while (len-- > 0)
			put(line, *p++);
	}
	put(line, '"');
}

void
log_open(const char *name, enum log_level max)
{
	name_text = name;
	max_level = max;
	under_systemd = getenv("JOURNAL_STREAM") != NULL;
}

void
log_to(void (*to)(enum log_level level, const char *line))
{
	sink = to;
}

void
log_event(enum log_level level, const char *text, ...)
{
	static const char *const words[] = {
	    "error", "warning", "info", "debug"};
	static const char priorities[] = "3467";
	struct line line = {.len = 0};
	const char *key;
	va_list ap;

	if (level > max_level)
		return;
	if (sink != NULL) {
		/* it has its own way to say when, who and how bad */
	} else if (under_systemd) {
		put(&line, '<');
		put(&line, priorities[level]);
		put(&line, '>');
	} else {
		struct timespec ts;
		struct tm tm;
		char now[64];

		(void)clock_gettime(CLOCK_REALTIME, &ts);
		(void)gmtime_r(&ts.tv_sec, &tm);
		(void)snprintf(now, sizeof now,
		    "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    ts.tv_nsec / 1000000);
		put_text(&line, now);
	}
	if (sink == NULL) {
		put_text(&line, name_text);
		put_text(&line, " ");
		put_text(&line, words[level]);
		put_text(&line, ": ");
	}
	put_text(&line, text);
	va_start(ap, text);
	while ((key = va_arg(ap, const char *)) != NULL) {
		put(&line, ' ');
		put_text(&line, key);
		put(&line, '=');
		put_value(&line, va_arg(ap, const char *));
	}
	va_end(ap);
	if (sink != NULL) {
		line.text[line.len] = '\0';
		sink(level, line.text);
		return;
	}
	line.text[line.len++] = '\n';
	/* One write, so that lines of several processes never mix. */
	if (write(STDERR_FILENO, line.text, line.len) < 0)
		return; /* nowhere left to complain */
}

const char *
log_num(int64_t number)
{
	static _Thread_local char ring[8][24];
	static _Thread_local unsigned turn;
	char *text = ring[turn++ % 8];

	(void)snprintf(text, sizeof ring[0], "%" PRId64, number);
	return text;
}

const char *
log_errno(void)
{
	return strerror(errno);
}
