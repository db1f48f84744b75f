/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/when.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "90m": so many seconds before now. */
static bool
parse_ago(const char *text, time_t now, time_t *ret_when)
{
	long number, unit;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	number = strtol(text, &end, 10);
	switch (*end) {
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'd':
		unit = 86400;
		break;
	default:
		return false;
	}
	if (end[1] != '\0' || number > 1000000)
		return false;
	*ret_when = now - number * unit;
	return true;
}

/* Seconds east of UTC from "Z", "+09", "+0900" or "+09:00". */
static bool
parse_zone(const char *text, long *ret_east)
{
	long sign = text[0] == '-' ? -1 : 1;
	unsigned hours, minutes = 0;
	int n = 0;

	if (strcmp(text, "Z") == 0) {
		*ret_east = 0;
		return true;
	}
	if (text[0] != '+' && text[0] != '-')
		return false;
	if (sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &n) != 2 &&
	    sscanf(text + 1, "%2u%2u%n", &hours, &minutes, &n) != 2 &&
	    sscanf(text + 1, "%2u%n", &hours, &n) != 1)
		return false;
	if (text[1 + n] != '\0' || hours > 15 || minutes > 59)
		return false;
	*ret_east = sign * (long)(hours * 3600 + minutes * 60);
	return true;
}

/* The clock's part: "17:15", "17:15:01", "17:15:01.25". What follows it. */
static const char *
parse_clock(const char *text, struct tm *tm)
{
	unsigned hour, minute, second = 0;
	int n = 0;

	if (sscanf(text, "%2u:%2u%n", &hour, &minute, &n) != 2)
		return NULL;
	text += n;
	if (text[0] == ':') {
		if (sscanf(text, ":%2u%n", &second, &n) != 1)
			return NULL;
		text += n;
		if (text[0] == '.')
			text += 1 + strspn(text + 1, "0123456789");
	}
	if (hour > 23 || minute > 59 || second > 59)
		return NULL;
	tm->tm_hour = (int)hour;
	tm->tm_min = (int)minute;
	tm->tm_sec = (int)second;
	return text;
}

/* mktime, refusing what it would silently carry over (31 February). */
static enum error
local(const struct tm *tm, time_t *ret_when)
{
	struct tm same = *tm;
	time_t when;

	same.tm_isdst = -1;
	when = mktime(&same);
	if (when == (time_t)-1 || same.tm_mday != tm->tm_mday ||
	    same.tm_mon != tm->tm_mon)
		return ERR_INPUT;
	*ret_when = when;
	return ERR_OK;
}

enum error
when_parse(const char *text, time_t now, bool whole_day, time_t *ret_when)
{
	unsigned year, month, day;
	struct tm tm;
	long east;
	int n = 0;

	if (parse_ago(text, now, ret_when))
		return ERR_OK;
	if (localtime_r(&now, &tm) == NULL)
		return ERR_INPUT;
	tm.tm_sec = 0;
	if (sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &n) != 3) {
		text = parse_clock(text, &tm);
		return text != NULL && text[0] == '\0' ? local(&tm, ret_when)
						       : ERR_INPUT;
	}
	text += n;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return ERR_INPUT;
	tm = (struct tm){.tm_year = (int)year - 1900,
	    .tm_mon = (int)month - 1,
	    .tm_mday = (int)day};
	if (text[0] == '\0') {
		/* Check the day itself before stepping over its end. */
		if (local(&tm, ret_when) != ERR_OK)
			return ERR_INPUT;
		if (!whole_day)
			return ERR_OK;
		tm.tm_mday++;
		tm.tm_isdst = -1;
		*ret_when = mktime(&tm);
		return ERR_OK;
	}
	if (text[0] != ' ' && text[0] != 'T')
		return ERR_INPUT;
	text = parse_clock(text + 1, &tm);
	if (text == NULL)
		return ERR_INPUT;
	if (text[0] == '\0')
		return local(&tm, ret_when);
	if (!parse_zone(text, &east))
		return ERR_INPUT;
	*ret_when = timegm(&tm) - east;
	return ERR_OK;
}

void
when_utc(time_t when, char ret_text[WHEN_TEXT])
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(ret_text, WHEN_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		ret_text[0] = '\0';
}

void
when_local(const char *text, bool seconds, char ret_text[WHEN_TEXT])
{
	struct tm tm;
	time_t when;

	if (when_parse(text, 0, false, &when) == ERR_OK &&
	    localtime_r(&when, &tm) != NULL &&
	    strftime(ret_text, WHEN_TEXT, "%Y-%m-%d %H:%M:%S", &tm) > 0) {
		if (!seconds)
			ret_text[strlen(ret_text) - 3] = '\0';
		return;
	}
	(void)snprintf(ret_text, WHEN_TEXT, "%s", text);
}

void
when_last_day(const char *text, char ret_text[WHEN_TEXT])
{
	struct tm tm;
	time_t when;

	if (when_parse(text, 0, false, &when) == ERR_OK &&
	    localtime_r(&when, &tm) != NULL && tm.tm_hour == 0 &&
	    tm.tm_min == 0 && tm.tm_sec == 0) {
		when--;
		if (localtime_r(&when, &tm) != NULL &&
		    strftime(ret_text, WHEN_TEXT, "%Y-%m-%d", &tm) > 0)
			return;
	}
	when_local(text, false, ret_text);
}
