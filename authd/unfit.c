/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/unfit.h"

/* A signature answers a challenge, and names its key. */
static bool
signature_is_fit(const struct attempt *a, enum reason *ret_reason)
{
	const Sekisho__AuthRequest *r = a->request;

	*ret_reason =
	    a->second ? REASON_SIGNATURE_MALFORMED : REASON_STATE_UNKNOWN;
	return a->second && r->key_id.len == STATE_HASH &&
	       r->signature.len > 0 && r->signature_scheme.len > 0 &&
	       a->fido2 == (r->auth_data.len > 0);
}

bool
unfit(const struct attempt *a, enum reason *ret_reason)
{
	const Sekisho__AuthRequest *r = a->request;

	if (a->view.client_is_door)
		*ret_reason = REASON_DOOR_NO_LOGIN;
	else if (a->view.station_fault[0] != '\0')
		*ret_reason = reason_from_text(a->view.station_fault);
	else if (a->login[0] == '\0')
		*ret_reason = REASON_NAME_MALFORMED;
	else if (r->state_count > 1)
		*ret_reason = REASON_STATE_MALFORMED;
	else if (r->state_count == 1 &&
		 (!a->second || !a->view.state_found ||
		     /* a new password is typed, never signed */
		     (a->changing && r->scheme != SEKISHO__SCHEME__SCHEME_PAP)))
		*ret_reason = REASON_STATE_UNKNOWN;
	else if (r->scheme == SEKISHO__SCHEME__SCHEME_CHAP)
		*ret_reason = REASON_SCHEME_CHAP;
	else if (r->scheme == SEKISHO__SCHEME__SCHEME_MSCHAP)
		*ret_reason = REASON_SCHEME_MSCHAP;
	else if (r->scheme == SEKISHO__SCHEME__SCHEME_SIGNATURE)
		return !signature_is_fit(a, ret_reason);
	else if (!a->certificate && (r->scheme != SEKISHO__SCHEME__SCHEME_PAP ||
					r->password.len == 0))
		*ret_reason = REASON_NO_CREDENTIAL;
	else if (!a->certificate && a->credential_len == 0)
		*ret_reason = REASON_CREDENTIAL_MALFORMED;
	else
		return false;
	return true;
}
