/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of card-admin is pure: addresses for QR codes, CSV, moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cardtools/csv.h"
#include "cardtools/otpauth.h"
#include "cardtools/when.h"

/* RFC 4648 10, without the padding. */
static void
base32_vectors(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "MY"},
	    {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"},
	    {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"},
	    {"12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}};
	const unsigned char long_one[OTPAUTH_SEED_MAX + 1] = {0};
	struct secret *text = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		assert_int_equal(base32((const unsigned char *)vectors[i][0],
				     strlen(vectors[i][0]), &text),
		    ERR_OK);
		assert_string_equal((const char *)text->bytes, vectors[i][1]);
		assert_int_equal(text->len, strlen(vectors[i][1]));
		secret_free(&text);
	}
	assert_int_equal(base32(long_one, sizeof long_one, &text), ERR_INPUT);
}

static void
address_is_percent_encoded(void **state)
{
	const struct otpauth about = {
	    "A&B 病院", "o'neil@x", "SHA256", "8", "60"};
	struct secret *seed = NULL, *uri = NULL;

	(void)state;
	assert_int_equal(secret_copy("MZXW6", 5, &seed), ERR_OK);
	assert_int_equal(otpauth_uri(&about, seed, &uri), ERR_OK);
	assert_string_equal((const char *)uri->bytes,
	    "otpauth://totp/"
	    "A%26B%20%E7%97%85%E9%99%A2:o%27neil%40x?secret=MZXW6"
	    "&issuer=A%26B%20%E7%97%85%E9%99%A2&algorithm=SHA256&digits=8"
	    "&period=60");
	secret_free(&uri);
	secret_free(&seed);
}

static void
parse(const char *text, size_t len, struct csv **ret_csv)
{
	unsigned line;

	assert_int_equal(csv_parse(text, len, ret_csv, &line), ERR_OK);
}

static void
csv_as_written_by_offices(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "A1,suzuki\r\n\r\n\"A,2\",\"say \"\"x\"\"\","
				   "\nA3,\"two\nlines\"\nA4";
	struct csv *csv = NULL;

	(void)state;
	parse(text, sizeof text - 1, &csv);
	assert_int_equal(csv->n, 4);
	assert_string_equal(csv->row[0].field[0], "A1");
	assert_string_equal(csv->row[0].field[1], "suzuki");
	assert_int_equal(csv->row[1].line, 3);
	assert_int_equal(csv->row[1].n, 3);
	assert_string_equal(csv->row[1].field[0], "A,2");
	assert_string_equal(csv->row[1].field[1], "say \"x\"");
	assert_string_equal(csv->row[1].field[2], "");
	assert_string_equal(csv->row[2].field[1], "two\nlines");
	assert_int_equal(csv->row[3].line, 6);
	assert_int_equal(csv->row[3].n, 1);
	csv_free(&csv);
	assert_null(csv);
	parse("", 0, &csv);
	assert_int_equal(csv->n, 0);
	csv_free(&csv);
}

static void
csv_in_cp932(void **state)
{
	struct csv *csv = NULL;

	(void)state;
	/* 表 ends with a backslash in this coding */
	parse("A1,\x95\x5c\r\n", 7, &csv);
	assert_string_equal(csv->row[0].field[1], "表");
	csv_free(&csv);
}

static void
csv_that_is_none(void **state)
{
	struct csv *csv = NULL;
	unsigned line = 9;

	(void)state;
	assert_int_equal(csv_parse("a\nb,\"c\n", 7, &csv, &line), ERR_INPUT);
	assert_int_equal(line, 2);
	assert_int_equal(csv_parse("a\0b", 3, &csv, &line), ERR_INPUT);
	assert_int_equal(csv_parse("\xff\xff\xff", 3, &csv, &line), ERR_INPUT);
	assert_int_equal(
	    csv_parse(",,,,,,,,,,,,,,,,", 16, &csv, &line), ERR_INPUT);
	assert_int_equal(line, 1);
	assert_null(csv);
}

static time_t
at(const char *text, bool whole_day)
{
	const time_t now = 1800000000; /* 2027-01-15 17:00 in Tokyo */
	time_t when = -1;

	return when_parse(text, now, whole_day, &when) == ERR_OK ? when : -1;
}

static void
moments_as_people_write_them(void **state)
{
	(void)state;
	assert_int_equal(at("2027-03-31", false), 1806418800);
	assert_int_equal(at("2027-03-31", true), 1806418800 + 86400);
	assert_int_equal(at("2027-12-31", true), at("2028-01-01", false));
	assert_int_equal(at("2027-03-31 17:15", false), 1806480900);
	assert_int_equal(at("2027-03-31 17:15", true), 1806480900);
	assert_int_equal(at("2027-03-31T08:15:00Z", false), 1806480900);
	assert_int_equal(at("2027-03-31T08:15:00.25+00:00", false), 1806480900);
	assert_int_equal(at("2027-03-31T13:45:00+05:30", false), 1806480900);
	assert_int_equal(at("2027-03-31T03:15:00-05", false), 1806480900);
	assert_int_equal(at("09:00", false), 1800000000 - 8 * 3600);
	assert_int_equal(at("90m", false), 1800000000 - 5400);
	assert_int_equal(at("7d", false), 1800000000 - 7 * 86400);
}

static void
moments_that_are_none(void **state)
{
	static const char *const texts[] = {"", "x", "2027", "2027-02-29",
	    "2027-13-01", "2027-04-31", "2027-03-31x", "2027-03-31 24:00",
	    "2027-03-31 9", "2027-03-31 09:00+", "2027-03-31 09:00+09:99",
	    "9999999d", "5w", "25:00", "2h ago", "1969-01-01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(at(texts[i], false), -1);
}

static void
moments_as_shown(void **state)
{
	char text[WHEN_TEXT];

	(void)state;
	when_utc(1806480900, text);
	assert_string_equal(text, "2027-03-31T08:15:00Z");
	when_local("2027-03-31T08:15:00.123+00:00", false, text);
	assert_string_equal(text, "2027-03-31 17:15");
	when_local("2027-03-31T08:15:00+00:00", true, text);
	assert_string_equal(text, "2027-03-31 17:15:00");
	when_local("infinity", false, text);
	assert_string_equal(text, "infinity");
	when_last_day("2027-03-31T15:00:00+00:00", text);
	assert_string_equal(text, "2027-03-31");
	when_last_day("2027-03-31T15:01:00+00:00", text);
	assert_string_equal(text, "2027-04-01 00:01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base32_vectors),
	    cmocka_unit_test(address_is_percent_encoded),
	    cmocka_unit_test(csv_as_written_by_offices),
	    cmocka_unit_test(csv_in_cp932),
	    cmocka_unit_test(csv_that_is_none),
	    cmocka_unit_test(moments_as_people_write_them),
	    cmocka_unit_test(moments_that_are_none),
	    cmocka_unit_test(moments_as_shown),
	};

	(void)setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
