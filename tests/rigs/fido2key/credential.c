/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/fido2key/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

enum { POINT = 65, COORDINATE = 32, COUNT_FIRST = 40 };

static void
name_section(int number, char ret_section[KEY_SECTION])
{
	(void)snprintf(ret_section, KEY_SECTION, "credential %d", number);
}

enum ctap_status
credential_get(const struct key *key, int number, struct credential *ret)
{
	const char *rp;

	memset(ret, 0, sizeof *ret);
	ret->number = number;
	name_section(number, ret->section);
	if (state_bytes(key->state, ret->section, "id", ret->id, sizeof ret->id,
		&ret->id_len) != ERR_OK)
		return CTAP_NO_CREDENTIALS;
	rp = state_text(key->state, ret->section, "rp");
	(void)snprintf(ret->rp, sizeof ret->rp, "%s", rp != NULL ? rp : "");
	if (state_bytes(key->state, ret->section, "user", ret->user,
		sizeof ret->user, &ret->user_len) != ERR_OK)
		ret->user_len = 0;
	ret->alg = state_number(key->state, ret->section, "alg", ALG_ES256);
	ret->discoverable =
	    state_number(key->state, ret->section, "discoverable", 0) != 0;
	ret->syncable =
	    state_number(key->state, ret->section, "syncable", 0) != 0;
	return CTAP_OK;
}

enum ctap_status
credential_find(const struct key *key, const char *rp, const uint8_t *id,
    size_t len, struct credential *ret)
{
	int i;

	for (i = 0; i < KEY_CREDENTIALS; i++) {
		if (credential_get(key, i, ret) == CTAP_OK &&
		    ret->id_len == len && memcmp(ret->id, id, len) == 0 &&
		    strcmp(ret->rp, rp) == 0)
			return CTAP_OK;
	}
	return CTAP_NO_CREDENTIALS;
}

static enum error
remember(struct state *state, const struct credential *c, EVP_PKEY *pair)
{
	unsigned char der[KEY_DER], *at = der;
	int len = i2d_PrivateKey(pair, NULL);
	enum error err;

	if (len <= 0 || len > KEY_DER || i2d_PrivateKey(pair, &at) != len)
		return ERR_CRYPTO;
	err = state_put_bytes(state, c->section, "id", c->id, c->id_len);
	if (err == ERR_OK)
		err = state_put_text(state, c->section, "rp", c->rp);
	if (err == ERR_OK)
		err = state_put_bytes(
		    state, c->section, "user", c->user, c->user_len);
	if (err == ERR_OK)
		err = state_put_number(state, c->section, "alg", c->alg);
	if (err == ERR_OK)
		err = state_put_number(
		    state, c->section, "discoverable", c->discoverable);
	if (err == ERR_OK)
		err = state_put_number(
		    state, c->section, "syncable", c->syncable);
	if (err == ERR_OK)
		err =
		    state_put_bytes(state, c->section, "key", der, (size_t)len);
	return err == ERR_OK ? state_save(state) : err;
}

enum ctap_status
credential_new(
    struct key *key, struct credential *credential, EVP_PKEY **ret_pair)
{
	struct credential other;
	EVP_PKEY *pair;
	int i;

	for (i = 0; i < KEY_CREDENTIALS; i++) {
		if (credential_get(key, i, &other) == CTAP_NO_CREDENTIALS)
			break;
	}
	if (i == KEY_CREDENTIALS)
		return CTAP_KEY_STORE_FULL;
	credential->number = i;
	name_section(i, credential->section);
	credential->id_len =
	    (size_t)state_number(key->state, "key", "id_len", KEY_ID);
	pair = credential->alg == ALG_EDDSA
		   ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
		   : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (pair == NULL ||
	    RAND_bytes(credential->id, (int)credential->id_len) != 1 ||
	    remember(key->state, credential, pair) != ERR_OK) {
		EVP_PKEY_free(pair);
		return CTAP_OTHER;
	}
	*ret_pair = pair;
	return CTAP_OK;
}

enum ctap_status
credential_load(const struct key *key, const struct credential *credential,
    EVP_PKEY **ret_pair)
{
	unsigned char der[KEY_DER];
	const unsigned char *at = der;
	size_t len;

	if (state_bytes(key->state, credential->section, "key", der, sizeof der,
		&len) != ERR_OK)
		return CTAP_OTHER;
	*ret_pair = d2i_AutoPrivateKey(NULL, &at, (long)len);
	return *ret_pair != NULL ? CTAP_OK : CTAP_OTHER;
}

enum ctap_status
credential_public(int alg, EVP_PKEY *pair, struct buf *buf)
{
	unsigned char point[POINT];
	cbor_item_t *map;
	size_t len = sizeof point;

	if (alg == ALG_EDDSA) {
		if (EVP_PKEY_get_raw_public_key(pair, point, &len) != 1 ||
		    len != COORDINATE)
			return CTAP_OTHER;
		map = cbor_new_definite_map(4);
		item_put(map, 1, item_int(1)); /* OKP */
		item_put(map, 3, item_int(ALG_EDDSA));
		item_put(map, -1, item_int(6)); /* Ed25519 */
		item_put(map, -2, cbor_build_bytestring(point, len));
	} else {
		if (EVP_PKEY_get_octet_string_param(pair,
			OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point,
			&len) != 1 ||
		    len != POINT)
			return CTAP_OTHER;
		map = cbor_new_definite_map(5);
		item_put(map, 1, item_int(2)); /* EC2 */
		item_put(map, 3, item_int(ALG_ES256));
		item_put(map, -1, item_int(1)); /* P-256 */
		item_put(map, -2, cbor_build_bytestring(point + 1, COORDINATE));
		item_put(map, -3,
		    cbor_build_bytestring(point + 1 + COORDINATE, COORDINATE));
	}
	put_map(buf, map);
	return buf->failed ? CTAP_OTHER : CTAP_OK;
}

enum ctap_status
credential_count(
    struct key *key, const struct credential *credential, uint32_t *ret)
{
	int count = state_number(
	    key->state, credential->section, "counter", COUNT_FIRST);

	*ret = 0;
	if (state_number(key->state, "key", "no_counter", 0) != 0)
		return CTAP_OK;
	if (fault_now(&key->faults.counter_still)) {
		*ret = (uint32_t)count;
		return CTAP_OK;
	}
	/* What the key remembers goes on: it is another copy that is behind. */
	if (fault_now(&key->faults.counter_back)) {
		*ret = (uint32_t)count - 5;
		return CTAP_OK;
	}
	count++;
	if (state_put_number(
		key->state, credential->section, "counter", count) != ERR_OK ||
	    state_save(key->state) != ERR_OK)
		return CTAP_OTHER;
	*ret = (uint32_t)count;
	return CTAP_OK;
}
