/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authd/factor_totp.h"

#include <string.h>

#include "authd/keyring_client.h"

enum error
factor_totp(struct worker *w, const struct store_view *view,
    const struct code *codes, size_t n_codes, struct totp_outcome *ret_outcome)
{
	Sekisho__KeyringRequest request = SEKISHO__KEYRING_REQUEST__INIT;
	Sekisho__TotpCheck check = SEKISHO__TOTP_CHECK__INIT;
	Sekisho__TotpToken tokens[STORE_TOKENS], *list[STORE_TOKENS];
	Sekisho__SealedBox boxes[STORE_TOKENS];
	ProtobufCBinaryData code[2];
	struct store_token copy[STORE_TOKENS];
	struct code code_copy[2];
	char person[UUID_TEXT];
	const Sekisho__KeyringReply *reply;
	struct totp_outcome outcome = {TOTP_WRONG, 0, NULL, 0, 0};
	size_t i, n = view->n_tokens;
	enum error err;

	memcpy(copy, view->token, sizeof copy);
	memcpy(person, view->person_id, sizeof person);
	if (n == 0) {
		/* The same work for someone who has none, or does not exist. */
		n = 1;
		memset(&copy[0], 0, sizeof copy[0]);
		memcpy(person, "decoy", sizeof "decoy");
		memcpy(copy[0].id, "decoy", sizeof "decoy");
		memcpy(copy[0].algorithm, "SHA1", sizeof "SHA1");
		copy[0].digits = 6;
		copy[0].period = 30;
		copy[0].last_step = INT64_MAX;
		copy[0].seed = (struct store_box){
		    w->key_version, w->decoy_seed.len, w->decoy_seed.bytes};
	}
	for (i = 0; i < n; i++) {
		sekisho__totp_token__init(&tokens[i]);
		sekisho__sealed_box__init(&boxes[i]);
		boxes[i].key_version = copy[i].seed.key_version;
		boxes[i].box.data = copy[i].seed.bytes;
		boxes[i].box.len = copy[i].seed.len;
		tokens[i].token = copy[i].id;
		tokens[i].seed = &boxes[i];
		tokens[i].digits = copy[i].digits;
		tokens[i].period = copy[i].period;
		tokens[i].drift = copy[i].drift;
		tokens[i].algorithm = copy[i].algorithm;
		tokens[i].last_step = copy[i].last_step;
		list[i] = &tokens[i];
	}
	for (i = 0; i < n_codes; i++) {
		code_copy[i] = codes[i];
		code[i].data = (uint8_t *)code_copy[i].digits;
		code[i].len = strlen(code_copy[i].digits);
	}
	check.person = person;
	check.n_tokens = n;
	check.tokens = list;
	check.n_codes = n_codes;
	check.codes = code;
	check.now = view->now;
	check.window = view->totp_window;
	request.body_case = SEKISHO__KEYRING_REQUEST__BODY_TOTP;
	request.totp = &check;
	err = keyring_ask(w->keyring_fd, &request, w->arena, &reply);
	if (err != ERR_OK)
		return err;
	if (view->n_tokens > 0 && reply->token_index < view->n_tokens &&
	    reply->code_index < n_codes) {
		if (reply->result == SEKISHO__KEYRING_REPLY__RESULT__YES)
			outcome.result = TOTP_RIGHT;
		else if (reply->result == SEKISHO__KEYRING_REPLY__RESULT__SPENT)
			outcome.result = TOTP_SPENT;
		outcome.code = reply->code_index;
		outcome.token = &view->token[reply->token_index];
		outcome.step = reply->step;
		outcome.drift = reply->drift;
	}
	*ret_outcome = outcome;
	return ERR_OK;
}
