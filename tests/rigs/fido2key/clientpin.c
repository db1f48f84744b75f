/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clientpin.c - authenticatorClientPIN (CTAP 2.1, 6.5), PIN/UV auth protocols
 * one and two.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

#include "tests/rigs/fido2key/key.h"

enum {
	RETRIES = 8,
	WRONG_IN_A_ROW = 3,
	FINGERS = 5,
	COORDINATE = 32,
	POINT = 65,
	BLOCK = 16,
	PIN_HASH = 16,
	PIN_PADDED = 64,
	PIN_SHORTEST = 4,
	SECRETS = 64, /* key of the HMAC, key of AES */
	AES_AT = 32,
	CIPHER_MAX = 128,
};

enum sub {
	GET_RETRIES = 1,
	GET_KEY_AGREEMENT,
	SET_PIN,
	CHANGE_PIN,
	GET_PIN_TOKEN,
	GET_UV_RETRIES = 7
};

bool
clientpin_knows(const struct key *key, int protocol)
{
	const char *known = state_text(key->state, "key", "protocols");

	return known != NULL && protocol >= 1 && protocol <= 2 &&
	       strchr(known, '0' + protocol) != NULL;
}

bool
clientpin_is_set(const struct key *key)
{
	return state_text(key->state, "pin", "hash") != NULL;
}

enum error
clientpin_set(struct key *key, const char *pin)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	enum error err;

	(void)SHA256((const unsigned char *)pin, strlen(pin), hash);
	err = state_put_bytes(key->state, "pin", "hash", hash, PIN_HASH);
	if (err == ERR_OK)
		err = state_put_number(key->state, "pin", "retries", RETRIES);
	return err == ERR_OK ? state_save(key->state) : err;
}

/* HMAC-SHA-256, whole. */
static bool
mac(const uint8_t *k, const uint8_t *what, size_t len,
    uint8_t ret[SHA256_DIGEST_LENGTH])
{
	unsigned n = SHA256_DIGEST_LENGTH;

	return HMAC(EVP_sha256(), k, KEY_TOKEN, what, len, ret, &n) != NULL;
}

/* What the platform says it knows the secret by. */
static bool
proves(int protocol, const uint8_t *k, const uint8_t *what, size_t what_len,
    const uint8_t *param, size_t len)
{
	uint8_t expected[SHA256_DIGEST_LENGTH];

	return len == (protocol == 1 ? 16U : 32U) &&
	       mac(k, what, what_len, expected) &&
	       CRYPTO_memcmp(expected, param, len) == 0;
}

enum ctap_status
clientpin_verify(const struct key *key, const cbor_item_t *param,
    const cbor_item_t *protocol, const uint8_t hash[KEY_HASH])
{
	const uint8_t *bytes;
	size_t len;
	int number;

	if (!item_bytes(param, &bytes, &len))
		return CTAP_CBOR_UNEXPECTED_TYPE;
	if (!item_number(protocol, &number))
		return CTAP_MISSING_PARAMETER;
	if (!clientpin_knows(key, number))
		return CTAP_INVALID_PARAMETER;
	return proves(number, key->token, hash, KEY_HASH, bytes, len)
		   ? CTAP_OK
		   : CTAP_PIN_AUTH_INVALID;
}

static EVP_PKEY *
peer(const uint8_t point[POINT])
{
	OSSL_PARAM params[] = {
	    OSSL_PARAM_utf8_string(
		OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"P-256"}, 5),
	    OSSL_PARAM_END, OSSL_PARAM_END};
	unsigned char copy[POINT];
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pair = NULL;

	memcpy(copy, point, sizeof copy);
	params[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof copy);
	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &pair, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pair = NULL;
	EVP_PKEY_CTX_free(context);
	return pair;
}

/* HKDF-SHA-256, salt of 32 zeros (CTAP 2.1, 6.5.7). */
static bool
derive_two(
    const uint8_t z[COORDINATE], const char *info, uint8_t ret[KEY_TOKEN])
{
	static const unsigned char salt[SHA256_DIGEST_LENGTH];
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t len = KEY_TOKEN;
	bool done;

	done = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
	       EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
	       EVP_PKEY_CTX_set1_hkdf_salt(context, salt, sizeof salt) == 1 &&
	       EVP_PKEY_CTX_set1_hkdf_key(context, z, COORDINATE) == 1 &&
	       EVP_PKEY_CTX_add1_hkdf_info(context, (const unsigned char *)info,
		   (int)strlen(info)) == 1 &&
	       EVP_PKEY_derive(context, ret, &len) == 1;
	EVP_PKEY_CTX_free(context);
	return done;
}

