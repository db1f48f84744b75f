/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine's certificate: which issuer's it is, is found out by its signature
 * and not by a name. Whether it is revoked is asked at each request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cardtools/database.h"
#include "cardtools/issuer.h"
#include "cardtools/issuer_crl.h"
#include "cardtools/output.h"
#include "cardtools/station.h"
#include "cardtools/text.h"
#include "cardtools/when.h"
#include "common/crypto/certificate.h"
#include "common/crypto/path.h"
#include "common/crypto/pem.h"
#include "common/db/db.h"

/* Whether this issuer has signed it, and for the use that EAP-TLS asks for. */
static enum status
is_of(const json_t *issuer, const unsigned char *der, size_t len, bool *ret_is)
{
	const struct path_options options = {.now = time(NULL),
	    .uses = USE_CLIENT_AUTH,
	    .unchecked_revocation = true};
	struct path_store *store = NULL;
	struct path_fault fault = {PATH_UNTRUSTED, 0, ""};
	unsigned char *anchor = NULL;
	enum status status;
	size_t anchor_len;
	enum error err;

	*ret_is = false;
	status = issuer_octets(issuer, "certificate", &anchor, &anchor_len);
	if (status != STATUS_DONE)
		return status;
	err = path_store_new(&store);
	if (err == ERR_OK)
		err = path_store_anchor(store, anchor, anchor_len);
	if (err == ERR_OK)
		err = path_validate(store, der, len, &options, &fault);
	*ret_is = err == ERR_OK;
	if (err == ERR_DENIED && fault.reason != PATH_UNTRUSTED)
		say(_("the issuer %s has signed it, but: %s"),
		    field(issuer, "name"), fault.detail);
	path_store_free(&store);
	free(anchor);
	return STATUS_DONE;
}

static enum status
find_issuer(struct call *call, const unsigned char *der, size_t len,
    char *ret_name, size_t size)
{
	const json_t *issuer;
	enum status status;
	json_t *list, *whole = NULL;
	bool found = false;
	size_t i;

	status =
	    database_call(call, "issuer_list", PARAMETERS({NULL, NULL}), &list);
	json_array_foreach(list, i, issuer)
	{
		if (status != STATUS_DONE || found)
			break;
		if (strcmp(field(issuer, "status"), "active") != 0)
			continue;
		status = database_call(call, "issuer_show",
		    PARAMETERS({"p_name", field(issuer, "name")}), &whole);
		if (status == STATUS_DONE)
			status = is_of(whole, der, len, &found);
		if (found)
			(void)snprintf(
			    ret_name, size, "%s", field(issuer, "name"));
		json_decref(whole);
		whole = NULL;
	}
	json_decref(list);
	if (status == STATUS_DONE && !found) {
		say("%s", _("no issuer that is trusted here has signed it for "
			    "clientAuth; “card-admin issuer list” shows them, "
			    "“card-admin issuer add” adds one"));
		return STATUS_REFUSED;
	}
	return status;
}

static enum status
record(struct call *call, const char *name, const struct certificate *x,
    const char *issuer, const unsigned char *der, size_t len)
{
	char key_id[2 * SPKI_KEY_ID + 3], serial[CERTIFICATE_SERIAL + 2];
	char from[WHEN_TEXT], until[WHEN_TEXT], *text = malloc(2 * len + 3);
	enum status status;
	json_t *station;

	if (text == NULL)
		return STATUS_UNREACHED;
	db_bytea(der, len, text);
	db_bytea(x->key_id, SPKI_KEY_ID, key_id);
	(void)snprintf(serial, sizeof serial, "\\x%s", x->serial);
	when_utc((time_t)x->not_before, from);
	when_utc((time_t)x->not_after + 1, until); /* that second belongs */
	status = database_call(call, "station_certificate_add",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_issuer", issuer}, {"p_serial", serial},
		{"p_key_id", key_id}, {"p_certificate", text}, {"p_from", from},
		{"p_until", until}),
	    &station);
	free(text);
	if (status != STATUS_DONE)
		return status;
	station_answer(call, station, _("The certificate counts from now on."));
	json_decref(station);
	return STATUS_DONE;
}

enum status
station_certificate_add(struct call *call)
{
	char name[NAME_MAX_OCTETS + 1], issuer[256];
	unsigned char *der = NULL;
	struct certificate parsed;
	enum status status;
	size_t len = 0;

	status = station_name(call->arg[0], name);
	if (status == STATUS_DONE)
		status =
		    issuer_read_file(call->arg[1], PEM_CERTIFICATE, &der, &len);
	if (status == STATUS_DONE &&
	    certificate_parse(der, len, &parsed) != ERR_OK) {
		say(_("%s is not one certificate in PEM or DER"), call->arg[1]);
		status = STATUS_USAGE;
	}
	if (status == STATUS_DONE)
		status = find_issuer(call, der, len, issuer, sizeof issuer);
	if (status == STATUS_DONE)
		status = record(call, name, &parsed, issuer, der, len);
	free(der);
	return status;
}

enum status
station_certificate_revoke(struct call *call)
{
	char name[NAME_MAX_OCTETS + 1];
	enum status status = station_name(call->arg[0], name);
	json_t *station;

	if (status != STATUS_DONE)
		return status;
	status = database_call(call, "station_certificate_revoke",
	    PARAMETERS({"p_kind", STATION_KIND(call)}, {"p_name", name},
		{"p_serial", option(call, "serial")},
		{"p_why", option(call, "why")}),
	    &station);
	if (status != STATUS_DONE)
		return status;
	station_answer(call, station, _("It counts for nothing any more."));
	json_decref(station);
	return STATUS_DONE;
}
