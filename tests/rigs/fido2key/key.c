/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/fido2key/key.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"

enum { FINGERS = 5, LIST_MAX = 8, AUTHDATA_MAX = 700, ID_MIN = 16 };

enum command {
	MAKE_CREDENTIAL = 1,
	GET_ASSERTION = 2,
	GET_INFO = 4,
	CLIENT_PIN = 6,
	RESET = 7,
	GET_NEXT_ASSERTION = 8,
	SELECTION = 0x0b,
};

/* What both ceremonies are asked. */
struct asked {
	const cbor_item_t *map;
	uint8_t hash[KEY_HASH];
	char rp[KEY_RP];
	const cbor_item_t *options;
	const cbor_item_t *list; /* of credentials; NULL: none */
	bool touched;
	int flags; /* what was found out of the person */
};

enum error
key_create(const char *path, const struct key_options *o)
{
	struct key key = {0};
	uint8_t aaguid[KEY_AAGUID];
	struct state *state = NULL;
	const char *fill = "5e6b1f00000040008000000000000001";
	enum error err;
	size_t len;

	if (o->aaguid != NULL)
		fill = o->aaguid;
	if (hex_decode(fill, strlen(fill), aaguid, sizeof aaguid, &len) !=
		ERR_OK ||
	    len != sizeof aaguid ||
	    (o->id_len != 0 && (o->id_len < ID_MIN || o->id_len > KEY_ID_MAX)))
		return ERR_INPUT;
	err = state_new(path, &state);
	if (err == ERR_OK)
		err = state_put_bytes(
		    state, "key", "aaguid", aaguid, sizeof aaguid);
	if (err == ERR_OK)
		err = state_put_text(
		    state, "key", "uv", o->uv != NULL ? o->uv : "pin");
	if (err == ERR_OK)
		err = state_put_text(
		    state, "key", "alg", o->alg != NULL ? o->alg : "both");
	if (err == ERR_OK)
		err = state_put_text(state, "key", "attestation",
		    o->attestation != NULL ? o->attestation : "self");
	if (err == ERR_OK)
		err = state_put_text(state, "key", "protocols",
		    o->protocols != NULL ? o->protocols : "21");
	if (err == ERR_OK)
		err = state_put_number(
		    state, "key", "id_len", o->id_len ? o->id_len : KEY_ID);
	if (err == ERR_OK)
		err = state_put_number(state, "key", "syncable", o->syncable);
	if (err == ERR_OK)
		err =
		    state_put_number(state, "key", "no_counter", o->no_counter);
	if (err == ERR_OK)
		err = state_save(state);
	key.state = state;
	if (err == ERR_OK && o->pin != NULL)
		err = clientpin_set(&key, o->pin);
	state_free(&state);
	return err;
}

enum error
key_open(const char *path, struct key *ret_key)
{
	enum error err;

	memset(ret_key, 0, sizeof *ret_key);
	err = state_load(path, &ret_key->state);
	return err == ERR_OK ? key_power(ret_key) : err;
}

void
key_close(struct key *key)
{
	EVP_PKEY_free(key->agreement);
	key->agreement = NULL;
	state_free(&key->state);
}

enum error
key_power(struct key *key)
{
	EVP_PKEY_free(key->agreement);
	key->agreement = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	key->wrong_pins = key->wrong_fingers = 0;
	key->next_n = 0;
	if (key->agreement == NULL || RAND_bytes(key->token, KEY_TOKEN) != 1)
		return ERR_CRYPTO;
	return ERR_OK;
}

static bool
uv_is(const struct key *key, const char *kind)
{
	const char *uv = state_text(key->state, "key", "uv");

	return uv != NULL && strcmp(uv, kind) == 0;
}

static bool
offers(const struct key *key, int alg)
{
	const char *only = state_text(key->state, "key", "alg");

	if (alg != ALG_ES256 && alg != ALG_EDDSA)
		return false;
	return only == NULL || strcmp(only, "both") == 0 ||
	       strcmp(only, alg == ALG_ES256 ? "es256" : "eddsa") == 0;
}

