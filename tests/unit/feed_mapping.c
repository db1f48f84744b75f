/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/feed/eventjson.h"
#include "cardtools/feed/mapping.h"
#include "tests/unit/test.h"

static const char basic[] =
    "source = \"s\"; format = \"json\"; input: { from = \"stdin\"; };"
    "map: { event = \"id\"; time = \"t\"; time_format = \"epoch\"; "
    "door = \"d\"; person = \"p\"; kind = \"k+dir\"; seq = \"n\"; "
    "method = \"m\"; };"
    "doors = ( (\"D/1\", \"pharmacy\") );"
    "kinds = ( (\"open/in\", \"enter\"), (\"open/-\", \"opened\"), "
    "(\"noise/-\", \"ignore\") );"
    "methods = ( (\"c\", \"card\"), (\"cp\", \"card_pin\") );"
    "heartbeat_event = \"tick/-\";";

static struct feedconf conf;
static struct event event;
static char message[CONF_MESSAGE];

static void
configure(const char *base, const char *more)
{
	char text[4096];

	feedconf_clear(&conf);
	memset(&conf, 0, sizeof conf);
	(void)snprintf(text, sizeof text, "%s%s", base, more);
	if (feedconf_read_text(text, &conf, message) != ERR_OK)
		fail_msg("%s", message);
}

static enum mapped
map_at(const char *text, const char *place)
{
	struct line line = {.text = text, .len = strlen(text)};

	(void)snprintf(line.place, sizeof line.place, "%s", place);
	return mapping_event(&conf, &line, 1000, &event);
}

static void
event_of(const char *text)
{
	if (map_at(text, "") != MAPPED_EVENT || event.why != NULL)
		fail_msg(
		    "%s: %s", text, event.why != NULL ? event.why : "no event");
}

static void
quarantine(const char *text, const char *why)
{
	if (map_at(text, "") != MAPPED_EVENT || event.why == NULL ||
	    strstr(event.why, why) == NULL)
		fail_msg(
		    "%s: %s", text, event.why != NULL ? event.why : "taken");
	assert_true(event.id[0] != '\0' && event.raw[0] != '\0');
}

static void
what_is_mapped(void **state)
{
	(void)state;
	configure(basic, "");
	event_of("{\"id\":7,\"t\":5.5,\"d\":\"D/1\",\"p\":\"Ｓato\","
		 "\"k\":\"open\",\"dir\":\"in\",\"n\":12,\"m\":\"cp\"}");
	assert_string_equal(event.id, "7");
	assert_string_equal(event.kind, "enter");
	assert_string_equal(event.door, "pharmacy");
	assert_string_equal(event.person, "sato"); /* as the database has it */
	assert_string_equal(event.method, "card_pin");
	assert_true(event.at > 5.4 && event.at < 5.6);
	assert_true(event.has_seq && event.seq == 12);
	/* a door that opens is nobody's */
	event_of("{\"id\":8,\"t\":6,\"d\":\"D/1\",\"k\":\"open\"}");
	assert_string_equal(event.kind, "opened");
	assert_string_equal(event.person, "");
	assert_false(event.has_seq);
	assert_int_equal(map_at("{\"k\":\"noise\"}", ""), MAPPED_NOTHING);
	assert_int_equal(map_at("{\"k\":\"tick\"}", ""), MAPPED_HEARTBEAT);
	assert_int_equal(map_at("", ""), MAPPED_NOTHING);
}

static void
what_is_not_mapped(void **state)
{
	(void)state;
	configure(basic, "");
	quarantine("{", "not JSON");
	quarantine("{\"id\":1}", "no kind");
	quarantine("{\"id\":1,\"k\":\"what\"}", "kind is not in the table");
	assert_string_equal(event.kind, "unknown");
	assert_string_equal(event.id, "1");
	quarantine("{\"id\":1,\"k\":\"open\"}", "no time");
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":\"x\"}", "time is not");
	assert_true(event.at > 999 && event.at < 1001);
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":1}", "no door");
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":1,\"d\":\"D/2\"}",
	    "door is not in the table");
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":1,\"d\":\"D/1\","
		   "\"p\":\"no body\"}",
	    "login");
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":1,\"d\":\"D/1\","
		   "\"n\":\"9x\"}",
	    "sequence");
	quarantine("{\"id\":1,\"k\":\"open\",\"t\":1,\"d\":\"D/1\","
		   "\"m\":\"face\"}",
	    "method");
}

