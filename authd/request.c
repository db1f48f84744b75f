/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/request.h"

#include <sodium.h>
#include <string.h>

#include "authd/factor_fido2.h"
#include "common/rules/charset.h"

/* Only what is not ASCII depends on the client. */
static enum error
charset_of(const struct attempt *a, enum charset *ret_charset)
{
	const Sekisho__AuthRequest *r = a->request;

	*ret_charset = CHARSET_UTF8;
	if (!charset_matters(r->user_name.data, r->user_name.len) &&
	    !charset_matters(r->password.data, r->password.len))
		return ERR_OK;
	return store_charset(a->w->db, r->client_id,
	    a->w->config->database_timeout_ms, ret_charset);
}

/* "" for what cannot be a name, of whichever characters. */
static void
take_name(struct attempt *a, enum charset charset)
{
	const ProtobufCBinaryData raw = a->request->user_name;
	unsigned char name[NAME_MAX_OCTETS];
	size_t len;

	if (charset_to_utf8(charset, raw.data, raw.len, name, sizeof name,
		&len) != ERR_OK ||
	    name_at_home(name, len, a->w->config->realms, a->login) != ERR_OK)
		a->login[0] = '\0';
}

static void
take_password(struct attempt *a, enum charset charset)
{
	const ProtobufCBinaryData raw = a->request->password;
	unsigned char text[PASSWORD_MAX_OCTETS];
	size_t len = 0;

	if (charset_to_utf8(charset, raw.data, raw.len, text, sizeof text,
		&len) != ERR_OK ||
	    password_normalise(text, len, a->credential, sizeof a->credential,
		&a->credential_len) != ERR_OK)
		a->credential_len = 0;
	a->password_len = a->credential_len;
	sodium_memzero(text, sizeof text);
}

enum error
request_take(struct attempt *a)
{
	const Sekisho__AuthRequest *r = a->request;
	enum charset charset;
	enum error err;

	err = charset_of(a, &charset);
	if (err != ERR_OK)
		return err;
	take_name(a, charset);
	take_password(a, charset);
	if (a->login[0] != '\0')
		mask_bucket(&a->w->mask, a->login, strlen(a->login), a->bucket);
	else
		mask_bucket(&a->w->mask, r->user_name.data, r->user_name.len,
		    a->bucket);
	a->second = r->state_count == 1 &&
		    state_hash(r->state.data, r->state.len, a->state) == ERR_OK;
	a->signature =
	    a->second && r->scheme == SEKISHO__SCHEME__SCHEME_SIGNATURE;
	a->fido2 = a->signature && factor_fido2_meant(r);
	a->certificate = r->scheme == SEKISHO__SCHEME__SCHEME_CERTIFICATE;
	if (mac_canonical(r->calling_station_id.data, r->calling_station_id.len,
		a->station) != ERR_OK)
		a->station[0] = '\0';
	/* Behind a gateway the caller is the source, not the gateway. */
	a->source = mask_number(&a->w->mask, MASK_SOURCE, r->client_id,
	    strlen(r->client_id), r->calling_station_id.data,
	    r->calling_station_id.len);
	return ERR_OK;
}
