/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dates of birth, Western and by era: read, and recognised in a password. */
#include "common/guess/birth.h"

#include <string.h>

#include "tests/unit/test.h"

static void
expect(const char *text, const char *date)
{
	char read[11] = "";

	if (birth_read(text, read) != ERR_OK)
		(void)stpcpy(read, "refused");
	if (strcmp(read, date) != 0)
		fail_msg("%s: %s, not %s", text, read, date);
}

static void
every_way_of_writing_a_date(void **state)
{
	(void)state;
	expect("1985-04-03", "1985-04-03");
	expect("1985/4/3", "1985-04-03");
	expect("1985.4.3", "1985-04-03");
	expect("19850403", "1985-04-03");
	expect("1985年4月3日", "1985-04-03");
	expect("１９８５年４月３日", "1985-04-03");
	expect("昭和60年4月3日", "1985-04-03");
	expect("昭和６０年０４月０３日", "1985-04-03");
	expect("S60.4.3", "1985-04-03");
	expect("s60/04/03", "1985-04-03");
	expect("S600403", "1985-04-03");
	expect(" 1985-04-03 ", "1985-04-03");
}

static void
eras_begin_and_end_on_their_days(void **state)
{
	(void)state;
	expect("昭和64年1月7日", "1989-01-07");
	expect("昭和64年1月8日", "refused");
	expect("平成元年1月8日", "1989-01-08");
	expect("平成元年1月7日", "refused");
	expect("H31.4.30", "2019-04-30");
	expect("H31.5.1", "refused");
	expect("令和元年5月1日", "2019-05-01");
	expect("R1.5.1", "2019-05-01");
	expect("大正15年12月24日", "1926-12-24");
	expect("昭和元年12月25日", "1926-12-25");
	expect("大正15年12月25日", "refused");
	expect("明治45年7月29日", "1912-07-29");
	expect("大正元年7月30日", "1912-07-30");
	expect("明治6年1月1日", "1873-01-01");
	/* before, the months were the moon's */
	expect("明治5年12月1日", "refused");
}

static void
days_that_were_not(void **state)
{
	(void)state;
	expect("2000-02-29", "2000-02-29");
	expect("1900-02-29", "refused");
	expect("2023-02-29", "refused");
	expect("平成12年2月29日", "2000-02-29");
	expect("1985-13-01", "refused");
	expect("1985-04-31", "refused");
	expect("1985-00-10", "refused");
	expect("", "refused");
	expect("S", "refused");
	expect("昭和0年4月3日", "refused");
	expect("1985-04", "refused");
	expect("1985-04-03x", "refused");
	expect("85-04-03", "refused");
	expect("x60.4.3", "refused");
	expect("\xff\xfe", "refused");
}

static bool
has(const char *date, const char *form, bool whole)
{
	struct birth_form forms[BIRTH_FORMS];
	unsigned n, i;

	assert_int_equal(birth_forms(date, forms, &n), ERR_OK);
	for (i = 0; i < n; i++) {
		if (strcmp(forms[i].text, form) == 0)
			return forms[i].whole == whole;
	}
	return false;
}

static void
c14_5_forms_of_a_birth_date(void **state)
{
	struct birth_form forms[BIRTH_FORMS];
	unsigned n;

	(void)state;
	assert_true(has("1985-04-03", "19850403", true));
	assert_true(has("1985-04-03", "850403", true));
	assert_true(has("1985-04-03", "s600403", true));
	assert_true(has("1985-04-03", "600403", true));
	assert_true(has("1985-04-03", "昭和60年4月3日", true));
	assert_true(has("1985-04-03", "shouwa600403", true));
	assert_true(has("1985-04-03", "0403", false));
	assert_true(has("1985-04-03", "1985", false));
	assert_true(has("1989-01-08", "h010108", true));
	assert_true(has("1989-01-08", "平成元年1月8日", true));
	assert_int_equal(birth_forms("1985-02-30", forms, &n), ERR_INPUT);
	assert_int_equal(birth_forms("", forms, &n), ERR_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_way_of_writing_a_date),
	    cmocka_unit_test(eras_begin_and_end_on_their_days),
	    cmocka_unit_test(days_that_were_not),
	    cmocka_unit_test(c14_5_forms_of_a_birth_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
