/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/pin.h"

#include <stdbool.h>
#include <string.h>

#include "cardtools/text.h"

enum { SHORTEST = 6, LONGEST = 8, DIGITS_MAX = 128 };

static bool
formed(const char *pin, size_t len)
{
	size_t i;

	if (len < SHORTEST || len > LONGEST)
		return false;
	for (i = 0; i < len; i++) {
		if (pin[i] < '0' || pin[i] > '9')
			return false;
	}
	return true;
}

/* A block over and over, or one or two digits in any order. */
static bool
repeated(const char *pin, size_t len)
{
	unsigned seen = 0, different = 0;
	size_t i, block;

	for (i = 0; i < len; i++)
		seen |= 1U << (pin[i] - '0');
	for (; seen != 0; seen >>= 1)
		different += seen & 1;
	if (different <= 2)
		return true;
	for (block = 1; block <= len / 2; block++) {
		for (i = block; i < len && pin[i] == pin[i - block]; i++)
			;
		if (i == len)
			return true;
	}
	return false;
}

/* Always the same step (9 and 0 are neighbours), or never more than one. */
static bool
sequence(const char *pin, size_t len)
{
	bool same = true, small = true;
	int first = (pin[1] - pin[0] + 10) % 10;
	size_t i;

	for (i = 1; i < len; i++) {
		int step = (pin[i] - pin[i - 1] + 10) % 10;

		same = same && step == first;
		small = small && (step == 0 || step == 1 || step == 9);
	}
	return same || small;
}

/* Made of lines of a keypad; what remains at the end may be a part of one. */
static bool
keypad(const char *pin, size_t len)
{
	static const char *const lines[] = {"2580", "0852", "147", "741", "258",
	    "852", "369", "963", "123", "321", "456", "654", "789", "987",
	    "159", "951", "357", "753"};
	enum { LINES = sizeof lines / sizeof lines[0] };
	size_t at = 0, i;

	while (at < len) {
		for (i = 0; i < LINES; i++) {
			size_t n = strlen(lines[i]);

			if (n > len - at)
				n = len - at;
			if (strncmp(pin + at, lines[i], n) == 0)
				break;
		}
		if (i == LINES)
			return false;
		at += strlen(lines[i]);
	}
	return true;
}

static bool
day(int month, int date)
{
	return month >= 1 && month <= 12 && date >= 1 && date <= 31;
}

static int
two(const char *digits)
{
	return 10 * (digits[0] - '0') + digits[1] - '0';
}

/* YYYYMMDD, DDMMYYYY, MMDDYYYY of a life; YYMMDD, DDMMYY, MMDDYY. */
static bool
date(const char *pin, size_t len)
{
	if (len == 8)
		return ((two(pin) == 19 || two(pin) == 20) &&
			   day(two(pin + 4), two(pin + 6))) ||
		       ((two(pin + 4) == 19 || two(pin + 4) == 20) &&
			   (day(two(pin), two(pin + 2)) ||
			       day(two(pin + 2), two(pin))));
	return len == 6 &&
	       (day(two(pin + 2), two(pin + 4)) ||
		   day(two(pin + 2), two(pin)) || day(two(pin), two(pin + 2)));
}

/* Part of the digits of a text, either way round, or the text's digits in it.
 */
static bool
known_as(const char *pin, size_t len, const char *text)
{
	char digits[DIGITS_MAX + 1], back[LONGEST + 1];
	size_t n = 0, i;

	for (; *text != '\0' && n < DIGITS_MAX; text++) {
		if (*text >= '0' && *text <= '9')
			digits[n++] = *text;
	}
	digits[n] = '\0';
	for (i = 0; i < len; i++)
		back[i] = pin[len - 1 - i];
	return memmem(digits, n, pin, len) != NULL ||
	       memmem(digits, n, back, len) != NULL ||
	       (n >= 4 && memmem(pin, len, digits, n) != NULL);
}

enum pin_fault
pin_judge(const char *pin, size_t len, const char *const *known, size_t n)
{
	size_t i;

	if (!formed(pin, len))
		return PIN_FORM;
	if (repeated(pin, len))
		return PIN_REPEATED;
	if (sequence(pin, len))
		return PIN_SEQUENCE;
	if (keypad(pin, len))
		return PIN_KEYPAD;
	if (date(pin, len))
		return PIN_DATE;
	for (i = 0; i < n; i++) {
		if (known[i] != NULL && known_as(pin, len, known[i]))
			return PIN_KNOWN;
	}
	return PIN_GOOD;
}

const char *
pin_words(enum pin_fault fault)
{
	switch (fault) {
	case PIN_GOOD:
		break;
	case PIN_FORM:
		return _("a PIN has 6 to 8 digits");
	case PIN_REPEATED:
		return _("that PIN repeats itself; choose another");
	case PIN_SEQUENCE:
		return _("that PIN only counts up or down; choose another");
	case PIN_KEYPAD:
		return _("that PIN is a line on the keypad; choose another");
	case PIN_DATE:
		return _("that PIN could be a date; choose another");
	case PIN_KNOWN:
		return _("that PIN stands in the login or a number of its "
			 "holder; choose another");
	}
	return "";
}
