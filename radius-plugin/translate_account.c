/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An Accounting-Request (RFC 2866) as the message that authd understands.
 * Nothing of it is believed here: what a session may be is authd's business.
 */
#include "radius-plugin/translate.h"

#include <string.h>

#include "common/wire/account.h"

/* protobuf-c's octets are not const; nothing writes to those that are packed */
static ProtobufCBinaryData
binary(const uint8_t *bytes, size_t len)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} alias = {.in = bytes};

	return (ProtobufCBinaryData){.len = len, .data = alias.out};
}

/* A value of octets that stands once. */
static enum error
once(const struct attribute *a, ProtobufCBinaryData *field)
{
	if (field->data != NULL || a->len > ATTR_MAX)
		return ERR_INPUT;
	*field = binary(a->value, a->len);
	return ERR_OK;
}

/* What an accept has given is of a length of its own; proxies add others. */
static void
take_class(const struct attribute *a, ProtobufCBinaryData *field)
{
	if (a->len == 0 || a->len > ATTR_MAX)
		return;
	if (field->len == 0 ||
	    (field->len != ACCOUNT_CLASS && a->len == ACCOUNT_CLASS))
		*field = binary(a->value, a->len);
}

static enum error
number(const struct attribute *a, uint32_t *ret)
{
	if (a->len != 4)
		return ERR_INPUT;
	*ret = (uint32_t)a->value[0] << 24 | (uint32_t)a->value[1] << 16 |
	       (uint32_t)a->value[2] << 8 | a->value[3];
	return ERR_OK;
}

/* RFC 2869 5.1: how often a counter of 32 bits has run over. */
static enum error
gigawords(const struct attribute *a, uint64_t *sum)
{
	uint32_t words;
	enum error err = number(a, &words);

	if (err == ERR_OK)
		*sum += (uint64_t)words << 32;
	return err;
}

static enum error
octet_count(const struct attribute *a, uint64_t *sum)
{
	uint32_t octets;
	enum error err = number(a, &octets);

	if (err == ERR_OK)
		*sum += octets;
	return err;
}

/* Those that are octets and stand once. */
static ProtobufCBinaryData *
octets_field(Sekisho__AccountRequest *r, uint32_t attribute)
{
	const struct {
		uint32_t number;
		ProtobufCBinaryData *field;
	} fields[] = {{ATTR_ACCT_SESSION_ID, &r->session_id},
	    {ATTR_USER_NAME, &r->user_name},
	    {ATTR_CALLED_STATION_ID, &r->called_station_id},
	    {ATTR_CALLING_STATION_ID, &r->calling_station_id},
	    {ATTR_FRAMED_IP_ADDRESS, &r->framed_ip}};
	size_t i;

	for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (fields[i].number == attribute)
			return fields[i].field;
	}
	return NULL;
}

static uint32_t *
number_field(Sekisho__AccountRequest *r, uint32_t attribute)
{
	const struct {
		uint32_t number;
		uint32_t *field;
	} fields[] = {{ATTR_ACCT_STATUS_TYPE, &r->status},
	    {ATTR_NAS_PORT, &r->nas_port},
	    {ATTR_ACCT_TERMINATE_CAUSE, &r->cause},
	    {ATTR_ACCT_SESSION_TIME, &r->seconds},
	    {ATTR_EVENT_TIMESTAMP, &r->event_time},
	    {ATTR_ACCT_DELAY_TIME, &r->delay}};
	size_t i;

	for (i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (fields[i].number == attribute)
			return fields[i].field;
	}
	return NULL;
}

static enum error
take(const struct attribute *a, Sekisho__AccountRequest *r, uint32_t *states)
{
	ProtobufCBinaryData *octets = octets_field(r, a->number);
	uint32_t *field = number_field(r, a->number);

	if (octets != NULL)
		return a->number == ATTR_FRAMED_IP_ADDRESS && a->len != 4
			   ? ERR_INPUT
			   : once(a, octets);
	if (field != NULL) {
		r->has_nas_port |= a->number == ATTR_NAS_PORT;
		*states += a->number == ATTR_ACCT_STATUS_TYPE;
		return number(a, field);
	}
	if (a->number == ATTR_ACCT_INPUT_OCTETS)
		return octet_count(a, &r->octets_in);
	if (a->number == ATTR_ACCT_OUTPUT_OCTETS)
		return octet_count(a, &r->octets_out);
	if (a->number == ATTR_ACCT_INPUT_GIGAWORDS)
		return gigawords(a, &r->octets_in);
	if (a->number == ATTR_ACCT_OUTPUT_GIGAWORDS)
		return gigawords(a, &r->octets_out);
	if (a->number == ATTR_CLASS)
		take_class(a, &r->class_octets);
	return ERR_OK;
}

enum error
translate_account(const struct attribute *attrs, size_t n_attrs,
    const struct origin *origin, struct arena *arena,
    Sekisho__AccountRequest *ret_request)
{
	Sekisho__AccountRequest r;
	uint32_t states = 0;
	enum error err = ERR_OK;
	size_t i;

	sekisho__account_request__init(&r);
	for (i = 0; i < n_attrs && err == ERR_OK; i++) {
		if (attrs[i].vendor == VENDOR_NONE)
			err = take(&attrs[i], &r, &states);
	}
	if (err == ERR_OK && states != 1)
		err = ERR_INPUT;
	if (err != ERR_OK)
		return err;
	r.client_id =
	    arena_strndup(arena, origin->client_id, strlen(origin->client_id));
	if (r.client_id == NULL)
		return ERR_NOMEM;
	r.client_version = origin->client_version;
	r.src_addr =
	    binary((const uint8_t *)origin->src_addr, strlen(origin->src_addr));
	*ret_request = r;
	return ERR_OK;
}
