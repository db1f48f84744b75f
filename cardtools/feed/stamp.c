/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/stamp.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What the database takes for a time; beyond it a number means nothing. */
static const double AT_MAX = 99999999999.0;

static bool by_name;	    /* TZ holds it */
static long offset_seconds; /* else this, east of Greenwich */

static bool
two_digits(const char **text, int max, int *ret_number)
{
	const char *t = *text;

	if (t[0] < '0' || t[0] > '9' || t[1] < '0' || t[1] > '9')
		return false;
	*ret_number = (t[0] - '0') * 10 + (t[1] - '0');
	*text += 2;
	return *ret_number <= max;
}

/* "+09:00", "+0900", "+09", "Z". Moves behind it. */
static bool
take_offset(const char **text, long *ret_seconds)
{
	int hours, minutes = 0, sign;

	if (**text == 'Z' || **text == 'z') {
		(*text)++;
		*ret_seconds = 0;
		return true;
	}
	if (**text != '+' && **text != '-')
		return false;
	sign = *(*text)++ == '-' ? -1 : 1;
	if (!two_digits(text, 14, &hours))
		return false;
	if (**text == ':') {
		(*text)++;
		if (!two_digits(text, 59, &minutes))
			return false;
	} else if (**text >= '0' && **text <= '9') {
		if (!two_digits(text, 59, &minutes))
			return false;
	}
	*ret_seconds = sign * (hours * 3600L + minutes * 60L);
	return true;
}

enum error
stamp_zone(const char *zone)
{
	const char *at = zone;
	char path[300];
	int n;

	by_name = false;
	if (strcmp(zone, "UTC") == 0)
		at = "Z";
	if (take_offset(&at, &offset_seconds) && *at == '\0')
		return ERR_OK;
	/* glibc takes a name that it does not know for UTC, in silence */
	n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
	if (n < 0 || (size_t)n >= sizeof path || zone[0] == '\0' ||
	    zone[0] == '/' || strstr(zone, "..") != NULL ||
	    access(path, R_OK) != 0 || setenv("TZ", zone, 1) != 0)
		return ERR_CONFIG;
	tzset();
	by_name = true;
	return ERR_OK;
}

/* Digits behind a point or comma; moves behind them. */
static bool
take_fraction(const char **text, double *ret_fraction)
{
	double unit = 0.1;

	*ret_fraction = 0;
	if (**text != '.' && **text != ',')
		return true;
	(*text)++;
	if (**text < '0' || **text > '9')
		return false;
	for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
		*ret_fraction += (**text - '0') * unit;
	return true;
}

/* Within what the database takes for a time. */
static enum error
finish(double at, double *ret_at)
{
	if (!isfinite(at) || at < 0 || at > AT_MAX)
		return ERR_INPUT;
	*ret_at = at;
	return ERR_OK;
}

/* Of a time that is seconds east of Greenwich. */
static enum error
at_offset(const struct tm *given, long seconds, double fraction, double *ret_at)
{
	struct tm tm = *given;
	const time_t t = timegm(&tm);

	/* 30 February: what had to be put right was none */
	if (t == (time_t)-1 || tm.tm_mday != given->tm_mday ||
	    tm.tm_min != given->tm_min)
		return ERR_INPUT;
	return finish((double)t - (double)seconds + fraction, ret_at);
}

static enum error
in_zone(const struct tm *given, double fraction, double *ret_at)
{
	struct tm tm = *given;
	time_t t;

	if (!by_name)
		return at_offset(given, offset_seconds, fraction, ret_at);
	tm.tm_isdst = -1;
	t = mktime(&tm);
	if (t == (time_t)-1 || tm.tm_mday != given->tm_mday ||
	    tm.tm_min != given->tm_min)
		return ERR_INPUT;
	return finish((double)t + fraction, ret_at);
}

static enum error
parse_number(const char *text, double unit, double *ret_at)
{
	char *end;
	double at;

	/* strtod would take blanks, "inf" and hexadecimal as well */
	if (strspn(text, "0123456789.") != strlen(text) || text[0] == '\0')
		return ERR_INPUT;
	at = strtod(text, &end);
	return *end == '\0' ? finish(at / unit, ret_at) : ERR_INPUT;
}

static enum error
parse_iso(const char *text, double *ret_at)
{
	struct tm tm = {.tm_isdst = 0};
	double fraction;
	long seconds;

	/* strptime would pass over blanks */
	if (text[0] < '0' || text[0] > '9' || strlen(text) < 16 ||
	    (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
		return ERR_INPUT;
	if (strptime(text, "%Y-%m-%d", &tm) != text + 10)
		return ERR_INPUT;
	text = strptime(text + 11, "%H:%M", &tm);
	if (text == NULL)
		return ERR_INPUT;
	if (*text == ':' && (text = strptime(text, ":%S", &tm)) == NULL)
		return ERR_INPUT;
	if (!take_fraction(&text, &fraction))
		return ERR_INPUT;
	if (*text == '\0')
		return in_zone(&tm, fraction, ret_at);
	if (!take_offset(&text, &seconds) || *text != '\0')
		return ERR_INPUT;
	return at_offset(&tm, seconds, fraction, ret_at);
}

enum error
stamp_parse(const char *format, const char *text, double *ret_at)
{
	struct tm tm = {.tm_mday = 1, .tm_isdst = 0};
	double fraction;

	if (strcmp(format, "epoch") == 0)
		return parse_number(text, 1, ret_at);
	if (strcmp(format, "epoch_ms") == 0)
		return parse_number(text, 1000, ret_at);
	if (strcmp(format, "iso8601") == 0)
		return parse_iso(text, ret_at);
	text = strptime(text, format, &tm);
	if (text == NULL || !take_fraction(&text, &fraction) || *text != '\0')
		return ERR_INPUT;
	/* a pattern with %z has said where it is */
	if (strstr(format, "%z") != NULL)
		return at_offset(&tm, tm.tm_gmtoff, fraction, ret_at);
	return in_zone(&tm, fraction, ret_at);
}

enum error
stamp_format_check(const char *format)
{
	if (strcmp(format, "epoch") == 0 || strcmp(format, "epoch_ms") == 0 ||
	    strcmp(format, "iso8601") == 0 || strchr(format, '%') != NULL)
		return ERR_OK;
	return ERR_CONFIG;
}
