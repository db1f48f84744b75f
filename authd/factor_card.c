/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/factor_card.h"

#include "common/crypto/signature.h"
#include "common/wire/signed.h"
#include "common/wire/state.h"

enum error
factor_card(const struct worker *w, enum purpose purpose, const char *login,
    const struct store_key *key, const Sekisho__AuthRequest *request,
    enum card_result *ret_result, enum reason *ret_reason)
{
	unsigned char challenge[STATE_CHALLENGE], digest[SIGNED_DIGEST];
	const struct signed_fields fields = {.purpose = purpose_text(purpose),
	    .server_id = w->config->server_id,
	    .client_id = request->client_id,
	    .login = login,
	    .challenge = challenge};
	enum scheme scheme;
	enum error err;

	*ret_result = CARD_REFUSED;
	if (key->fault[0] != '\0') {
		*ret_reason = reason_from_text(key->fault);
		return ERR_OK;
	}
	*ret_reason = REASON_SIGNATURE_MALFORMED;
	if (scheme_from_text(request->signature_scheme.data,
		request->signature_scheme.len, &scheme) != ERR_OK)
		return ERR_OK;
	state_challenge(request->state.data, request->state.len, challenge);
	err = signed_digest(&fields, digest);
	if (err != ERR_OK)
		return err;
	err = signature_verify(key->spki.bytes, key->spki.len, scheme, digest,
	    request->signature.data, request->signature.len);
	if (err == ERR_OK)
		*ret_result = CARD_RIGHT;
	else if (err == ERR_MISMATCH)
		*ret_reason = REASON_WRONG_SIGNATURE;
	else if (err != ERR_INPUT)
		return err;
	return ERR_OK;
}
