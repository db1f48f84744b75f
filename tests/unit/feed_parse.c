/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/feed/parse_csv.h"
#include "cardtools/feed/parse_json.h"
#include "cardtools/feed/parse_syslog.h"
#include "cardtools/feed/stamp.h"
#include "tests/unit/test.h"

static struct record record;
static const char *why;

static enum error
json(const char *text)
{
	why = NULL;
	return parse_json(text, strlen(text), &record, &why);
}

static enum error
csv(const char *text, char separator, const char *columns)
{
	why = NULL;
	return parse_csv(text, strlen(text), separator, columns, &record, &why);
}

static enum error
syslog_line(const char *text)
{
	why = NULL;
	return parse_syslog(text, strlen(text), &record, &why);
}

static void
has(const char *name, const char *value)
{
	const char *got = record_get(&record, name);

	if (got == NULL)
		fail_msg("%s is not there", name);
	assert_string_equal(got, value);
}

static void
json_becomes_flat(void **state)
{
	(void)state;
	assert_ok(
	    json("{\"id\":17,\"at\":1.5,\"p\":{\"valid\":true,\"x\":null,"
		 "\"n\":[\"a\",{\"b\":false}]},\"name\":\"佐藤\",\"e\":\"\"}"));
	assert_null(why);
	has("id", "17");
	has("at", "1.5");
	has("p.valid", "true");
	has("p.n.0", "a");
	has("p.n.1.b", "false");
	has("name", "佐藤");
	has("e", "");
	assert_null(record_get(&record, "p.x"));
	assert_null(record_get(&record, "p"));
	assert_ok(json("{}"));
	assert_int_equal(record.n, 0);
	assert_null(record_get(&record, "id"));
}

static void
json_that_is_refused(void **state)
{
	static const char *const bad[] = {"", "{", "[1]", "1", "null", "{}x",
	    "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}",
	    "{\"a.b\":1,\"a\":{\"b\":2}}", "{'a':1}",
	    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}"
	    "}"
	    "}}}}}}"};
	char many[RECORD_FIELDS * 12];
	size_t i, len = 0;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		if (json(bad[i]) != ERR_INPUT || why == NULL)
			fail_msg("taken: %s", bad[i]);
	}
	for (i = 0; i <= RECORD_FIELDS; i++)
		len += (size_t)snprintf(many + len, sizeof many - len,
		    "%s\"k%zu\":1", i == 0 ? "{" : ",", i);
	(void)snprintf(many + len, sizeof many - len, "}");
	assert_error(json(many), ERR_INPUT);
	/* one field less fits */
	many[strlen(many) - strlen(",\"k128\":1}")] = '\0';
	(void)snprintf(many + strlen(many), 2, "}");
	assert_ok(json(many));
	assert_int_equal(record.n, RECORD_FIELDS);
	/* the deepest that is taken */
	assert_ok(
	    json("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}"));
}

static void
csv_fields_by_number_and_name(void **state)
{
	(void)state;
	assert_ok(csv("a,\"b,\"\"c\"\"\",,d", ',', "one,two,,four"));
	has("1", "a");
	has("2", "b,\"c\"");
	has("3", "");
	has("4", "d");
	has("two", "b,\"c\"");
	has("four", "d");
	assert_ok(csv("a;b", ';', ""));
	has("2", "b");
	assert_ok(csv("a\tb\"x", '\t', ""));
	has("2", "b\"x");
	assert_ok(csv("\xef\xbb\xbfx,y", ',', ""));
	has("1", "x");
	/* fewer and more than there are names */
	assert_ok(csv("a", ',', "one,two"));
	assert_null(record_get(&record, "two"));
	assert_ok(csv("a,b,c", ',', "one"));
	has("3", "c");
	assert_error(csv("\"a", ',', ""), ERR_INPUT);
	assert_error(csv("\"a\"b,c", ',', ""), ERR_INPUT);
	assert_error(csv("a,\xff", ',', ""), ERR_INPUT);
	assert_error(csv("a,b", ',', "1,x"), ERR_INPUT); /* "1" twice */
}

static void
csv_header(void **state)
{
	(void)state;
	assert_error(csv("Time,Door", ',', "Time,Door"), ERR_NOTFOUND);
	assert_error(
	    csv("\xef\xbb\xbf\"Time\",Door", ',', "Time,Door"), ERR_NOTFOUND);
	assert_ok(csv("Time", ',', "Time,Door"));
	assert_ok(csv("Time,Gate", ',', "Time,Door"));
	assert_ok(csv("", ',', ""));
}

static void
syslog_of_the_standard(void **state)
{
	(void)state;
	/* the examples of RFC 5424 6.5, with a byte order mark */
	assert_ok(syslog_line(
	    "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - "
	    "ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" "
	    "eventID=\"1011\"] \xef\xbb\xbf"
	    "An application event"));
	has("pri", "165");
	has("timestamp", "2003-10-11T22:14:15.003Z");
	has("hostname", "mymachine.example.com");
	has("app", "evntslog");
	assert_null(record_get(&record, "procid"));
	has("msgid", "ID47");
	has("exampleSDID@32473.iut", "3");
	has("exampleSDID@32473.eventID", "1011");
	has("msg", "An application event");
	assert_ok(syslog_line("<0>1 - - - - - -"));
	assert_int_equal(record.n, 1);
	assert_ok(syslog_line("<13>1 - - - - - [a b=\"\\\"\\\\\\]\\x\"][c]"));
	has("a.b", "\"\\]\\x");
	assert_null(record_get(&record, "msg"));
}

