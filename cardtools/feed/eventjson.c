/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/feed/eventjson.h"

static const char *
person_key(enum feed_person form)
{
	switch (form) {
	case FEED_LOGIN:
		return "login";
	case FEED_BADGE:
	case FEED_BADGE_DECIMAL:
		return "badge";
	case FEED_CARD:
		return "card";
	}
	return "login";
}

static int
put_text(json_t *json, const char *key, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return 0;
	return json_object_set_new(json, key, json_string(text));
}

json_t *
event_json(const struct event *event)
{
	json_t *json = json_pack("{s:s, s:s, s:f}", "event", event->id, "kind",
	    event->kind, "at", event->at);
	int bad;

	if (json == NULL)
		return NULL;
	bad = put_text(json, "door", event->door);
	bad |= put_text(json, person_key(event->person_form), event->person);
	bad |= put_text(json, "method", event->method);
	if (event->has_seq)
		bad |=
		    json_object_set_new(json, "seq", json_integer(event->seq));
	if (event->why != NULL) {
		bad |= put_text(json, "why", event->why);
		bad |= put_text(json, "raw", event->raw);
	}
	if (bad != 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}
