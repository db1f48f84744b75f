/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test.h - what every unit test includes: cmocka with the headers it wants
 * before it, and the few words that all of them share.
 */
#ifndef SEKISHO_TESTS_UNIT_TEST_H
#define SEKISHO_TESTS_UNIT_TEST_H

/* cmocka.h does not compile without these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/error.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Says the error's own words when it is not the expected one. */
#define assert_error(expression, expected)                            \
	do {                                                          \
		enum error got_ = (expression);                       \
		if (got_ != (expected))                               \
			fail_msg("%s: %s, expected: %s", #expression, \
			    error_text(got_), error_text(expected));  \
	} while (0)
#define assert_ok(expression) assert_error(expression, ERR_OK)

#endif
