/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eventjson.h - an event in the words of door_events(). */
#ifndef SEKISHO_FEED_EVENTJSON_H
#define SEKISHO_FEED_EVENTJSON_H

#include <jansson.h>

#include "cardtools/feed/mapping.h"

/* NULL when memory is short. The caller releases it. */
json_t *event_json(const struct event *event);

#endif