static enum ctap_status
get_info(const struct key *key, struct buf *answer)
{
	cbor_item_t *map = cbor_new_definite_map(7), *list, *options;
	bool pin = !uv_is(key, "none"), finger = uv_is(key, "fingerprint");
	const char *protocols = state_text(key->state, "key", "protocols");
	uint8_t aaguid[KEY_AAGUID] = {0};
	size_t len, n = strlen(protocols);

	if (state_bytes(key->state, "key", "aaguid", aaguid, sizeof aaguid,
		&len) != ERR_OK)
		len = 0;
	list = cbor_new_definite_array(1);
	item_push(list, cbor_build_string("FIDO_2_0"));
	item_put(map, 1, list);
	item_put(map, 3, cbor_build_bytestring(aaguid, sizeof aaguid));
	options = cbor_new_definite_map(2U + (pin ? 1 : 0) + (finger ? 1 : 0));
	item_put_named(options, "rk", cbor_build_bool(true));
	item_put_named(options, "up", cbor_build_bool(true));
	if (finger)
		item_put_named(options, "uv", cbor_build_bool(true));
	if (pin)
		item_put_named(options, "clientPin",
		    cbor_build_bool(clientpin_is_set(key)));
	item_put(map, 4, options);
	item_put(map, 5, item_int(KEY_MESSAGE));
	list = cbor_new_definite_array(n);
	for (; *protocols != '\0'; protocols++)
		item_push(list, item_int(*protocols - '0'));
	item_put(map, 6, list);
	item_put(map, 7, item_int(LIST_MAX));
	item_put(map, 8, item_int(KEY_ID_MAX));
	put_map(answer, map);
	return CTAP_OK;
}

/* Who is there, and how is it known? Fills flags; CTAP_TOUCH: not yet. */
static enum ctap_status
ask_person(struct key *key, struct asked *a, int param, bool up, bool must)
{
	const cbor_item_t *proof = item_at(a->map, param);
	int uv = item_truth(item_named(a->options, "uv"));
	bool finger = uv_is(key, "fingerprint");
	enum ctap_status status;
	const uint8_t *bytes;
	size_t len;

	/* An empty one asks for a touch, to tell keys apart (6.1.2 step 1). */
	if (item_bytes(proof, &bytes, &len) && len == 0) {
		if (!a->touched)
			return CTAP_TOUCH;
		return clientpin_is_set(key) ? CTAP_PIN_INVALID
					     : CTAP_PIN_NOT_SET;
	}
	if (proof != NULL) {
		status = clientpin_verify(
		    key, proof, item_at(a->map, param + 1), a->hash);
		if (status != CTAP_OK)
			return status;
		a->flags |= FLAG_UV;
	} else if (uv == 1 && !finger) {
		return CTAP_UNSUPPORTED_OPTION;
	} else if (uv == 1 && key->wrong_fingers >= FINGERS) {
		return CTAP_UV_BLOCKED;
	} else if (uv != 1 && must && clientpin_is_set(key)) {
		return CTAP_PIN_REQUIRED;
	}
	if (!up)
		return CTAP_OK;
	if (!a->touched)
		return CTAP_TOUCH;
	key->touches++;
	a->flags |= FLAG_UP;
	if (uv != 1 || (a->flags & FLAG_UV) != 0)
		return CTAP_OK;
	if (fault_now(&key->faults.wrong_finger)) {
		key->wrong_fingers++;
		return key->wrong_fingers >= FINGERS ? CTAP_UV_BLOCKED
						     : CTAP_UV_INVALID;
	}
	key->wrong_fingers = 0;
	a->flags |= FLAG_UV;
	return CTAP_OK;
}

/* Of the list, the first that is this key's; or none. */
static enum ctap_status
find_listed(
    const struct key *key, const struct asked *a, struct credential *ret)
{
	cbor_item_t *const *item;
	const uint8_t *id;
	size_t i, len;

	if (a->list == NULL || !cbor_isa_array(a->list))
		return CTAP_NO_CREDENTIALS;
	item = cbor_array_handle(a->list);
	for (i = 0; i < cbor_array_size(a->list); i++) {
		if (item_bytes(item_named(item[i], "id"), &id, &len) &&
		    credential_find(key, a->rp, id, len, ret) == CTAP_OK)
			return CTAP_OK;
	}
	return CTAP_NO_CREDENTIALS;
}

static int
choose_algorithm(const struct key *key, const cbor_item_t *params)
{
	cbor_item_t *const *item;
	size_t i;
	int alg;

	if (params == NULL || !cbor_isa_array(params))
		return 0;
	item = cbor_array_handle(params);
	for (i = 0; i < cbor_array_size(params); i++) {
		if (item_number(item_named(item[i], "alg"), &alg) &&
		    offers(key, alg))
			return alg;
	}
	return 0;
}

