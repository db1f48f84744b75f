/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

struct sample {
	int number;
	bool flag;
	char *text;
	char *inner;
	int must;
	struct conf_pairs pairs;
};

static const struct conf_setting table[] = {
    {"number", CONF_INT, offsetof(struct sample, number), -5, 10, "7"},
    {"flag", CONF_BOOL, offsetof(struct sample, flag), 0, 0, "true"},
    {"text", CONF_STRING, offsetof(struct sample, text), 1, 8, "preset"},
    {"group.inner", CONF_STRING, offsetof(struct sample, inner), 0, 8, ""},
    {"must", CONF_INT, offsetof(struct sample, must), 0, 1, NULL},
    {"pairs", CONF_PAIRS, offsetof(struct sample, pairs), 0, 3, ""},
    {NULL, CONF_INT, 0, 0, 0, NULL},
};

static char message[CONF_MESSAGE];

static void
good(const char *text, struct sample *s)
{
	memset(s, 0, sizeof *s);
	if (conf_read_text("f", text, table, s, message) != ERR_OK)
		fail_msg("'%s': %s", text, message);
	assert_string_equal(message, "");
}

static void
bad(const char *text, const char *why)
{
	struct sample s = {.text = NULL};

	assert_error(conf_read_text("f", text, table, &s, message), ERR_CONFIG);
	if (strstr(message, why) == NULL)
		fail_msg("'%s': %s", text, message);
	assert_null(strchr(message, '\n'));
	conf_clear(table, &s);
	assert_null(s.text);
	assert_null(s.pairs.pair);
}

static void
presets_and_given(void **state)
{
	struct sample s;

	(void)state;
	good("must = 1;", &s);
	assert_int_equal(s.number, 7);
	assert_true(s.flag);
	assert_string_equal(s.text, "preset");
	assert_string_equal(s.inner, "");
	assert_int_equal(s.must, 1);
	conf_clear(table, &s);
	good("# a comment\nnumber = -5; flag = false; text = \"日本\";\n"
	     "group = { inner = \"x\"; };\nmust = 0x1;",
	    &s);
	assert_int_equal(s.number, -5);
	assert_false(s.flag);
	assert_string_equal(s.text, "日本");
	assert_string_equal(s.inner, "x");
	conf_clear(table, &s);
	assert_null(s.text);
	assert_null(s.inner);
}

static void
an_unknown_name_is_an_error(void **state)
{
	(void)state;
	bad("must = 1; numbr = 3;", "f:1: numbr is not a setting");
	bad("must = 1;\ngroup = { iner = \"\"; };", "f:2: group.iner is not");
	bad("must = 1; inner = \"\";", "inner is not a setting");
	bad("must = 1; group = 3;", "group is not a setting");
	bad("must = 1; grou = { inner = \"\"; };", "grou is not");
	bad("must = 1; number = { inner = 3; };", "number must be");
	bad("must = 1; group = { inner = { x = 1; }; };", "must be");
	bad("must = 1; group = ( \"inner\" );", "group is not");
}

static void
a_wrong_type_is_an_error(void **state)
{
	(void)state;
	bad("must = 1; number = \"3\";", "number must be a whole number");
	bad("must = 1; number = 3.5;", "whole number");
	bad("must = 1; number = 3L;", "whole number");
	bad("must = 1; number = true;", "whole number");
	bad("must = 1; flag = 1;", "flag must be true or false");
	bad("must = 1; text = 1;", "text must be a text");
	bad("must = 1; text = ( );", "text must be a text");
}

static void
a_value_out_of_range_is_an_error(void **state)
{
	(void)state;
	bad("must = 1;\nnumber = 11;", "f:2: number is 11, must be -5 to 10");
	bad("must = 1; number = -6;", "-5 to 10");
	bad("must = 1; number = 99999999999;", "number");
	bad("must = 1; text = \"\";", "1 to 8");
	bad("must = 1; text = \"123456789\";", "1 to 8");
	bad("must = 2;", "must is 2");
}

static void
what_is_missing_or_malformed(void **state)
{
	(void)state;
	bad("", "f: must is missing");
	bad("must = 1; number = ;", "f:1:");
	bad("must = 1; must = 1;", "f:1:");
	bad("must = 1; text = \"open", "f:1:");
	bad("\xff\xfe", "f:1:");
}

