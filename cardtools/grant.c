/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cardtools/grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/output.h"
#include "cardtools/text.h"
#include "common/base/hex.h"

enum { /* RFC 2865, 2868, 3580 */
	FILTER_ID = 11,
	TERMINATION_ACTION = 29,
	TUNNEL_TYPE = 64,
	TUNNEL_MEDIUM = 65,
	TUNNEL_GROUP = 81,
	TYPE_VLAN = 13,
	MEDIUM_802 = 6,

	VLAN_LAST = 4094,
	VLAN_NAME = 32,
	VALUE_MAX = 253,
};

static void
add(json_t *list, const char *name, const char *value, int number,
    const void *octets, size_t len)
{
	char hex[2 * VALUE_MAX + 1];

	hex_encode(octets, len, hex);
	(void)json_array_append_new(list,
	    json_pack("{s:s, s:s, s:i, s:i, s:s}", "attribute", name, "value",
		value, "vendor", 0, "number", number, "octets", hex));
}

static void
add_number(json_t *list, const char *name, const char *value, int number,
    unsigned char n)
{
	const unsigned char octets[4] = {0, 0, 0, n};

	add(list, name, value, number, octets, sizeof octets);
}

/* A number, or a name that the switch knows. */
static bool
is_vlan(const char *value)
{
	size_t len = strlen(value), i;

	if (strspn(value, "0123456789") == len)
		return len >= 1 && len <= 4 && value[0] != '0' &&
		       strtol(value, NULL, 10) <= VLAN_LAST;
	for (i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return false;
	}
	return len <= VLAN_NAME;
}

/* RFC 3580 3.31: three attributes say one thing. */
static enum status
make_vlan(const char *value, json_t *list)
{
	if (!is_vlan(value)) {
		say(_("“%s” is no VLAN: 1 to 4094, or a name of at most 32 "
		      "letters that the switch knows"),
		    value);
		return STATUS_USAGE;
	}
	add_number(list, "vlan", value, TUNNEL_TYPE, TYPE_VLAN);
	add_number(list, "vlan", value, TUNNEL_MEDIUM, MEDIUM_802);
	add(list, "vlan", value, TUNNEL_GROUP, value, strlen(value));
	return STATUS_DONE;
}

static enum status
make_filter(const char *value, json_t *list)
{
	size_t len = strlen(value);

	if (len == 0 || len > VALUE_MAX) {
		say("%s", _("filter-id has 1 to 253 octets"));
		return STATUS_USAGE;
	}
	add(list, "filter-id", value, FILTER_ID, value, len);
	return STATUS_DONE;
}

/* RFC 2865 5.29: what becomes of the session at the end of its time. */
static enum status
make_termination(const char *value, json_t *list)
{
	if (strcmp(value, "reauthenticate") != 0 && strcmp(value, "end") != 0) {
		say(_("termination-action is reauthenticate or end, not “%s”"),
		    value);
		return STATUS_USAGE;
	}
	add_number(list, "termination-action", value, TERMINATION_ACTION,
	    value[0] == 'r');
	return STATUS_DONE;
}

enum status
grant_make(const char *attribute, const char *value, const char **ret_name,
    json_t **ret_list)
{
	static const struct {
		const char *name;
		enum status (*make)(const char *value, json_t *list);
	} ours[] = {{"vlan", make_vlan}, {"filter-id", make_filter},
	    {"termination-action", make_termination}};
	enum status status = STATUS_DONE;
	size_t i;

	for (i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		if (strcasecmp(attribute, ours[i].name) != 0)
			continue;
		*ret_name = ours[i].name;
		*ret_list = json_array();
		if (value != NULL)
			status = ours[i].make(value, *ret_list);
		if (status != STATUS_DONE) {
			json_decref(*ret_list);
			*ret_list = NULL;
		}
		return status;
	}
	return grant_of_dictionary(attribute, value, ret_name, ret_list);
}

void
grant_words(const json_t *grants, char *ret_text, size_t size)
{
	const json_t *grant;
	size_t i, used = 0;

	ret_text[0] = '\0';
	json_array_foreach(grants, i, grant)
	{
		int n = snprintf(ret_text + used, size - used, "%s%s %s",
		    i > 0 ? ", " : "", field(grant, "attribute"),
		    field(grant, "value"));

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}
