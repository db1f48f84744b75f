/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/guess/birth.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/guess/fold.h"

/* The first day of each era since the calendar of today (1873). */
static const struct era {
	int year, month, day;
	char letter;
	const char *name, *romaji;
} eras[] = {
    {2019, 5, 1, 'r', "令和", "reiwa"},
    {1989, 1, 8, 'h', "平成", "heisei"},
    {1926, 12, 25, 's', "昭和", "shouwa"},
    {1912, 7, 30, 't', "大正", "taishou"},
    {1873, 1, 1, 'm', "明治", "meiji"},
};
enum { ERAS = sizeof eras / sizeof eras[0], MEIJI_FIRST = 1868 };

struct date {
	int year, month, day;
};

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
is_day(const struct date *d)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return d->year >= 1873 && d->year <= 2199 && d->month >= 1 &&
	       d->month <= 12 && d->day >= 1 &&
	       d->day <= days[d->month - 1] +
			     (d->month == 2 && is_leap(d->year) ? 1 : 0);
}

static const struct era *
era_of(const struct date *d)
{
	size_t i;

	for (i = 0; i < ERAS; i++) {
		const struct era *e = &eras[i];

		if (d->year != e->year	   ? d->year > e->year
		    : d->month != e->month ? d->month > e->month
					   : d->day >= e->day)
			return e;
	}
	return NULL;
}

static int
first_year(const struct era *era)
{
	return era->letter == 'm' ? MEIJI_FIRST : era->year;
}

struct forms {
	struct birth_form *form;
	unsigned n;
};

static void __attribute__((format(printf, 3, 4)))
add(struct forms *f, bool whole, const char *format, ...)
{
	va_list args;

	if (f->n == BIRTH_FORMS)
		return;
	va_start(args, format);
	(void)vsnprintf(f->form[f->n].text, BIRTH_FORM, format, args);
	va_end(args);
	f->form[f->n++].whole = whole;
}

enum error
birth_forms(
    const char *date, struct birth_form ret_forms[BIRTH_FORMS], unsigned *ret_n)
{
	struct forms f = {ret_forms, 0};
	const struct era *era;
	struct date d;
	char after;
	int y, of;

	if (sscanf(date, "%4d-%2d-%2d%c", &d.year, &d.month, &d.day, &after) !=
		3 ||
	    !is_day(&d) || (era = era_of(&d)) == NULL)
		return ERR_INPUT;
	y = d.year % 100;
	of = d.year - first_year(era) + 1;
	add(&f, true, "%04d%02d%02d", d.year, d.month, d.day);
	add(&f, true, "%02d%02d%02d", y, d.month, d.day);
	add(&f, true, "%02d%02d%04d", d.day, d.month, d.year);
	add(&f, true, "%02d%02d%04d", d.month, d.day, d.year);
	add(&f, true, "%04d%d%d", d.year, d.month, d.day);
	add(&f, true, "%d年%d月%d日", d.year, d.month, d.day);
	add(&f, true, "%s%d年%d月%d日", era->name, of, d.month, d.day);
	if (of == 1)
		add(&f, true, "%s元年%d月%d日", era->name, d.month, d.day);
	add(&f, true, "%c%02d%02d%02d", era->letter, of, d.month, d.day);
	add(&f, true, "%c%d%02d%02d", era->letter, of, d.month, d.day);
	add(&f, true, "%c%d%d%d", era->letter, of, d.month, d.day);
	add(&f, true, "%s%02d%02d%02d", era->romaji, of, d.month, d.day);
	add(&f, true, "%s%d%02d%02d", era->name, of, d.month, d.day);
	add(&f, true, "%02d%02d%02d", of, d.month, d.day);
	/* parts: guessed early, but no reason to refuse by themselves */
	add(&f, false, "%04d", d.year);
	add(&f, false, "%02d%02d", d.month, d.day);
	add(&f, false, "%04d%02d", d.year, d.month);
	add(&f, false, "%d月%d日", d.month, d.day);
	add(&f, false, "%s%d", era->romaji, of);
	add(&f, false, "%s%d", era->name, of);
	add(&f, false, "%c%02d", era->letter, of);
	*ret_n = f.n;
	return ERR_OK;
}

/* One of "昭和", "s"; the rest of the text behind it, or NULL. */
static const char *
read_era(const char *folded, const struct era **ret_era)
{
	size_t i, n;

	for (i = 0; i < ERAS; i++) {
		n = strlen(eras[i].name);
		*ret_era = &eras[i];
		if (strncmp(folded, eras[i].name, n) == 0)
			return folded + n;
		if (folded[0] == eras[i].letter)
			return folded + 1;
	}
	*ret_era = NULL;
	return folded;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number and what stands between it and the next. */
static bool
read_part(const char **at, const char *suffix, int *ret_number)
{
	static const char *const between[] = {"-", "/", "."};
	size_t digits = 0, i;

	if (strncmp(*at, "元", strlen("元")) == 0 &&
	    strcmp(suffix, "年") == 0) {
		*ret_number = 1;
		*at += strlen("元");
	} else {
		*ret_number = 0;
		for (; is_digit(**at) && digits < 4; digits++)
			*ret_number = 10 * *ret_number + *(*at)++ - '0';
		if (digits == 0 || is_digit(**at))
			return false;
	}
	if (strncmp(*at, suffix, strlen(suffix)) == 0) {
		*at += strlen(suffix);
		return true;
	}
	for (i = 0; i < 3; i++) {
		if (strncmp(*at, between[i], 1) == 0 &&
		    strcmp(suffix, "日") != 0) {
			*at += 1;
			return true;
		}
	}
	return strcmp(suffix, "日") == 0;
}

static int
number(const char *digits, size_t n)
{
	int value = 0;

	while (n-- > 0)
		value = 10 * value + *digits++ - '0';
	return value;
}

/* 19850403, or s600403. */
static bool
read_compact(const char *at, size_t year_digits, struct date *ret_date)
{
	const size_t len = strlen(at);
	size_t i;

	if (len != year_digits + 4)
		return false;
	for (i = 0; i < len; i++) {
		if (!is_digit(at[i]))
			return false;
	}
	ret_date->year = number(at, year_digits);
	ret_date->month = number(at + year_digits, 2);
	ret_date->day = number(at + year_digits + 2, 2);
	return true;
}

enum error
birth_read(const char *text, char ret_date[BIRTH_DATE])
{
	char folded[FOLD_MAX];
	const struct era *era;
	struct date d;
	const char *at;
	bool read;

	if (fold(text, strlen(text), folded) != ERR_OK)
		return ERR_INPUT;
	at = read_era(folded, &era);
	read = read_compact(at, era == NULL ? 4 : 2, &d);
	if (!read)
		read = read_part(&at, "年", &d.year) &&
		       read_part(&at, "月", &d.month) &&
		       read_part(&at, "日", &d.day) && *at == '\0';
	if (!read || (era != NULL && d.year < 1))
		return ERR_INPUT;
	if (era != NULL)
		d.year += first_year(era) - 1;
	if (!is_day(&d) || (era != NULL && era_of(&d) != era))
		return ERR_INPUT;
	(void)snprintf(ret_date, BIRTH_DATE, "%04u-%02u-%02u",
	    (unsigned)d.year % 10000U, (unsigned)d.month % 100U,
	    (unsigned)d.day % 100U);
	return ERR_OK;
}