/* The secrets shared with the platform whose COSE_Key this is. */
static bool
agree(const struct key *key, int protocol, const cbor_item_t *cose,
    uint8_t ret[SECRETS])
{
	uint8_t point[POINT] = {4}, z[COORDINATE];
	EVP_PKEY_CTX *context;
	EVP_PKEY *other;
	const uint8_t *x, *y;
	size_t x_len, y_len, len = sizeof z;
	bool done;

	if (!item_bytes(item_at(cose, -2), &x, &x_len) ||
	    !item_bytes(item_at(cose, -3), &y, &y_len) || x_len != COORDINATE ||
	    y_len != COORDINATE)
		return false;
	memcpy(point + 1, x, COORDINATE);
	memcpy(point + 1 + COORDINATE, y, COORDINATE);
	other = peer(point);
	context = EVP_PKEY_CTX_new(key->agreement, NULL);
	done = other != NULL && context != NULL &&
	       EVP_PKEY_derive_init(context) == 1 &&
	       EVP_PKEY_derive_set_peer(context, other) == 1 &&
	       EVP_PKEY_derive(context, z, &len) == 1 && len == sizeof z;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(other);
	if (!done)
		return false;
	if (protocol == 2)
		return derive_two(z, "CTAP2 HMAC key", ret) &&
		       derive_two(z, "CTAP2 AES key", ret + AES_AT);
	(void)SHA256(z, sizeof z, ret);
	memcpy(ret + AES_AT, ret, KEY_TOKEN);
	return true;
}

static bool
aes(const uint8_t *k, const uint8_t *iv, const uint8_t *in, size_t len,
    bool encrypt, uint8_t *ret)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;
	bool done;

	done = context != NULL &&
	       EVP_CipherInit_ex(context, EVP_aes_256_cbc(), NULL, k, iv,
		   encrypt ? 1 : 0) == 1 &&
	       EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
	       EVP_CipherUpdate(context, ret, &n, in, (int)len) == 1 &&
	       n == (int)len;
	EVP_CIPHER_CTX_free(context);
	return done;
}

static bool
open_it(int protocol, const uint8_t secrets[SECRETS], const cbor_item_t *item,
    uint8_t *ret, size_t expected)
{
	static const uint8_t zero[BLOCK];
	const uint8_t *in, *iv = zero;
	size_t len;

	if (!item_bytes(item, &in, &len))
		return false;
	if (protocol == 2) {
		if (len < BLOCK)
			return false;
		iv = in;
		in += BLOCK;
		len -= BLOCK;
	}
	return len == expected &&
	       aes(secrets + AES_AT, iv, in, len, false, ret);
}

/* It is gone before the comparison, and on the disk. */
static enum ctap_status
spend_try(struct key *key)
{
	int retries = state_number(key->state, "pin", "retries", 0);

	if (retries <= 0)
		return CTAP_PIN_BLOCKED;
	if (key->wrong_pins >= WRONG_IN_A_ROW)
		return CTAP_PIN_AUTH_BLOCKED;
	if (state_put_number(key->state, "pin", "retries", retries - 1) !=
		ERR_OK ||
	    state_save(key->state) != ERR_OK)
		return CTAP_OTHER;
	return CTAP_OK;
}

static enum ctap_status
compare(struct key *key, const uint8_t given[PIN_HASH])
{
	uint8_t hash[PIN_HASH];
	size_t len;

	key->pins++;
	if (state_bytes(key->state, "pin", "hash", hash, sizeof hash, &len) !=
		ERR_OK ||
	    len != PIN_HASH)
		return CTAP_PIN_NOT_SET;
	if (CRYPTO_memcmp(hash, given, PIN_HASH) == 0) {
		key->wrong_pins = 0;
		if (state_put_number(key->state, "pin", "retries", RETRIES) !=
			ERR_OK ||
		    state_save(key->state) != ERR_OK)
			return CTAP_OTHER;
		return CTAP_OK;
	}
	key->wrong_pins++;
	EVP_PKEY_free(key->agreement);
	key->agreement = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (state_number(key->state, "pin", "retries", 0) == 0)
		return CTAP_PIN_BLOCKED;
	return key->wrong_pins >= WRONG_IN_A_ROW ? CTAP_PIN_AUTH_BLOCKED
						 : CTAP_PIN_INVALID;
}

static enum ctap_status
get_key(const struct key *key, struct buf *answer)
{
	uint8_t point[POINT];
	size_t len;
	cbor_item_t *map, *cose;

	if (EVP_PKEY_get_octet_string_param(key->agreement,
		OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point,
		&len) != 1 ||
	    len != sizeof point)
		return CTAP_OTHER;
	cose = cbor_new_definite_map(5);
	item_put(cose, 1, item_int(2));
	item_put(cose, 3, item_int(-25)); /* ECDH-ES + HKDF-256 */
	item_put(cose, -1, item_int(1));
	item_put(cose, -2, cbor_build_bytestring(point + 1, COORDINATE));
	item_put(cose, -3,
	    cbor_build_bytestring(point + 1 + COORDINATE, COORDINATE));
	map = cbor_new_definite_map(1);
	item_put(map, 1, cose);
	put_map(answer, map);
	return CTAP_OK;
}

static enum ctap_status
get_number(int at, int number, struct buf *answer)
{
	cbor_item_t *map = cbor_new_definite_map(1);

	item_put(map, at, item_int(number));
	put_map(answer, map);
	return CTAP_OK;
}

