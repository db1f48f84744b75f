/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/station.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authd/store.h"
#include "authd/text.h"
#include "authd/told.h"
#include "common/base/secret.h"
#include "common/rules/mac.h"
#include "common/rules/name.h"

enum { CALL_CHECK = 10, HOST_LEN = 5 };

/* The address that names who asks; false if a person does. */
static bool
asks_by_address(const Sekisho__AuthRequest *r, char ret_mac[MAC_TEXT])
{
	char said[MAC_TEXT];

	if (r->state_count > 0 || r->scheme > SEKISHO__SCHEME__SCHEME_NONE ||
	    mac_canonical(r->user_name.data, r->user_name.len, ret_mac) !=
		ERR_OK)
		return false;
	if (r->service_type == CALL_CHECK)
		return true;
	return r->scheme == SEKISHO__SCHEME__SCHEME_PAP &&
	       mac_canonical(r->password.data, r->password.len, said) ==
		   ERR_OK &&
	       secret_equal(said, MAC_TEXT, ret_mac, MAC_TEXT);
}

static enum error
admit(struct worker *w, const Sekisho__AuthRequest *r, const char *mac,
    const char *certificate, const char *name, Sekisho__AuthReply *reply)
{
	char version[24], bucket[UUID_TEXT], ref[STORE_REF];
	const char *params[10] = {r->client_id, version,
	    r->message_authenticator ? "t" : "f",
	    r->proxy_state_count > 0 ? "t" : "f", mac, certificate, name,
	    bucket, ref, w->config->node};
	struct db_result *row = NULL;
	enum error err;

	text_reference(ref);
	mask_bucket(&w->mask, name, strlen(name), bucket);
	(void)snprintf(version, sizeof version, "%" PRIu64, r->client_version);
	err = db_call(w->db, "station_admit",
	    "SELECT * FROM sekisho.station_admit($1::uuid, $2, $3, $4, "
	    "$5::macaddr, $6::uuid, $7, $8::uuid, $9, $10)",
	    10, params, w->config->database_timeout_ms, &row);
	if (err != ERR_OK)
		return err;
	err = told_reply(w, "device", r, row, reply);
	db_result_free(&row);
	return err;
}

enum error
station_answer(struct worker *w, const Sekisho__AuthRequest *r,
    bool *ret_answered, Sekisho__AuthReply *ret_reply)
{
	char mac[MAC_TEXT], calling[MAC_TEXT];

	*ret_answered = asks_by_address(r, mac);
	if (!*ret_answered)
		return ERR_OK;
	/* who names one address and comes from another is neither */
	if (r->calling_station_id.len > 0 &&
	    (mac_canonical(r->calling_station_id.data,
		 r->calling_station_id.len, calling) != ERR_OK ||
		!secret_equal(calling, MAC_TEXT, mac, MAC_TEXT))) {
		*ret_answered = false; /* a login, of a name nobody has */
		return ERR_OK;
	}
	return admit(w, r, mac, NULL, mac, ret_reply);
}

enum error
station_certified(struct worker *w, const Sekisho__AuthRequest *r,
    const char *certificate, Sekisho__AuthReply *ret_reply)
{
	char name[NAME_MAX_OCTETS + 1], mac[MAC_TEXT];
	const char *raw = (const char *)r->user_name.data;
	size_t len = r->user_name.len;
	bool named;

	/* as Windows names machines: host/NAME.domain */
	if (len > HOST_LEN && strncasecmp(raw, "host/", HOST_LEN) == 0) {
		raw += HOST_LEN;
		len -= HOST_LEN;
	}
	if (name_at_home(raw, len, w->config->realms, name) != ERR_OK)
		name[0] = '\0';
	named = mac_canonical(r->calling_station_id.data,
		    r->calling_station_id.len, mac) == ERR_OK;
	return admit(w, r, named ? mac : NULL, certificate, name, ret_reply);
}
