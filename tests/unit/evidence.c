/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/rules/evidence.h"

#include <string.h>

#include "tests/unit/test.h"

/* The words are stored in audit rows for years: they never change. */
static void
words_are_stable(void **state)
{
	(void)state;
	assert_string_equal(category_text(CATEGORY_NONE), "none");
	assert_string_equal(category_text(CATEGORY_KNOWLEDGE), "knowledge");
	assert_string_equal(category_text(CATEGORY_POSSESSION), "possession");
	assert_string_equal(category_text(CATEGORY_INHERENCE), "inherence");
	assert_string_equal(method_text(METHOD_NONE), "none");
	assert_string_equal(method_text(METHOD_PASSWORD), "password");
	assert_string_equal(method_text(METHOD_TOTP), "totp");
	assert_string_equal(method_text(METHOD_CARD), "card");
	assert_string_equal(method_text(METHOD_PIN), "pin");
	assert_string_equal(method_text(METHOD_DOOR), "door");
	assert_string_equal(purpose_text(PURPOSE_LOGIN), "login");
	assert_string_equal(purpose_text(PURPOSE_ENTRY), "entry");
	assert_string_equal(
	    purpose_text(PURPOSE_NETWORK_DEVICE), "network-device");
	assert_string_equal(
	    purpose_text(PURPOSE_PASSWORD_CHANGE), "password-change");
	assert_string_equal(purpose_text(PURPOSE_OPERATOR), "operator");
}

static void
words_of_nothing_are_never_null(void **state)
{
	(void)state;
	assert_string_equal(category_text((enum category)99), "none");
	assert_string_equal(method_text((enum method)99), "none");
	assert_non_null(purpose_text((enum purpose)99));
}

static void
methods_read_back(void **state)
{
	unsigned m;

	(void)state;
	for (m = 1; m <= METHOD_ALL; m <<= 1)
		assert_int_equal(
		    method_from_text(method_text((enum method)m)), m);
	assert_int_equal(method_from_text(""), METHOD_NONE);
	assert_int_equal(method_from_text("none"), METHOD_NONE);
	assert_int_equal(method_from_text("Password"), METHOD_NONE);
	assert_int_equal(method_from_text("password "), METHOD_NONE);
	assert_int_equal(method_from_text("mac"), METHOD_NONE);
	for (m = 1; m <= CATEGORY_ALL; m <<= 1)
		assert_int_equal(
		    category_from_text(category_text((enum category)m)), m);
	assert_int_equal(category_from_text("none"), CATEGORY_NONE);
	assert_int_equal(category_from_text("Knowledge"), CATEGORY_NONE);
}

/* Guideline D.5: memory, body, medium; no method proves two of them. */
static void
d5_each_method_proves_one_category(void **state)
{
	unsigned m;

	(void)state;
	assert_int_equal(method_category(METHOD_PASSWORD), CATEGORY_KNOWLEDGE);
	assert_int_equal(method_category(METHOD_TOTP), CATEGORY_POSSESSION);
	assert_int_equal(method_category(METHOD_CARD), CATEGORY_POSSESSION);
	assert_int_equal(method_category(METHOD_PIN), CATEGORY_KNOWLEDGE);
	assert_int_equal(method_category(METHOD_DOOR), CATEGORY_POSSESSION);
	assert_int_equal(method_category(METHOD_FIDO2), CATEGORY_POSSESSION);
	assert_int_equal(method_category(METHOD_UV), CATEGORY_KNOWLEDGE);
	for (m = 0; m <= 2 * METHOD_ALL; m++) {
		unsigned c = (unsigned)method_category((enum method)m);

		assert_int_equal(c & (c - (c > 0)), 0);
		if (m != METHOD_PASSWORD && m != METHOD_TOTP &&
		    m != METHOD_CARD && m != METHOD_PIN && m != METHOD_DOOR &&
		    m != METHOD_FIDO2 && m != METHOD_UV)
			assert_int_equal(c, CATEGORY_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_stable),
	    cmocka_unit_test(words_of_nothing_are_never_null),
	    cmocka_unit_test(methods_read_back),
	    cmocka_unit_test(d5_each_method_proves_one_category),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
