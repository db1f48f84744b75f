/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/mapping.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "cardtools/feed/parse_csv.h"
#include "cardtools/feed/parse_json.h"
#include "cardtools/feed/parse_syslog.h"
#include "cardtools/feed/stamp.h"
#include "common/base/hex.h"
#include "common/base/utf8.h"
#include "common/rules/name.h"
#include "common/wire/badge.h"

enum { DIGEST_TEXT = 2 * crypto_hash_sha256_BYTES + 1 };

static enum error
parse(const struct feedconf *conf, const struct line *line,
    struct record *ret_record, const char **ret_why)
{
	if (line->too_long || line->len > FEED_LINE_MAX) {
		*ret_why = "the line is too long";
		return ERR_INPUT;
	}
	switch (conf->format) {
	case FEED_JSON:
		return parse_json(line->text, line->len, ret_record, ret_why);
	case FEED_CSV:
		return parse_csv(line->text, line->len, conf->separator[0],
		    conf->columns, ret_record, ret_why);
	case FEED_SYSLOG:
		return parse_syslog(line->text, line->len, ret_record, ret_why);
	}
	return ERR_INPUT;
}

/*
 * The value of "name" or "one+two": joined, with "-" for what is not there.
 * False if nothing of it is there, or it is too long to be looked at.
 */
static bool
value_of(const struct record *record, const char *expression, char join,
    char *ret_value, size_t size)
{
	bool any = false, alone = strchr(expression, '+') == NULL;
	size_t len = 0;

	ret_value[0] = '\0';
	while (*expression != '\0') {
		const size_t n = strcspn(expression, "+");
		char name[RECORD_NAME_MAX + 1];
		const char *value;
		int put;

		(void)snprintf(name, sizeof name, "%.*s",
		    n > RECORD_NAME_MAX ? RECORD_NAME_MAX : (int)n, expression);
		expression += n + (expression[n] == '+');
		value = record_get(record, name);
		any = any || (value != NULL && value[0] != '\0');
		if (value == NULL || (value[0] == '\0' && !alone))
			value = alone ? "" : "-";
		put = snprintf(ret_value + len, size - len, "%s%s", value,
		    *expression != '\0' ? (char[2]){join, '\0'} : "");
		if (put < 0 || (size_t)put >= size - len)
			return false;
		len += (size_t)put;
	}
	return any;
}

/* Ours for theirs; that of "*" for what is not listed; NULL without one. */
static const char *
look_up(const struct conf_pairs *pairs, const char *theirs)
{
	const char *other = NULL;
	size_t i;

	for (i = 0; i < pairs->n; i++) {
		if (strcmp(pairs->pair[i].from, theirs) == 0)
			return pairs->pair[i].to;
		if (strcmp(pairs->pair[i].from, "*") == 0)
			other = pairs->pair[i].to;
	}
	return other;
}

static void
digest_of(
    const char *place, const char *text, size_t len, char ret_text[DIGEST_TEXT])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	/* with its NUL, so that place and text cannot run together */
	crypto_hash_sha256_update(
	    &state, (const unsigned char *)place, strlen(place) + 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)text, len);
	crypto_hash_sha256_final(&state, digest);
	hex_encode(digest, sizeof digest, ret_text);
}

/* The controller's own name for the event, or one made of the line. */
static void
name_event(const struct feedconf *conf, const struct record *record,
    const struct line *line, struct event *event)
{
	char own[RECORD_POOL];

	if (conf->event[0] != '\0' && record != NULL &&
	    value_of(record, conf->event, '/', own, sizeof own)) {
		if (strlen(own) <= EVENT_ID_MAX)
			memcpy(event->id, own, strlen(own) + 1);
		else
			digest_of("long name", own, strlen(own), event->id);
		return;
	}
	digest_of(line->place, line->text, line->len, event->id);
}