static void
long_lines_are_kept_in_part(void **state)
{
	static char big[FEED_LINE_MAX];
	struct line line = {big, sizeof big, true, ""};

	(void)state;
	configure(basic, "");
	memset(big, 'x', sizeof big);
	big[1] = '\n';
	big[2] = '\xff';
	assert_int_equal(
	    mapping_event(&conf, &line, 1000, &event), MAPPED_EVENT);
	assert_string_equal(event.why, "the line is too long");
	assert_int_equal(strlen(event.raw), EVENT_RAW_MAX);
	assert_int_equal(strncmp(event.raw, "x??x", 4), 0);
}

static void
names_of_events_without_one(void **state)
{
	static const char text[] = "{\"t\":1,\"d\":\"D/1\",\"k\":\"open\"}";
	char first[EVENT_ID_MAX + 1], long_id[400];

	(void)state;
	configure(basic, "");
	event_of(text);
	assert_int_equal(strlen(event.id), 64);
	memcpy(first, event.id, sizeof first);
	event_of(text);
	assert_string_equal(event.id, first); /* on a stream: a repetition */
	(void)map_at(text, "5 100");
	assert_string_not_equal(event.id, first);
	memcpy(first, event.id, sizeof first);
	(void)map_at(text, "5 200");
	assert_string_not_equal(event.id, first);
	/* one of its own that is too long for the database */
	(void)snprintf(long_id, sizeof long_id,
	    "{\"id\":\"%0130d\",\"t\":1,\"d\":\"D/1\",\"k\":\"open\"}", 7);
	event_of(long_id);
	assert_int_equal(strlen(event.id), 64);
	/* a name of the event that the database refused is another one */
	memcpy(first, event.id, sizeof first);
	mapping_refused(&event, 2000);
	assert_string_not_equal(event.id, first);
	assert_string_equal(event.kind, "unknown");
	assert_string_equal(event.door, "");
	assert_non_null(event.why);
}

static void
badge(const char *more, const char *number, const char *expected)
{
	char text[512];

	configure("source = \"s\"; format = \"json\"; map: { time = \"t\"; "
		  "time_format = \"epoch\"; kind = \"k\"; person = \"p\"; ",
	    more);
	(void)snprintf(
	    text, sizeof text, "{\"t\":1,\"k\":\"in\",\"p\":\"%s\"}", number);
	if (expected == NULL) {
		quarantine(text, "badge");
		return;
	}
	event_of(text);
	assert_int_equal(event.person_form, FEED_BADGE);
	assert_string_equal(event.person, expected);
}

#define TAIL "}; kinds = ( (\"*\", \"enter\") );"

static void
badges(void **state)
{
	static const char hex[] = "person_form = \"badge\"; " TAIL;
	static const char back[] =
	    "person_form = \"badge\"; badge_reversed = true; " TAIL;
	static const char dec[] = "person_form = \"badge_decimal\"; " TAIL;
	static const char seven[] = "person_form = \"badge_decimal\"; "
				    "badge_octets = 7; " TAIL;
	static const char decback[] = "person_form = \"badge_decimal\"; "
				      "badge_reversed = true; " TAIL;

	(void)state;
	badge(hex, "04:A1-b2 c3", "04a1b2c3");
	badge(hex, "04A1B2C3D4E5F6", "04a1b2c3d4e5f6");
	badge(hex, "04A1B2", NULL);
	badge(hex, "04A1B2C", NULL);
	badge(hex, "08010203", NULL); /* drawn anew each time */
	badge(hex, "00000000", NULL);
	badge(hex, "0102030405060708090a0b", NULL);
	badge(back, "04a1b2c3", "c3b2a104");
	badge(back, "01020304050607", "07060504030201");
	badge(dec, "77705923", "04a1b2c3");
	badge(dec, "0077705923", "04a1b2c3");
	badge(dec, "4294967295", "ffffffff");
	badge(dec, "4294967296", NULL);
	badge(dec, "-1", NULL);
	badge(dec, "0", NULL);
	badge(decback, "77705923", "c3b2a104");
	badge(seven, "1303743989418486", "04a1bf8d5e09f6");
}

