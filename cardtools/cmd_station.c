/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register of machines: what station and device do (station_verbs.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cardtools/database.h"
#include "cardtools/grant.h"
#include "cardtools/output.h"
#include "cardtools/station.h"
#include "cardtools/text.h"
#include "cardtools/words.h"

enum { NAME_LENGTH = 64, PIECE = 1000 };

/* What a record may say of a device (guideline C.16); the options' names. */
static const char *const about[] = {
    "maker", "model", "firmware", "advisory", "risk", "consent", "note", NULL};

enum status
station_name(const char *text, char ret_name[NAME_MAX_OCTETS + 1])
{
	if (name_canonical(text, strlen(text), ret_name) == ERR_OK &&
	    strlen(ret_name) <= NAME_LENGTH)
		return STATUS_DONE;
	say(_("“%s” cannot be a name: 1 to 64 octets without blanks"), text);
	return STATUS_USAGE;
}

enum status
station_mac(const char *text, char ret_mac[MAC_TEXT])
{
	ret_mac[0] = '\0';
	if (text[0] == '\0' ||
	    mac_canonical(text, strlen(text), ret_mac) == ERR_OK)
		return STATUS_DONE;
	say(_("“%s” is no MAC address, like 00:1b:c5:04:40:a2, "
	      "00-1B-C5-04-40-A2 or 001b.c504.40a2"),
	    text);
	return STATUS_USAGE;
}

static void
warn_random(const char *mac)
{
	if (mac[0] != '\0' && mac_is_random(mac))
		say("%s",
		    _("that address is made up by the machine (a private or "
		      "random one) and will change: switch that off for this "
		      "network, or give the address that is built in"));
}

static void
row(struct sheet *sheet, const char *heading, const char *value)
{
	if (value[0] == '\0')
		return;
	sheet_cell(sheet, heading);
	sheet_cell(sheet, value);
}

static void
show_certificates(const json_t *list)
{
	const char *const headings[] = {
	    _("ISSUER"), _("SERIAL NUMBER"), _("UNTIL"), _("STATUS")};
	struct sheet *sheet = sheet_new(4, headings);
	const json_t *c;
	size_t i;

	json_array_foreach(list, i, c)
	{
		const char *fault = field(c, "fault");

		sheet_cell(sheet, field(c, "issuer"));
		sheet_cell(sheet, field(c, "serial"));
		sheet_until(sheet, field(c, "valid_until"));
		sheet_cell(sheet,
		    fault[0] == '\0' ? _("counts") : reason_words(fault));
	}
	sheet_end(&sheet);
}

static void
show(const json_t *station)
{
	const json_t *said = json_object_get(station, "about");
	const json_t *certificates = json_object_get(station, "certificates");
	struct sheet *sheet = sheet_new(2, NULL);
	char granted[512], sessions[24];
	size_t i;

	row(sheet, _("name"), field(station, "name"));
	row(sheet, _("address"), field(station, "mac"));
	row(sheet, _("status"), term_words(field(station, "status")));
	row(sheet, _("owner"), field(station, "owner"));
	if (field(station, "valid_until")[0] != '\0') {
		sheet_cell(sheet, _("until"));
		sheet_until(sheet, field(station, "valid_until"));
	}
	grant_words(
	    json_object_get(station, "grants"), granted, sizeof granted);
	row(sheet, _("granted alone"), granted);
	for (i = 0; about[i] != NULL; i++)
		row(sheet, about[i], field(said, about[i]));
	row(sheet, _("retired because"), field(station, "retired_why"));
	(void)snprintf(sessions, sizeof sessions, "%lld",
	    (long long)json_integer_value(
		json_object_get(station, "sessions")));
	row(sheet, _("open sessions"), sessions);
	sheet_end(&sheet);
	if (json_array_size(certificates) > 0)
		show_certificates(certificates);
}

void
station_answer(
    const struct call *call, const json_t *station, const char *sentence)
{
	if (call->json) {
		out_json(station, false);
		return;
	}
	if (sentence != NULL)
		out("%s\n", sentence);
	show(station);
}

/* What was given of a device; caller frees. */
static char *
about_json(const struct call *call)
{
	json_t *o = json_object();
	char *text;
	size_t i;

	for (i = 0; about[i] != NULL; i++) {
		const char *value = option(call, about[i]);

		if (value != NULL)
			(void)json_object_set_new(
			    o, about[i], json_string(value));
	}
	text = out_json_text(o);
	json_decref(o);
	return text;
}

static enum status
call_and_answer(struct call *call, const char *function,
    const struct parameter *parameters, const char *sentence)
{
	enum status status;
	json_t *station;

	status = database_call(call, function, parameters, &station);
	if (status != STATUS_DONE)
		return status;
	station_answer(call, station, sentence);
	json_decref(station);
	return STATUS_DONE;
}

/* --vlan and --filter-id together; NULL if it cannot be. Caller frees. */
static char *
grants_json(const struct call *call, bool device)
{
	static const char *const names[] = {"vlan", "filter-id"};
	json_t *all = json_array(), *list;
	const char *name;
	char *text = NULL;
	size_t i;

	for (i = 0; device && i < sizeof names / sizeof names[0]; i++) {
		const char *value = option(call, names[i]);

		if (value == NULL)
			continue;
		if (grant_make(names[i], value, &name, &list) != STATUS_DONE)
			goto out;
		(void)json_array_extend(all, list);
		json_decref(list);
	}
	text = out_json_text(all);
out:
	json_decref(all);
	return text;
}

static bool
is_device(const struct call *call)
{
	return strcmp(STATION_KIND(call), "device") == 0;
}

enum status
station_add(struct call *call)
{
	const bool device = is_device(call);
	const char *typed = option(call, "mac");
	char name[NAME_MAX_OCTETS + 1], mac[MAC_TEXT], *grants, *said;
	enum status status;

	status = station_name(call->arg[0], name);
	if (status == STATUS_DONE)
		status = station_mac(typed != NULL ? typed : "", mac);
	if (status != STATUS_DONE)
		return status;
	if (!device && mac[0] == '\0') {
		say("%s", _("--mac is missing: a station is known by its "
			    "address"));
		return STATUS_USAGE;
	}
	grants = grants_json(call, device);
	if (grants == NULL)
		return STATUS_USAGE;
	said = device ? about_json(call) : NULL;
	warn_random(mac);
	status = call_and_answer(call, "station_add",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_mac", mac}, {"p_owner", option(call, "owner")},
		{"p_until", option(call, "until")}, {"p_about", said},
		{"p_grants", grants}),
	    _("It is in the register."));
	free(grants);
	free(said);
	return status;
}