static enum ctap_status
get_token(struct key *key, int protocol, const cbor_item_t *map,
    const uint8_t secrets[SECRETS], struct buf *answer)
{
	uint8_t given[PIN_HASH], out[BLOCK + KEY_TOKEN] = {0};
	enum ctap_status status;
	size_t at = protocol == 2 ? BLOCK : 0;
	cbor_item_t *reply;

	if (!clientpin_is_set(key))
		return CTAP_PIN_NOT_SET;
	status = spend_try(key);
	if (status != CTAP_OK)
		return status;
	if (!open_it(protocol, secrets, item_at(map, 6), given, PIN_HASH))
		memset(given, 0, sizeof given);
	status = compare(key, given);
	if (status != CTAP_OK)
		return status;
	if (RAND_bytes(key->token, KEY_TOKEN) != 1 ||
	    (at > 0 && RAND_bytes(out, BLOCK) != 1) ||
	    !aes(secrets + AES_AT, out, key->token, KEY_TOKEN, true, out + at))
		return CTAP_OTHER;
	reply = cbor_new_definite_map(1);
	item_put(reply, 2, cbor_build_bytestring(out, at + KEY_TOKEN));
	put_map(answer, reply);
	return CTAP_OK;
}

/* setPIN, and changePIN behind the old one. */
static enum ctap_status
new_pin(struct key *key, int protocol, const cbor_item_t *map,
    const uint8_t secrets[SECRETS], bool change)
{
	uint8_t pin[PIN_PADDED + 1] = {0}, old[PIN_HASH];
	uint8_t what[2 * CIPHER_MAX];
	const uint8_t *param, *sealed, *old_sealed = NULL;
	size_t param_len, sealed_len, old_len = 0;
	enum ctap_status status;

	if (!item_bytes(item_at(map, 4), &param, &param_len) ||
	    !item_bytes(item_at(map, 5), &sealed, &sealed_len) ||
	    (change && !item_bytes(item_at(map, 6), &old_sealed, &old_len)))
		return CTAP_MISSING_PARAMETER;
	if (sealed_len > CIPHER_MAX || old_len > CIPHER_MAX)
		return CTAP_INVALID_PARAMETER;
	memcpy(what, sealed, sealed_len);
	if (old_len > 0)
		memcpy(what + sealed_len, old_sealed, old_len);
	if (!proves(protocol, secrets, what, sealed_len + old_len, param,
		param_len))
		return CTAP_PIN_AUTH_INVALID;
	if (change) {
		status = spend_try(key);
		if (status == CTAP_OK &&
		    !open_it(protocol, secrets, item_at(map, 6), old, PIN_HASH))
			memset(old, 0, sizeof old);
		if (status == CTAP_OK)
			status = compare(key, old);
		if (status != CTAP_OK)
			return status;
	}
	if (!open_it(protocol, secrets, item_at(map, 5), pin, PIN_PADDED))
		return CTAP_PIN_AUTH_INVALID;
	if (strlen((const char *)pin) < PIN_SHORTEST ||
	    strlen((const char *)pin) >= PIN_PADDED)
		return CTAP_PIN_POLICY_VIOLATION;
	return clientpin_set(key, (const char *)pin) == ERR_OK ? CTAP_OK
							       : CTAP_OTHER;
}

enum ctap_status
clientpin(struct key *key, const cbor_item_t *map, struct buf *answer)
{
	uint8_t secrets[SECRETS];
	int protocol = 0, sub;
	enum ctap_status status = CTAP_INVALID_PARAMETER;

	if (!item_number(item_at(map, 2), &sub))
		return CTAP_MISSING_PARAMETER;
	if (sub == GET_RETRIES)
		return get_number(3,
		    state_number(key->state, "pin", "retries", RETRIES),
		    answer);
	if (sub == GET_UV_RETRIES)
		return get_number(5, FINGERS - key->wrong_fingers, answer);
	if (!item_number(item_at(map, 1), &protocol))
		return CTAP_MISSING_PARAMETER;
	if (!clientpin_knows(key, protocol))
		return CTAP_INVALID_PARAMETER;
	if (sub == GET_KEY_AGREEMENT)
		return get_key(key, answer);
	if (!agree(key, protocol, item_at(map, 3), secrets))
		return CTAP_INVALID_PARAMETER;
	if (sub == GET_PIN_TOKEN)
		status = get_token(key, protocol, map, secrets, answer);
	else if (sub == SET_PIN && !clientpin_is_set(key))
		status = new_pin(key, protocol, map, secrets, false);
	else if (sub == SET_PIN)
		status = CTAP_NOT_ALLOWED;
	else if (sub == CHANGE_PIN && clientpin_is_set(key))
		status = new_pin(key, protocol, map, secrets, true);
	else if (sub == CHANGE_PIN)
		status = CTAP_PIN_NOT_SET;
	OPENSSL_cleanse(secrets, sizeof secrets);
	return status;
}
