/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * birth.h - the ways a date of birth is written in a password: Western, and
 * by the eras of Japan with their letters and signs.
 */
#ifndef SEKISHO_GUESS_BIRTH_H
#define SEKISHO_GUESS_BIRTH_H

#include <stdbool.h>

#include "common/base/error.h"

enum { BIRTH_FORMS = 40, BIRTH_FORM = 40, BIRTH_DATE = 11 };

struct birth_form {
	char text[BIRTH_FORM]; /* folded */
	bool whole; /* names the day: in no password; else a part of it */
};

/* Of "1985-04-03". ERR_INPUT for what is no date. *ret_n: how many. */
MUST_CHECK enum error birth_forms(const char *date,
    struct birth_form ret_forms[BIRTH_FORMS], unsigned *ret_n);

/*
 * A date as personnel systems write it, into ret_date "1985-04-03": Western
 * (1985-04-03, 1985/4/3, 1985.4.3, 19850403, 1985年4月3日) or by era (S60.4.3,
 * 昭和60年4月3日, 令和元年5月1日). Width does not matter. ERR_INPUT for any
 * other, and for a day that was not, or not in that era.
 */
MUST_CHECK enum error birth_read(const char *text, char ret_date[BIRTH_DATE]);

#endif