/* What was received, for eyes: UTF-8 without control characters, cut. */
static void
keep_raw(const struct line *line, struct event *event)
{
	size_t at = 0, n, len = 0, chars = 0;
	char one[5];

	/* the database counts characters; here both are bounded */
	while (at < line->len && chars < EVENT_RAW_MAX) {
		const size_t left = line->len - at;

		memset(one, 0, sizeof one);
		memcpy(one, line->text + at, left < 4 ? left : 4);
		n = utf8_printable(one);
		if (n == 0 || n > left) {
			n = 1;
			one[0] = '?';
		}
		if (len + n > EVENT_RAW_MAX)
			break;
		memcpy(event->raw + len, one, n);
		len += n;
		at += n;
		chars++;
	}
	event->raw[len] = '\0';
}

/* A badge's number as card-admin knows it: lower-case hexadecimal. */
static bool
badge_hex(const char *text, char *ret_hex)
{
	unsigned char octets[BADGE_MAX];
	char digits[2 * BADGE_MAX + 1];
	size_t n = 0, len;

	for (; *text != '\0'; text++) {
		if (strchr(" :-", *text) != NULL)
			continue;
		if (n == sizeof digits - 1)
			return false;
		digits[n++] = *text;
	}
	digits[n] = '\0';
	if (hex_decode(digits, n, octets, sizeof octets, &len) != ERR_OK ||
	    !badge_valid(octets, len))
		return false;
	hex_encode(octets, len, ret_hex);
	return true;
}

