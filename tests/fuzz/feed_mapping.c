/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any line becomes an event that the database can take, or nothing. */
#include <jansson.h>
#include <string.h>

#include "cardtools/feed/eventjson.h"
#include "cardtools/feed/mapping.h"
#include "cardtools/feed/stamp.h"
#include "tests/fuzz/fuzz.h"

#define TABLES                                                      \
	"doors = ( (\"*\", \"pharmacy\") ); kinds = ( (\"noise\", " \
	"\"ignore\"), (\"*\", \"enter\") ); heartbeat_event = \"tick\";"

static const char *const texts[] = {
    "source = \"s\"; format = \"json\"; map: { event = \"id\"; time = "
    "\"utcTime\"; time_format = \"epoch\"; kind = \"event\"; person = "
    "\"params.uid\"; person_form = \"badge\"; seq = \"id\"; };" TABLES,
    "source = \"s\"; format = \"csv\"; map: { time = \"1\"; kind = \"4\"; "
    "person = \"3\"; door = \"2\"; event = \"1+2+3\"; };" TABLES,
    "source = \"s\"; format = \"syslog\"; map: { time = \"timestamp\"; "
    "kind = \"msgid\"; person = \"door@32473.badge\"; person_form = "
    "\"card\"; method = \"app\"; }; methods = ( (\"*\", \"card\") );" TABLES,
    "source = \"s\"; format = \"json\"; map: { event = \"id\"; time = "
    "\"utcTime\"; time_format = \"%d/%m/%Y %H:%M:%S\"; time_zone = "
    "\"+09:00\"; kind = \"event\"; person = \"uid\"; person_form = "
    "\"badge_decimal\"; badge_reversed = true; };" TABLES,
};
enum { CONFS = sizeof texts / sizeof texts[0] };
static struct feedconf confs[CONFS];

static void
event_holds(const struct event *event)
{
	json_t *json = event_json(event);
	const char *id = json_string_value(json_object_get(json, "event"));

	must(json != NULL); /* so all of it is UTF-8 */
	must(id != NULL && strlen(id) >= 1 && strlen(id) <= EVENT_ID_MAX);
	must(event->at >= 0 && event->at <= 99999999999.0);
	must(strlen(event->raw) <= EVENT_RAW_MAX);
	must(event->why != NULL || strcmp(event->kind, "unknown") != 0);
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event event;
	struct line line = {.place = "1 2"};
	struct feedconf *conf;
	char message[CONF_MESSAGE];

	if (size < 1)
		return 0;
	conf = &confs[data[0] % CONFS];
	if (conf->source == NULL)
		must(feedconf_read_text(
			 texts[data[0] % CONFS], conf, message) == ERR_OK);
	must(stamp_zone(conf->time_zone) == ERR_OK); /* the process has one */
	line.text = (const char *)data + 1;
	line.len = size - 1;
	line.too_long = line.len > FEED_LINE_MAX;
	if (line.too_long)
		line.len = FEED_LINE_MAX;
	if (mapping_event(conf, &line, 1000, &event) != MAPPED_EVENT)
		return 0;
	event_holds(&event);
	mapping_refused(&event, 1000);
	event_holds(&event);
	must(event.why != NULL);
	return 0;
}