static void
one_door_and_no_tables(void **state)
{
	(void)state;
	configure("source = \"s\"; format = \"csv\"; csv: { separator = \";\"; "
		  "columns = \"at;x\"; }; map: { time = \"1\"; kind = \"2\"; "
		  "person = \"3\"; person_form = \"card\"; door = \"4\"; };"
		  "kinds = ( (\"*\", \"leave\") );",
	    "");
	event_of("2026-11-25T12:20:00Z;anything;12-345;North");
	assert_string_equal(event.kind, "leave");
	assert_string_equal(event.person, "12-345");
	assert_int_equal(event.person_form, FEED_CARD);
	assert_string_equal(event.door, "North");
	configure("source = \"s\"; format = \"syslog\"; map: { time = "
		  "\"timestamp\"; kind = \"msgid\"; };"
		  "doors = ( (\"*\", \"only\") ); kinds = ( (\"IN\", "
		  "\"enter\") );",
	    "");
	event_of("<13>1 2026-11-25T12:20:00Z - - - IN -");
	assert_string_equal(event.door, "only");
}

static void
as_json(void **state)
{
	json_t *json;

	(void)state;
	configure(basic, "");
	event_of("{\"id\":7,\"t\":5.5,\"d\":\"D/1\",\"p\":\"sato\","
		 "\"k\":\"open\",\"dir\":\"in\",\"n\":12,\"m\":\"c\"}");
	json = event_json(&event);
	assert_string_equal(
	    json_string_value(json_object_get(json, "login")), "sato");
	assert_int_equal(json_integer_value(json_object_get(json, "seq")), 12);
	assert_true(json_is_number(json_object_get(json, "at")));
	/* what was received is shown where it could not be mapped, only */
	assert_null(json_object_get(json, "raw"));
	assert_null(json_object_get(json, "why"));
	assert_null(json_object_get(json, "badge"));
	json_decref(json);
	quarantine("{\"id\":1}", "no kind");
	json = event_json(&event);
	assert_string_equal(
	    json_string_value(json_object_get(json, "raw")), "{\"id\":1}");
	assert_null(json_object_get(json, "door"));
	json_decref(json);
}

static void
refused(const char *text, const char *word)
{
	struct feedconf bad = {0};

	assert_error(feedconf_read_text(text, &bad, message), ERR_CONFIG);
	if (strstr(message, word) == NULL)
		fail_msg("%s: %s", text, message);
	feedconf_clear(&bad);
}

#define HEAD "source = \"s\"; format = \"json\"; "
#define MAP "map: { time = \"t\"; kind = \"k\"; }; "

static void
configurations_that_are_refused(void **state)
{
	(void)state;
	refused("", "source");
	refused(HEAD, "map.time");
	refused("source = \"s\"; format = \"xml\"; " MAP, "xml");
	refused(HEAD MAP "kinds = ( (\"a\", \"entry\") );", "entry");
	refused(HEAD MAP "methods = ( (\"a\", \"smell\") );", "smell");
	refused(HEAD MAP "input: { from = \"udp\"; };", "udp");
	refused(
	    HEAD MAP "input: { from = \"file\"; path = \"x\"; };", "absolute");
	refused(HEAD MAP "input: { from = \"tls\"; listen = \"[::]:1\"; "
			 "ca = \"a\"; certificate = \"b\"; key = \"c\"; };",
	    "peers");
	refused(HEAD "map: { time = \"t\"; kind = \"k\"; "
		     "time_format = \"iso\"; };",
	    "time_format");
	refused(HEAD "map: { time = \"t\"; kind = \"k\"; "
		     "time_zone = \"Mars/Base\"; };",
	    "Mars");
	refused(HEAD "map: { time = \"t\"; kind = \"k\"; "
		     "badge_octets = 5; };",
	    "badge_octets");
	refused(HEAD "map: { time = \"t\"; kind = \"k\"; "
		     "person_form = \"face\"; };",
	    "face");
}

static int
clear(void **state)
{
	(void)state;
	feedconf_clear(&conf);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_mapped),
	    cmocka_unit_test(what_is_not_mapped),
	    cmocka_unit_test(long_lines_are_kept_in_part),
	    cmocka_unit_test(names_of_events_without_one),
	    cmocka_unit_test(badges),
	    cmocka_unit_test(one_door_and_no_tables),
	    cmocka_unit_test(as_json),
	    cmocka_unit_test(configurations_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, clear);
}