static void
syslog_that_is_refused(void **state)
{
	static const char *const bad[] = {"", "<13>", "13>1 - - - - - -",
	    "<192>1 - - - - - -", "<013>1 - - - - - -", "<>1 - - - - - -",
	    "<1a>1 - - - - - -", "<13>2 - - - - - -", "<13>1 - - - - -",
	    "<13>1  - - - - -", "<13>1 - - - - - x", "<13>1 - - - - - -x",
	    "<13>1 - - - - - [", "<13>1 - - - - - []", "<13>1 - - - - - [a",
	    "<13>1 - - - - - [a b]", "<13>1 - - - - - [a b=c]",
	    "<13>1 - - - - - [a b=\"c]", "<13>1 - - - - - [a b=\"]\"]",
	    "<13>1 - - - - - [a b=\"1\" b=\"2\"]",
	    "<13>1 - - - - - [a b=\"1\"]x", "<13>1 - - - - - - \xff",
	    "<34>Oct 11 22:14:15 mymachine su: old",
	    "<13>1 - - - - - [a23456789012345678901234567890123 b=\"1\"]"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		if (syslog_line(bad[i]) != ERR_INPUT || why == NULL)
			fail_msg("taken: %s", bad[i]);
	}
}

static void
at(const char *format, const char *text, double expected)
{
	double got = -1;

	if (stamp_parse(format, text, &got) != ERR_OK ||
	    got < expected - 0.0005 || got > expected + 0.0005)
		fail_msg("%s as %s: %.6f, expected %.6f", text, format, got,
		    expected);
}

static void
no_time(const char *format, const char *text)
{
	double got = -1;

	/* nothing is written but on success */
	if (stamp_parse(format, text, &got) != ERR_INPUT || got >= -0.5 ||
	    got <= -1.5)
		fail_msg("%s taken as %s: %.6f", text, format, got);
}

static void
times(void **state)
{
	(void)state;
	assert_ok(stamp_zone("UTC"));
	at("epoch", "1795650000.25", 1795650000.25);
	at("epoch_ms", "1795650000250", 1795650000.25);
	at("iso8601", "2026-11-25T12:20:00Z", 1795609200);
	at("iso8601", "2026-11-25 12:20", 1795609200);
	at("iso8601", "2026-11-25T21:20:00.5+09:00", 1795609200.5);
	at("iso8601", "2026-11-25T21:20:00+0900", 1795609200);
	at("iso8601", "2026-11-25T07:20:00,25-05", 1795609200.25);
	at("%d/%m/%Y %H:%M:%S", "25/11/2026 12:20:00.125", 1795609200.125);
	at("%Y%m%d%H%M%S%z", "20261125212000+0900", 1795609200);
	no_time("epoch", "");
	no_time("epoch", "-1");
	no_time("epoch", "1e9");
	no_time("epoch", " 1");
	no_time("epoch", "0x10");
	no_time("epoch", "inf");
	no_time("epoch", "999999999999999");
	no_time("iso8601", "2026-11-25");
	no_time("iso8601", "2026-02-30T12:20:00Z");
	no_time("iso8601", "2026-02-30T12:20:00");
	no_time("iso8601", "2026-11-25T25:20:00Z");
	no_time("iso8601", "2026-11-25T12:20:00.Z");
	no_time("iso8601", "2026-11-25T12:20:00Zx");
	no_time("iso8601", "2026-11-25T12:20:00+15:00");
	no_time("iso8601", " 2026-11-25T12:20:00Z");
	no_time("iso8601", "1013-11-25T12:20:00Z");
	no_time("iso8601", "1013-11-25T12:20:00");
	no_time("%d/%m/%Y %H:%M:%S", "25/11/1013 12:20:00");
	no_time("%d/%m/%Y", "30/02/2026");
	no_time("%d/%m/%Y", "25/11/2026 x");
	assert_ok(stamp_format_check("%d"));
	assert_error(stamp_format_check("iso"), ERR_CONFIG);
}

static void
zones(void **state)
{
	(void)state;
	assert_ok(stamp_zone("+09:00"));
	at("iso8601", "2026-11-25T21:20:00", 1795609200);
	at("iso8601", "2026-11-25T12:20:00Z", 1795609200);
	assert_ok(stamp_zone("Asia/Tokyo"));
	at("%Y-%m-%d %H:%M:%S", "2026-11-25 21:20:00", 1795609200);
	assert_ok(stamp_zone("Europe/Prague"));
	at("iso8601", "2026-07-01T12:00:00", 1782900000);
	at("iso8601", "2026-12-01T12:00:00", 1796122800);
	no_time("iso8601", "2026-02-30T12:00:00");
	assert_error(stamp_zone("Nowhere/Town"), ERR_CONFIG);
	assert_error(stamp_zone("../zoneinfo/UTC"), ERR_CONFIG);
	assert_error(stamp_zone(""), ERR_CONFIG);
	assert_error(stamp_zone("+9"), ERR_CONFIG);
	assert_ok(stamp_zone("UTC"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_becomes_flat),
	    cmocka_unit_test(json_that_is_refused),
	    cmocka_unit_test(csv_fields_by_number_and_name),
	    cmocka_unit_test(csv_header),
	    cmocka_unit_test(syslog_of_the_standard),
	    cmocka_unit_test(syslog_that_is_refused),
	    cmocka_unit_test(times),
	    cmocka_unit_test(zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
