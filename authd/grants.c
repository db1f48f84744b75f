/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/grants.h"

#include <jansson.h>
#include <string.h>

#include "common/base/hex.h"

enum { VALUE_MAX = 253 };

static enum error
grant_new(const json_t *o, struct arena *arena, Sekisho__Grant **ret)
{
	const char *octets = json_string_value(json_object_get(o, "octets"));
	Sekisho__Grant *g = arena_alloc(arena, sizeof *g);
	uint8_t *value = arena_alloc(arena, VALUE_MAX);
	enum error err;

	if (g == NULL || value == NULL)
		return ERR_NOMEM;
	if (octets == NULL)
		return ERR_INPUT;
	sekisho__grant__init(g);
	g->vendor = (uint32_t)json_integer_value(json_object_get(o, "vendor"));
	g->number = (uint32_t)json_integer_value(json_object_get(o, "number"));
	g->value.data = value;
	err =
	    hex_decode(octets, strlen(octets), value, VALUE_MAX, &g->value.len);
	*ret = g;
	return err;
}

enum error
grants_add(const char *json, struct arena *arena, Sekisho__AuthReply *reply)
{
	json_t *list, *o;
	enum error err = ERR_OK;
	size_t i;

	if (json == NULL)
		return ERR_OK;
	list = json_loads(json, 0, NULL);
	if (list == NULL || json_array_size(list) > MESSAGE_GRANTS) {
		json_decref(list);
		return ERR_INPUT;
	}
	reply->grants = arena_alloc(arena, MESSAGE_GRANTS * sizeof(void *));
	if (reply->grants == NULL)
		err = ERR_NOMEM;
	json_array_foreach(list, i, o)
	{
		if (err != ERR_OK)
			break;
		err = grant_new(o, arena, &reply->grants[i]);
		if (err == ERR_OK)
			reply->n_grants = i + 1;
	}
	json_decref(list);
	return err;
}