/* What is to be left out is NULL; "none" takes it away. */
static const char *
or_none(const char *value)
{
	return value != NULL && strcmp(value, "none") == 0 ? "" : value;
}

enum status
station_set(struct call *call)
{
	const char *typed = or_none(option(call, "mac"));
	char name[NAME_MAX_OCTETS + 1], mac[MAC_TEXT], *said;
	enum status status;

	status = station_name(call->arg[0], name);
	if (status == STATUS_DONE && typed != NULL)
		status = station_mac(typed, mac);
	if (status != STATUS_DONE)
		return status;
	if (typed != NULL)
		warn_random(mac);
	said = is_device(call) ? about_json(call) : NULL;
	status = call_and_answer(call, "station_set",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_mac", typed != NULL ? mac : NULL},
		{"p_owner", or_none(option(call, "owner"))},
		{"p_until", option(call, "forever") != NULL
				? ""
				: option(call, "until")},
		{"p_about", said}),
	    NULL);
	free(said);
	return status;
}

static void
show_list(const json_t *list, struct sheet *sheet)
{
	const json_t *station;
	char granted[256];
	size_t i;

	json_array_foreach(list, i, station)
	{
		grant_words(json_object_get(station, "grants"), granted,
		    sizeof granted);
		sheet_cell(sheet, field(station, "name"));
		sheet_cell(sheet, field(station, "mac")[0] != '\0'
				      ? field(station, "mac")
				      : NULL);
		sheet_cell(sheet, field(station, "owner")[0] != '\0'
				      ? field(station, "owner")
				      : NULL);
		sheet_cell(sheet, term_words(field(station, "status")));
		sheet_until(sheet, field(station, "valid_until"));
		sheet_cell(sheet, granted[0] != '\0' ? granted : NULL);
	}
}

