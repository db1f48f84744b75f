/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/challenge.h"

#include <string.h>

enum error
challenge_add(
    const struct attempt *a, const char *state, Sekisho__AuthReply *reply)
{
	const char *purpose = purpose_text(PURPOSE_LOGIN);
	const char *server_id = a->w->config->server_id;
	struct arena *arena = a->w->arena;

	if (!a->request->can_card && !a->request->can_fido2)
		return ERR_OK;
	reply->challenge.data = arena_alloc(arena, STATE_CHALLENGE);
	reply->server_id = arena_strndup(arena, server_id, strlen(server_id));
	reply->client_id =
	    arena_strndup(arena, a->view.client_id, UUID_TEXT - 1);
	reply->purpose = arena_strndup(arena, purpose, strlen(purpose));
	reply->login = arena_strndup(arena, a->login, strlen(a->login));
	if (reply->challenge.data == NULL || reply->server_id == NULL ||
	    reply->client_id == NULL || reply->purpose == NULL ||
	    reply->login == NULL)
		return ERR_NOMEM;
	reply->challenge.len = STATE_CHALLENGE;
	state_challenge(state, strlen(state), reply->challenge.data);
	return ERR_OK;
}

/* A credential that nobody has, as long as common ones. */
static enum error
decoy(const struct attempt *a, Sekisho__AuthReply *reply)
{
	unsigned char *at = arena_alloc(a->w->arena, 2 + CHALLENGE_DECOY);
	unsigned char part;

	if (at == NULL)
		return ERR_NOMEM;
	reply->credentials.data = at;
	reply->credentials.len = 2 + CHALLENGE_DECOY;
	*at++ = 0;
	*at++ = CHALLENGE_DECOY;
	for (size_t i = 0; i < CHALLENGE_DECOY_PARTS; i++) {
		part = (unsigned char)i;
		mask_digest(&a->w->mask, MASK_CREDENTIAL, a->login,
		    strlen(a->login), &part, 1, at + 16 * i);
	}
	return ERR_OK;
}

enum error
challenge_offer(const struct attempt *a, const struct store_offer *offer,
    Sekisho__AuthReply *reply)
{
	struct arena *arena = a->w->arena;

	if (offer->rp_id[0] == '\0')
		return ERR_OK;
	reply->rp_id = arena_strndup(arena, offer->rp_id, strlen(offer->rp_id));
	reply->user_verification = arena_strndup(
	    arena, offer->verification, strlen(offer->verification));
	if (reply->rp_id == NULL || reply->user_verification == NULL)
		return ERR_NOMEM;
	if (offer->credentials.len == 0)
		return decoy(a, reply);
	reply->credentials.data = offer->credentials.bytes;
	reply->credentials.len = offer->credentials.len;
	return ERR_OK;
}

enum error
challenge_offer_read(const struct attempt *a, Sekisho__AuthReply *reply)
{
	struct store_offer offer;
	enum error err;

	if (!a->request->can_fido2)
		return ERR_OK;
	err = store_offer(a->w->db, a->view.client_id, a->login, a->bucket,
	    a->w->config->database_timeout_ms, a->w->arena, &offer);
	return err == ERR_OK ? challenge_offer(a, &offer, reply) : err;
}