static void
put_credential(struct buf *authdata, const struct key *key,
    const struct credential *credential)
{
	uint8_t aaguid[KEY_AAGUID] = {0}, length[2];
	size_t len;

	if (state_bytes(key->state, "key", "aaguid", aaguid, sizeof aaguid,
		&len) != ERR_OK)
		authdata->failed = true;
	buf_put(authdata, aaguid, sizeof aaguid);
	length[0] = (uint8_t)(credential->id_len >> 8);
	length[1] = (uint8_t)credential->id_len;
	buf_put(authdata, length, sizeof length);
	buf_put(authdata, credential->id, credential->id_len);
}

static enum ctap_status
make_credential(struct key *key, struct asked *a, struct buf *answer)
{
	uint8_t bytes[AUTHDATA_MAX];
	struct buf authdata = {bytes, sizeof bytes, 0, false};
	struct credential c = {0};
	EVP_PKEY *pair = NULL;
	cbor_item_t *map, *statement = NULL;
	enum ctap_status status;
	const uint8_t *user;
	const char *format;
	uint32_t counter;
	size_t len;
	bool known;

	known = find_listed(key, a, &c) == CTAP_OK;
	if (!known && choose_algorithm(key, item_at(a->map, 4)) == 0)
		return CTAP_UNSUPPORTED_ALGORITHM;
	status = ask_person(key, a, 8, true, true);
	if (status != CTAP_OK)
		return status;
	if (known)
		return CTAP_CREDENTIAL_EXCLUDED;
	c = (struct credential){
	    .alg = choose_algorithm(key, item_at(a->map, 4))};
	memcpy(c.rp, a->rp, sizeof c.rp);
	if (!item_bytes(item_named(item_at(a->map, 3), "id"), &user, &len) ||
	    len > sizeof c.user)
		return CTAP_MISSING_PARAMETER;
	memcpy(c.user, user, len);
	c.user_len = len;
	c.discoverable = item_truth(item_named(a->options, "rk")) == 1;
	c.syncable = state_number(key->state, "key", "syncable", 0) != 0;
	status = credential_new(key, &c, &pair);
	if (status == CTAP_OK)
		status = credential_count(key, &c, &counter);
	if (status == CTAP_OK) {
		sign_head(key, &c, a->flags | FLAG_AT, counter, &authdata);
		put_credential(&authdata, key, &c);
		status = credential_public(c.alg, pair, &authdata);
	}
	if (status == CTAP_OK)
		statement = sign_attestation(
		    key, c.alg, pair, &authdata, a->hash, &format);
	if (statement == NULL) {
		EVP_PKEY_free(pair);
		return status != CTAP_OK ? status : CTAP_OTHER;
	}
	map = cbor_new_definite_map(3);
	item_put(map, 1, cbor_build_string(format));
	item_put(map, 2, cbor_build_bytestring(authdata.bytes, authdata.len));
	item_put(map, 3, statement);
	put_map(answer, map);
	EVP_PKEY_free(pair);
	return CTAP_OK;
}

static enum ctap_status
assert_with(struct key *key, const struct credential *c, int flags,
    const uint8_t hash[KEY_HASH], size_t total, struct buf *answer)
{
	/* {"ext": true} */
	static const uint8_t extension[] = {0xa1, 0x63, 'e', 'x', 't', 0xf5};
	uint8_t bytes[AUTHDATA_MAX], signature[128];
	struct buf authdata = {bytes, sizeof bytes, 0, false};
	struct buf s = {signature, sizeof signature, 0, false};
	struct credential said = *c;
	cbor_item_t *map, *inner;
	enum ctap_status status;
	EVP_PKEY *pair = NULL;
	uint32_t counter;
	bool up = (flags & FLAG_UP) != 0;

	status = credential_count(key, c, &counter);
	if (status == CTAP_OK)
		status = credential_load(key, c, &pair);
	if (status == CTAP_OK) {
		sign_head(key, c, flags, counter, &authdata);
		if (up && fault_now(&key->faults.extension))
			buf_put(&authdata, extension, sizeof extension);
		if (up && fault_now(&key->faults.trailing))
			buf_put(&authdata, "x", 1);
		status =
		    sign_it(up ? key : NULL, c->alg, pair, &authdata, hash, &s);
	}
	EVP_PKEY_free(pair);
	if (status != CTAP_OK)
		return status;
	if (up && fault_now(&key->faults.wrong_credential))
		said.id[0] ^= 1;
	map = cbor_new_definite_map(
	    3U + (c->user_len > 0 ? 1 : 0) + (total > 1 ? 1 : 0));
	inner = cbor_new_definite_map(2);
	item_put_named(
	    inner, "id", cbor_build_bytestring(said.id, said.id_len));
	item_put_named(inner, "type", cbor_build_string("public-key"));
	item_put(map, 1, inner);
	item_put(map, 2, cbor_build_bytestring(authdata.bytes, authdata.len));
	item_put(map, 3, cbor_build_bytestring(s.bytes, s.len));
	if (c->user_len > 0) {
		inner = cbor_new_definite_map(1);
		item_put_named(
		    inner, "id", cbor_build_bytestring(c->user, c->user_len));
		item_put(map, 4, inner);
	}
	if (total > 1)
		item_put(map, 5, item_int((int)total));
	put_map(answer, map);
	return CTAP_OK;
}