/* A million is read in pieces. */
static enum status
list_all(struct call *call, const char *search, const char *mac, bool retired,
    const char *before, json_t *ret_all)
{
	char after[NAME_MAX_OCTETS + 1] = "", limit[16];
	enum status status;
	json_t *list;
	size_t n;

	(void)snprintf(limit, sizeof limit, "%d", PIECE);
	do {
		status = database_call(call, "station_list",
		    PARAMETERS({"p_kind", STATION_KIND(call)},
			{"p_search", search}, {"p_mac", mac},
			{"p_all", retired ? "true" : NULL},
			{"p_expires_before", before}, {"p_after", after},
			{"p_limit", limit}),
		    &list);
		if (status != STATUS_DONE)
			return status;
		n = json_array_size(list);
		if (n > 0)
			(void)snprintf(after, sizeof after, "%s",
			    field(json_array_get(list, n - 1), "name"));
		(void)json_array_extend(ret_all, list);
		json_decref(list);
	} while (n == PIECE && mac == NULL);
	return STATUS_DONE;
}

enum status
station_list(struct call *call)
{
	const char *const headings[] = {_("NAME"), _("ADDRESS"), _("OWNER"),
	    _("STATUS"), _("UNTIL"), _("GRANTED ALONE")};
	char name[NAME_MAX_OCTETS + 1] = "", mac[MAC_TEXT] = "";
	const char *search = call->arg[0];
	json_t *all = json_array();
	struct sheet *sheet;
	enum status status = STATUS_DONE;

	if (search != NULL &&
	    mac_canonical(search, strlen(search), mac) != ERR_OK)
		status = station_name(search, name);
	if (status == STATUS_DONE)
		status = list_all(call, name, mac[0] != '\0' ? mac : NULL,
		    option(call, "all") != NULL, option(call, "expires-before"),
		    all);
	if (status == STATUS_DONE && call->json) {
		out_json(all, false);
	} else if (status == STATUS_DONE) {
		sheet = sheet_new(6, headings);
		show_list(all, sheet);
		sheet_end(&sheet);
	}
	json_decref(all);
	return status;
}

/* One, by name or address: of several of that name the newest, which alone can
 * be active. */
enum status
station_show(struct call *call)
{
	char name[NAME_MAX_OCTETS + 1] = "", mac[MAC_TEXT] = "";
	const char *search = call->arg[0];
	const json_t *station, *found = NULL;
	json_t *all = json_array();
	enum status status = STATUS_DONE;
	size_t i;

	if (mac_canonical(search, strlen(search), mac) != ERR_OK)
		status = station_name(search, name);
	if (status == STATUS_DONE)
		status = list_all(
		    call, name, mac[0] != '\0' ? mac : NULL, true, NULL, all);
	json_array_foreach(all, i, station)
	{
		if (mac[0] != '\0' || strcmp(field(station, "name"), name) == 0)
			found = station;
	}
	if (status == STATUS_DONE && found == NULL) {
		say(_("nothing in the register is called “%s”"), search);
		status = STATUS_REFUSED;
	}
	if (status == STATUS_DONE)
		station_answer(call, found, NULL);
	json_decref(all);
	return status;
}

enum status
station_retire(struct call *call)
{
	char name[NAME_MAX_OCTETS + 1];
	enum status status = station_name(call->arg[0], name);

	if (status != STATUS_DONE)
		return status;
	return call_and_answer(call, "station_retire",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_why", option(call, "why")}),
	    _("It is refused from now on; its sessions are being ended."));
}

enum status
device_grant(struct call *call)
{
	char name[NAME_MAX_OCTETS + 1], *text;
	const char *attribute;
	enum status status;
	json_t *list;

	status = station_name(call->arg[0], name);
	if (status == STATUS_DONE)
		status =
		    grant_make(call->arg[1], call->arg[2], &attribute, &list);
	if (status != STATUS_DONE)
		return status;
	text = out_json_text(list);
	status = call_and_answer(call, "station_grant",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_attribute", attribute}, {"p_new", text},
		{"p_beside",
		    call->arg[2] != NULL && option(call, "beside") != NULL
			? "true"
			: NULL}),
	    NULL);
	free(text);
	json_decref(list);
	return status;
}
