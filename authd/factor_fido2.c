/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/factor_fido2.h"

#include <string.h>

#include "common/base/secret.h"
#include "common/crypto/webauthn.h"
#include "common/wire/signed.h"
#include "common/wire/state.h"

bool
factor_fido2_meant(const Sekisho__AuthRequest *request)
{
	static const char scheme[] = "fido2";

	return secret_equal(request->signature_scheme.data,
	    request->signature_scheme.len, scheme, sizeof scheme - 1);
}

/* What the authenticator data lack, of those that are well formed. */
static enum reason
lacks(const struct webauthn_authdata *authdata, bool need_verified)
{
	if ((authdata->flags & WEBAUTHN_UP) == 0)
		return REASON_FIDO2_PRESENCE_MISSING;
	if (need_verified && (authdata->flags & WEBAUTHN_UV) == 0)
		return REASON_FIDO2_UV_MISSING;
	return REASON_FIDO2_OTHER_RP;
}

enum error
factor_fido2(const struct worker *w, enum purpose purpose, const char *login,
    const struct store_key *key, bool need_verified,
    const Sekisho__AuthRequest *request, struct fido2_result *ret)
{
	unsigned char challenge[STATE_CHALLENGE], digest[SIGNED_DIGEST];
	const struct signed_fields fields = {.purpose = purpose_text(purpose),
	    .server_id = w->config->server_id,
	    .client_id = request->client_id,
	    .login = login,
	    .challenge = challenge};
	struct webauthn_key public = {
	    .algorithm = key->algorithm, .len = key->spki.len};
	struct webauthn_authdata authdata;
	enum error err;

	memset(ret, 0, sizeof *ret);
	if (key->fault[0] != '\0') {
		ret->reason = reason_from_text(key->fault);
		return ERR_OK;
	}
	if (key->spki.len > sizeof public.octets)
		return ERR_INPUT;
	memcpy(public.octets, key->spki.bytes, key->spki.len);
	state_challenge(request->state.data, request->state.len, challenge);
	err = signed_digest(&fields, digest);
	if (err != ERR_OK)
		return err;
	err = webauthn_assertion(&public, key->rp_id, digest,
	    request->auth_data.data, request->auth_data.len,
	    request->signature.data, request->signature.len, need_verified,
	    &authdata);
	if (err == ERR_DENIED)
		ret->reason = lacks(&authdata, need_verified);
	else if (err == ERR_MISMATCH)
		ret->reason = REASON_FIDO2_WRONG_SIGNATURE;
	else if (err == ERR_INPUT)
		ret->reason = REASON_FIDO2_MALFORMED;
	else if (err != ERR_OK)
		return err;
	else if (((authdata.flags & WEBAUTHN_BE) != 0) != key->backup)
		ret->reason = REASON_FIDO2_BACKUP_CHANGED;
	else
		ret->right = true;
	if (ret->right) {
		ret->verified = (authdata.flags & WEBAUTHN_UV) != 0;
		ret->counter = authdata.counter;
		ret->backed_up = (authdata.flags & WEBAUTHN_BS) != 0;
	}
	return ERR_OK;
}