static enum ctap_status
get_assertion(struct key *key, struct asked *a, struct buf *answer)
{
	bool up = item_truth(item_named(a->options, "up")) != 0;
	struct credential c;
	enum ctap_status status;
	size_t n = 0;
	int i;

	if (a->list == NULL) {
		for (i = KEY_CREDENTIALS - 1; i >= 0; i--) {
			if (credential_get(key, i, &c) == CTAP_OK &&
			    c.discoverable && strcmp(c.rp, a->rp) == 0)
				key->next[n++] = i;
		}
		key->next_at = 0;
		key->next_n = 0;
		status = n > 0 ? credential_get(key, key->next[0], &c)
			       : CTAP_NO_CREDENTIALS;
	} else {
		status = find_listed(key, a, &c);
	}
	/* That it has none is told after a touch only, where one was asked. */
	if (status == CTAP_OK || up) {
		enum ctap_status person = ask_person(key, a, 6, up, false);

		if (person != CTAP_OK)
			return person;
	}
	if (status != CTAP_OK)
		return status;
	if (n > 1) {
		key->next_n = n;
		key->next_at = 1;
		key->next_flags = a->flags;
		memcpy(key->next_hash, a->hash, KEY_HASH);
	}
	return assert_with(key, &c, a->flags, a->hash, n, answer);
}

static enum ctap_status
get_next(struct key *key, struct buf *answer)
{
	struct credential c;

	if (key->next_at >= key->next_n ||
	    credential_get(key, key->next[key->next_at++], &c) != CTAP_OK)
		return CTAP_NOT_ALLOWED;
	return assert_with(key, &c, key->next_flags, key->next_hash, 1, answer);
}

/* What is the same for both; false for what is missing. */
static enum ctap_status
take_asked(const cbor_item_t *map, bool make, struct asked *a)
{
	const uint8_t *hash;
	size_t len;

	a->map = map;
	if (!item_bytes(item_at(map, make ? 1 : 2), &hash, &len) ||
	    len != KEY_HASH)
		return CTAP_MISSING_PARAMETER;
	memcpy(a->hash, hash, KEY_HASH);
	if (!item_text(
		make ? item_named(item_at(map, 2), "id") : item_at(map, 1),
		a->rp, sizeof a->rp))
		return CTAP_MISSING_PARAMETER;
	a->options = item_at(map, make ? 7 : 5);
	a->list = item_at(map, make ? 5 : 3);
	if (a->list != NULL && cbor_isa_array(a->list) &&
	    cbor_array_size(a->list) > LIST_MAX)
		return CTAP_INVALID_LENGTH;
	return CTAP_OK;
}

enum ctap_status
key_answer(struct key *key, const uint8_t *request, size_t len, bool touched,
    struct buf *answer)
{
	struct asked a = {.touched = touched};
	struct cbor_load_result loaded;
	cbor_item_t *map = NULL;
	enum ctap_status status;

	if (len == 0)
		return CTAP_INVALID_LENGTH;
	if (len > 1) {
		map = cbor_load(request + 1, len - 1, &loaded);
		if (map == NULL || loaded.read != len - 1 ||
		    !cbor_isa_map(map)) {
			if (map != NULL)
				cbor_decref(&map);
			return CTAP_INVALID_CBOR;
		}
	}
	switch (request[0]) {
	case MAKE_CREDENTIAL:
		status = take_asked(map, true, &a);
		if (status == CTAP_OK)
			status = make_credential(key, &a, answer);
		break;
	case GET_ASSERTION:
		status = take_asked(map, false, &a);
		if (status == CTAP_OK)
			status = get_assertion(key, &a, answer);
		break;
	case GET_NEXT_ASSERTION:
		status = get_next(key, answer);
		break;
	case GET_INFO:
		status = get_info(key, answer);
		break;
	case CLIENT_PIN:
		status = clientpin(key, map, answer);
		break;
	case SELECTION:
		status = touched ? CTAP_OK : CTAP_TOUCH;
		break;
	default:
		status = CTAP_INVALID_COMMAND;
		break;
	}
	if (map != NULL)
		cbor_decref(&map);
	return status;
}