/* A file does not name others. */
static void
include_is_not_followed(void **state)
{
	(void)state;
	bad("@include \"/etc/hostname\"\nmust = 1;", "f:1:");
	bad("@include \"other.conf\"\nmust = 1;", "f:1:");
	bad("@include \"../../../../etc/hostname\"\nmust = 1;", "f:1:");
}

static void
file_is(const char *path, const void *octets, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, len, f), len);
	(void)fclose(f);
}

static void
files(void **state)
{
	static char big[CONF_FILE_MAX + 1];
	char path[] = "/tmp/conf-XXXXXX", wanted[128];
	struct sample s = {.text = NULL};

	(void)state;
	(void)close(mkstemp(path));
	file_is(path, "must = 1;", 9);
	assert_ok(conf_read(path, table, &s, message));
	conf_clear(table, &s);
	file_is(path, "must = 1;\0 number = 99;", 23);
	assert_error(conf_read(path, table, &s, message), ERR_CONFIG);
	assert_non_null(strstr(message, "NUL"));
	memset(big, '\n', sizeof big);
	memcpy(big, "must = 1;", 9);
	file_is(path, big, CONF_FILE_MAX - 1);
	assert_ok(conf_read(path, table, &s, message));
	conf_clear(table, &s);
	file_is(path, big, CONF_FILE_MAX);
	assert_error(conf_read(path, table, &s, message), ERR_CONFIG);
	assert_non_null(strstr(message, "longer than"));
	(void)unlink(path);
	assert_error(conf_read(path, table, &s, message), ERR_CONFIG);
	(void)snprintf(
	    wanted, sizeof wanted, "%s: No such file or directory", path);
	assert_string_equal(message, wanted);
	assert_error(conf_read("/tmp", table, &s, message), ERR_CONFIG);
	assert_string_equal(message, "/tmp: Is a directory");
	assert_error(conf_read(NULL, table, &s, message), ERR_CONFIG);
	assert_string_equal(message, "defaults: must is missing");
	conf_clear(table, &s);
}

static void
messages_fit(void **state)
{
	static char text[4000];
	char *at = text;

	(void)state;
	at = stpcpy(at, "must = 1; ");
	memset(at, 'n', 3000);
	(void)stpcpy(at + 3000, " = 1;");
	bad(text, "is not a setting");
	assert_true(strlen(message) < CONF_MESSAGE);
}

static void
pairs_keep_their_order(void **state)
{
	struct sample s;

	(void)state;
	good("must = 1;", &s);
	assert_int_equal(s.pairs.n, 0);
	conf_clear(table, &s);
	good("must = 1; pairs = ( (\"b\", \"1\"), (\"a/ \", \"\") );", &s);
	assert_int_equal(s.pairs.n, 2);
	assert_string_equal(s.pairs.pair[0].from, "b");
	assert_string_equal(s.pairs.pair[1].from, "a/ ");
	assert_string_equal(s.pairs.pair[1].to, "");
	conf_clear(table, &s);
	assert_int_equal(s.pairs.n, 0);
	good("must = 1; pairs = ();", &s);
	conf_clear(table, &s);
	bad("must = 1; pairs = 1;", "must be pairs");
	bad("must = 1; pairs = [\"a\"];", "must be pairs");
	bad("must = 1; pairs = ( (\"a\") );", "a pair is");
	bad("must = 1; pairs = ( (\"a\", 1) );", "a pair is");
	bad("must = 1; pairs = ( (\"a\", \"b\", \"c\") );", "a pair is");
	bad("must = 1; pairs = ( (\"a\", \"b\"), \"c\" );", "a pair is");
	bad("must = 1; pairs = ( (\"1\",\"\"), (\"2\",\"\"), (\"3\",\"\"), "
	    "(\"4\",\"\") );",
	    "at most 3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(presets_and_given),
	    cmocka_unit_test(an_unknown_name_is_an_error),
	    cmocka_unit_test(a_wrong_type_is_an_error),
	    cmocka_unit_test(a_value_out_of_range_is_an_error),
	    cmocka_unit_test(what_is_missing_or_malformed),
	    cmocka_unit_test(include_is_not_followed),
	    cmocka_unit_test(pairs_keep_their_order),
	    cmocka_unit_test(files),
	    cmocka_unit_test(messages_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
