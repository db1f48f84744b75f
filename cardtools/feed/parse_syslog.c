/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/parse_syslog.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SD_NAME_MAX = 32, PRI_MAX = 191 };

struct reader {
	const char *at, *end;
	struct record *record;
	const char **why;
};

static enum error
malformed(const struct reader *r)
{
	*r->why = "not RFC 5424";
	return ERR_INPUT;
}

static bool
skip(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* RFC 5424 6: PRI in brackets, then the version, which is 1. */
static enum error
take_pri(struct reader *r)
{
	const char *from;
	unsigned pri = 0;

	if (!skip(r, '<'))
		return malformed(r);
	from = r->at;
	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' &&
	       r->at - from < 3)
		pri = pri * 10 + (unsigned)(*r->at++ - '0');
	if (r->at == from || pri > PRI_MAX ||
	    (r->at - from > 1 && *from == '0'))
		return malformed(r);
	if (record_put(r->record, "pri", from, (size_t)(r->at - from),
		r->why) != ERR_OK)
		return ERR_INPUT;
	if (!skip(r, '>') || !skip(r, '1') || !skip(r, ' '))
		return malformed(r);
	return ERR_OK;
}

/* One of the header's words, of printable ASCII, and the blank behind it. */
static enum error
take_word(struct reader *r, const char *name, size_t max)
{
	const char *from = r->at;
	size_t len;

	while (r->at<r->end && * r->at> ' ' && *r->at < 127)
		r->at++;
	len = (size_t)(r->at - from);
	if (len == 0 || len > max || !skip(r, ' '))
		return malformed(r);
	if (len == 1 && *from == '-')
		return ERR_OK;
	return record_put(r->record, name, from, len, r->why);
}

/* SD-NAME: printable ASCII but =, ], " and blank. */
static bool
take_sd_name(struct reader *r, char ret_name[SD_NAME_MAX + 1])
{
	size_t len = 0;

	while (r->at<r->end && * r->at> ' ' && *r->at < 127 &&
	       strchr("=]\"", *r->at) == NULL) {
		if (len == SD_NAME_MAX)
			return false;
		ret_name[len++] = *r->at++;
	}
	ret_name[len] = '\0';
	return len > 0;
}

/* RFC 5424 6.3.3: a backslash before ", ] and itself alone is not kept. */
static enum error
take_param(struct reader *r, const char *id)
{
	char name[SD_NAME_MAX + 1], full[2 * SD_NAME_MAX + 2];
	char value[FEED_LINE_MAX];
	size_t len = 0;

	if (!take_sd_name(r, name) || !skip(r, '=') || !skip(r, '"'))
		return malformed(r);
	while (r->at < r->end && *r->at != '"') {
		if (*r->at == ']')
			return malformed(r);
		if (*r->at == '\\' && r->at + 1 < r->end &&
		    strchr("\"\\]", r->at[1]) != NULL && r->at[1] != '\0')
			r->at++;
		value[len++] = *r->at++;
	}
	if (!skip(r, '"'))
		return malformed(r);
	(void)snprintf(full, sizeof full, "%s.%s", id, name);
	return record_put(r->record, full, value, len, r->why);
}

static enum error
take_data(struct reader *r)
{
	char id[SD_NAME_MAX + 1];
	enum error err;

	if (skip(r, '-'))
		return ERR_OK;
	if (r->at == r->end || *r->at != '[')
		return malformed(r);
	while (skip(r, '[')) {
		if (!take_sd_name(r, id))
			return malformed(r);
		while (skip(r, ' ')) {
			err = take_param(r, id);
			if (err != ERR_OK)
				return err;
		}
		if (!skip(r, ']'))
			return malformed(r);
	}
	return ERR_OK;
}

enum error
parse_syslog(const char *line, size_t len, struct record *ret_record,
    const char **ret_why)
{
	/* the lengths of RFC 5424 6; a time is at most 32 */
	static const struct {
		const char *name;
		size_t max;
	} word[] = {{"timestamp", 32}, {"hostname", 255}, {"app", 48},
	    {"procid", 128}, {"msgid", 32}};
	struct reader r = {line, line + len, ret_record, ret_why};
	enum error err;
	size_t i;

	record_begin(ret_record);
	if (len > FEED_LINE_MAX) {
		*ret_why = "the line is too long";
		return ERR_INPUT;
	}
	err = take_pri(&r);
	for (i = 0; err == ERR_OK && i < sizeof word / sizeof word[0]; i++)
		err = take_word(&r, word[i].name, word[i].max);
	if (err == ERR_OK)
		err = take_data(&r);
	if (err != ERR_OK || r.at == r.end)
		return err;
	if (!skip(&r, ' '))
		return malformed(&r);
	if (r.end - r.at >= 3 && memcmp(r.at, "\xef\xbb\xbf", 3) == 0)
		r.at += 3;
	return record_put(
	    ret_record, "msg", r.at, (size_t)(r.end - r.at), ret_why);
}