/* The number as a decimal one, as controllers print what Wiegand carries. */
static bool
badge_decimal(const struct feedconf *conf, const char *text, char *ret_hex)
{
	const size_t len = (size_t)conf->badge_octets;
	unsigned char octets[BADGE_MAX] = {0};
	size_t i;

	if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) ||
	    len > BADGE_MAX)
		return false;
	/* ten octets are more than any integer: schoolbook */
	for (; *text != '\0'; text++) {
		unsigned carry = (unsigned)(*text - '0');

		for (i = len; i-- > 0;) {
			carry += octets[i] * 10U;
			octets[i] = (unsigned char)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	if (!badge_valid(octets, len))
		return false;
	hex_encode(octets, len, ret_hex);
	return true;
}

static void
reverse(char *hex)
{
	const size_t len = strlen(hex);
	size_t i;

	for (i = 0; i < len / 2; i += 2) {
		const char a = hex[i], b = hex[i + 1];

		hex[i] = hex[len - 2 - i];
		hex[i + 1] = hex[len - 1 - i];
		hex[len - 2 - i] = a;
		hex[len - 1 - i] = b;
	}
}

/* NULL if all is well. */
static const char *
map_person(const struct feedconf *conf, const struct record *record,
    struct event *event)
{
	char text[EVENT_TEXT_MAX + 1];

	event->person_form = conf->person_form;
	if (!value_of(record, conf->person, ' ', text, sizeof text))
		return text[0] == '\0' ? NULL : "the person's name is too long";
	switch (conf->person_form) {
	case FEED_LOGIN:
		if (name_canonical(text, strlen(text), event->person) == ERR_OK)
			return NULL;
		event->person[0] = '\0';
		return "the person's login is none";
	case FEED_BADGE_DECIMAL:
		event->person_form = FEED_BADGE;
		if (!badge_decimal(conf, text, event->person))
			return "the badge's number is none";
		break;
	case FEED_BADGE:
		if (!badge_hex(text, event->person))
			return "the badge's number is none";
		break;
	case FEED_CARD:
		memcpy(event->person, text, strlen(text) + 1);
		return NULL;
	}
	if (conf->badge_reversed)
		reverse(event->person);
	return NULL;
}

static const char *
map_door(const struct feedconf *conf, const struct record *record,
    struct event *event)
{
	char text[EVENT_TEXT_MAX + 1];
	const char *ours;

	/* without a field there is one door, that of "*" */
	if (!value_of(record, conf->door, '/', text, sizeof text) &&
	    conf->door[0] != '\0')
		return "no door";
	ours = look_up(&conf->doors, text);
	if (ours == NULL && conf->doors.n > 0)
		return "the door is not in the table";
	/* without a table the names are the same */
	(void)snprintf(
	    event->door, sizeof event->door, "%s", ours != NULL ? ours : text);
	return NULL;
}

static const char *
map_time(const struct feedconf *conf, const struct record *record,
    struct event *event)
{
	char text[EVENT_TEXT_MAX + 1];

	if (!value_of(record, conf->time, ' ', text, sizeof text))
		return "no time";
	if (stamp_parse(conf->time_format, text, &event->at) != ERR_OK)
		return "the time is not as configured";
	return NULL;
}

static const char *
map_rest(const struct feedconf *conf, const struct record *record,
    struct event *event)
{
	char text[EVENT_TEXT_MAX + 1], *end;
	const char *ours;

	if (value_of(record, conf->seq, '/', text, sizeof text)) {
		errno = 0;
		event->seq = strtoll(text, &end, 10);
		if (errno != 0 || *end != '\0' || text[0] < '0' ||
		    text[0] > '9')
			return "the sequence is no number";
		event->has_seq = true;
	}
	(void)value_of(record, conf->method, '/', text, sizeof text);
	ours = look_up(&conf->methods, text);
	if (ours != NULL)
		(void)snprintf(event->method, sizeof event->method, "%s", ours);
	else if (conf->method[0] != '\0' && text[0] != '\0')
		return "the method is not in the table";
	return NULL;
}

/* The kind decides first: what is ignored need not be understood. */
static enum mapped
map_kind(const struct feedconf *conf, const struct record *record,
    struct event *event)
{
	char text[EVENT_TEXT_MAX + 1];
	const char *ours;

	if (!value_of(record, conf->kind, '/', text, sizeof text)) {
		event->why = "no kind";
		return MAPPED_EVENT;
	}
	if (conf->heartbeat_event[0] != '\0' &&
	    strcmp(text, conf->heartbeat_event) == 0)
		return MAPPED_HEARTBEAT;
	ours = look_up(&conf->kinds, text);
	if (ours == NULL)
		event->why = "the kind is not in the table";
	else if (strcmp(ours, "ignore") == 0)
		return MAPPED_NOTHING;
	else
		(void)snprintf(event->kind, sizeof event->kind, "%s", ours);
	return MAPPED_EVENT;
}

enum mapped
mapping_event(const struct feedconf *conf, const struct line *line, double now,
    struct event *ret_event)
{
	static struct record record; /* 36 KiB: not for a stack */
	struct event *event = ret_event;
	enum mapped mapped;
	enum error err;

	memset(event, 0, sizeof *event);
	event->at = now;
	(void)snprintf(event->kind, sizeof event->kind, "unknown");
	if (line->len == 0 && !line->too_long)
		return MAPPED_NOTHING;
	err = parse(conf, line, &record, &event->why);
	if (err == ERR_NOTFOUND)
		return MAPPED_NOTHING;
	if (err != ERR_OK) {
		name_event(conf, NULL, line, event);
		keep_raw(line, event);
		return MAPPED_EVENT;
	}
	mapped = map_kind(conf, &record, event);
	if (mapped != MAPPED_EVENT)
		return mapped;
	name_event(conf, &record, line, event);
	if (event->why == NULL)
		event->why = map_time(conf, &record, event);
	if (event->why == NULL)
		event->why = map_door(conf, &record, event);
	if (event->why == NULL)
		event->why = map_person(conf, &record, event);
	if (event->why == NULL)
		event->why = map_rest(conf, &record, event);
	/* kept for the case that the database does not take it, too */
	keep_raw(line, event);
	return MAPPED_EVENT;
}

void
mapping_refused(struct event *event, double now)
{
	char id[DIGEST_TEXT];

	digest_of("refused", event->id, strlen(event->id), id);
	memcpy(event->id, id, sizeof id);
	(void)snprintf(event->kind, sizeof event->kind, "unknown");
	event->at = now;
	event->door[0] = event->person[0] = event->method[0] = '\0';
	event->has_seq = false;
	event->why = "the database did not take it";
}
