/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/account.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/escape.h"
#include "common/base/hex.h"
#include "common/base/log.h"
#include "common/rules/mac.h"
#include "common/rules/name.h"
#include "common/wire/account.h"

/* The database's word; NULL: not one of a session's. */
static const char *
status_text(uint32_t status)
{
	static const struct {
		enum account_status status;
		const char *text;
	} words[] = {{ACCOUNT_START, "start"}, {ACCOUNT_STOP, "stop"},
	    {ACCOUNT_INTERIM, "interim"}, {ACCOUNT_ON, "on"},
	    {ACCOUNT_OFF, "off"}};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i].status == status)
			return words[i].text;
	}
	return NULL;
}

static bool
put_octets(json_t *o, const char *key, ProtobufCBinaryData value)
{
	char text[4 * ACCOUNT_OCTETS + 1];

	if (value.len == 0)
		return true;
	escape_octets(value.data, value.len, text);
	return json_object_set_new(o, key, json_string(text)) == 0;
}

static bool
put_hex(json_t *o, const char *key, ProtobufCBinaryData value)
{
	char text[2 * ACCOUNT_OCTETS + 1];

	if (value.len == 0)
		return true;
	hex_encode(value.data, value.len, text);
	return json_object_set_new(o, key, json_string(text)) == 0;
}

static bool
put_number(json_t *o, const char *key, uint64_t value)
{
	if (value == 0)
		return true;
	/* beyond what JSON's integers hold no session has come yet */
	if (value > INT64_MAX)
		value = INT64_MAX;
	return json_object_set_new(o, key, json_integer((json_int_t)value)) ==
	       0;
}

/* Canonical where it is a name, and as it came where it is not the same. */
static bool
put_user(json_t *o, ProtobufCBinaryData name, const char *realms)
{
	char canonical[NAME_MAX_OCTETS + 1];

	if (name.len == 0)
		return true;
	if (name_at_home(name.data, name.len, realms, canonical) != ERR_OK)
		return put_octets(o, "user_sent", name);
	if (json_object_set_new(o, "user", json_string(canonical)) != 0)
		return false;
	return (strlen(canonical) == name.len &&
		   sodium_memcmp(canonical, name.data, name.len) == 0) ||
	       put_octets(o, "user_sent", name);
}

/* Which machine it is on, if its address is one (station_fault). */
static bool
put_mac(json_t *o, ProtobufCBinaryData calling)
{
	char mac[MAC_TEXT];

	return mac_canonical(calling.data, calling.len, mac) != ERR_OK ||
	       json_object_set_new(o, "mac", json_string(mac)) == 0;
}

static bool
put_address(json_t *o, ProtobufCBinaryData address)
{
	char text[16];

	if (address.len != 4)
		return true;
	(void)snprintf(text, sizeof text, "%u.%u.%u.%u", address.data[0],
	    address.data[1], address.data[2], address.data[3]);
	return json_object_set_new(o, "framed_ip", json_string(text)) == 0;
}

/* docs/protocol.md, "Accounting": what is absent is left out. */
static char *
event_json(
    const Sekisho__AccountRequest *r, const char *status, const char *realms)
{
	json_t *o = json_object();
	char *text = NULL;

	if (o != NULL &&
	    json_object_set_new(o, "client", json_string(r->client_id)) == 0 &&
	    put_octets(o, "session", r->session_id) &&
	    json_object_set_new(o, "status", json_string(status)) == 0 &&
	    put_number(o, "version", r->client_version) &&
	    put_user(o, r->user_name, realms) &&
	    put_octets(o, "called", r->called_station_id) &&
	    put_octets(o, "calling", r->calling_station_id) &&
	    put_mac(o, r->calling_station_id) &&
	    (!r->has_nas_port || json_object_set_new(o, "nas_port",
				     json_integer(r->nas_port)) == 0) &&
	    put_address(o, r->framed_ip) && put_number(o, "cause", r->cause) &&
	    put_number(o, "seconds", r->seconds) &&
	    put_number(o, "octets_in", r->octets_in) &&
	    put_number(o, "octets_out", r->octets_out) &&
	    put_hex(o, "class", r->class_octets) &&
	    put_number(o, "event_time", r->event_time) &&
	    put_number(o, "delay", r->delay) &&
	    put_octets(o, "source", r->src_addr))
		text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

enum error
account_event(const Sekisho__AccountRequest *r, const char *realms,
    struct account_event *ret_event)
{
	const char *status = status_text(r->status);

	memset(ret_event, 0, sizeof *ret_event);
	if (!uuid_valid(r->client_id))
		return ERR_INPUT;
	memcpy(ret_event->client, r->client_id, strlen(r->client_id) + 1);
	(void)snprintf(ret_event->version, sizeof ret_event->version,
	    "%" PRIu64, r->client_version);
	ret_event->interim = r->status == ACCOUNT_INTERIM;
	/* Others (RFC 2867) are about tunnels; nothing is kept of them. */
	if (status == NULL)
		return ERR_OK;
	ret_event->json = event_json(r, status, realms);
	return ret_event->json == NULL ? ERR_NOMEM : ERR_OK;
}

void
account_event_clear(struct account_event *event)
{
	free(event->json);
	event->json = NULL;
}

/* Not recorded, so not acknowledged: at most a line a second and process. */
static void
say_not_taken(const struct account_event *event, const char *why)
{
	static int64_t last_ms;
	int64_t now = clock_ms();

	if (now - last_ms < 1000)
		return;
	last_ms = now;
	log_warn("accounting is not acknowledged", "why", why, "client",
	    event->client);
}

enum error
account_take(struct db *db, int timeout_ms, const struct account_event *event,
    bool *ret_taken)
{
	const char *params[3] = {event->client, event->version, event->json};
	struct db_result *row = NULL;
	const char *result;
	enum error err;

	*ret_taken = event->json == NULL;
	if (*ret_taken)
		return ERR_OK;
	err = db_call(db, "account_take",
	    "SELECT sekisho.account_take($1::uuid, $2, $3::jsonb)", 3, params,
	    timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	result = db_text(row, 0, 0);
	if (result == NULL)
		result = "-";
	*ret_taken = strcmp(result, "client_changed") != 0 &&
		     strcmp(result, "malformed") != 0 && result[0] != '-';
	if (!*ret_taken)
		say_not_taken(event, result);
	log_debug("accounting", "client", event->client, "result", result);
	db_result_free(&row);
	return ERR_OK;
}
