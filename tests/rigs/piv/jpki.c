/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/rigs/piv/jpki.h"

#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rigs/piv/keys.h"
#include "tests/rigs/piv/pin.h"

enum {
	EF_SIGN_CERT = 0x0001,
	EF_SIGN_CA = 0x0002,
	EF_AUTH_CERT = 0x000a,
	EF_AUTH_CA = 0x000b,
	EF_AUTH_KEY = 0x0017,
	EF_AUTH_PIN = 0x0018,
	EF_SIGN_KEY = 0x001a,
	EF_SIGN_PIN = 0x001b,
	EF_MAX = 4096,
	DIGEST_INFO_MAX = RSA_OCTETS - 11, /* RFC 8017 9.2: 8 of padding */
};

static const uint8_t atr[] = {
    0x3b, 0xe0, 0x00, 0xff, 0x81, 0x31, 0xfe, 0x45, 0x14};
static const uint8_t aid[] = {
    0xd3, 0x92, 0xf0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

/* What there is. file: certificate in state; else a PIN, or a key behind one.
 */
static const struct ef {
	uint16_t id;
	const char *file, *pin, *key;
} efs[] = {
    {EF_AUTH_CERT, "auth-cert", NULL, NULL},
    {EF_AUTH_CA, "auth-ca", NULL, NULL},
    {EF_SIGN_CERT, "sign-cert", "sign", NULL}, /* it has name and address */
    {EF_SIGN_CA, "sign-ca", NULL, NULL},
    {EF_AUTH_PIN, NULL, "auth", NULL},
    {EF_SIGN_PIN, NULL, "sign", NULL},
    {EF_AUTH_KEY, NULL, "auth", "auth"},
    {EF_SIGN_KEY, NULL, "sign", "sign"},
};
enum { N_EFS = sizeof efs / sizeof efs[0] };

struct jpki {
	struct state *state; /* not ours */
	bool selected, auth_verified, sign_verified;
	const struct ef *ef;
};

static bool *
verified(struct jpki *jpki, const char *pin)
{
	return strcmp(pin, "auth") == 0 ? &jpki->auth_verified
					: &jpki->sign_verified;
}

static uint16_t
do_select(struct jpki *jpki, const struct apdu *apdu)
{
	uint16_t id;
	int i;

	if (apdu->p2 != 0x0c || (apdu->p1 != 0x04 && apdu->p1 != 0x02))
		return SW_P1P2;
	if (apdu->p1 == 0x04) {
		if (apdu->len != sizeof aid ||
		    memcmp(apdu->data, aid, sizeof aid) != 0)
			return SW_NOT_FOUND;
		jpki->selected = true;
		jpki->ef = NULL;
		return SW_OK;
	}
	if (!jpki->selected)
		return SW_CONDITIONS;
	if (apdu->len != 2)
		return SW_LENGTH;
	id = (uint16_t)(apdu->data[0] << 8 | apdu->data[1]);
	for (i = 0; i < N_EFS; i++) {
		if (efs[i].id == id) {
			jpki->ef = &efs[i];
			return SW_OK;
		}
	}
	return SW_NOT_FOUND;
}

static uint16_t
read_binary(struct jpki *jpki, const struct apdu *apdu, struct reply *reply)
{
	const struct ef *ef = jpki->ef;
	size_t len, at = (size_t)apdu->p1 << 8 | apdu->p2;
	uint8_t bytes[EF_MAX];

	if (ef == NULL || ef->file == NULL)
		return SW_NO_EF;
	if (ef->pin != NULL && !*verified(jpki, ef->pin))
		return SW_SECURITY;
	if (state_bytes(jpki->state, "files", ef->file, bytes, sizeof bytes,
		&len) != ERR_OK)
		return SW_NOT_FOUND;
	if ((apdu->p1 & 0x80) != 0 || at >= len)
		return SW_OFFSET;
	buf_put(&reply->data, bytes + at,
	    len - at < apdu->le ? len - at : apdu->le);
	return SW_OK;
}

static uint16_t
verify(struct jpki *jpki, const struct apdu *apdu)
{
	const struct ef *ef = jpki->ef;
	uint16_t sw;

	if (apdu->p1 != 0 || apdu->p2 != 0x80)
		return SW_P1P2;
	if (ef == NULL || ef->pin == NULL || ef->key != NULL ||
	    ef->file != NULL)
		return SW_CONDITIONS;
	/* a question never says whether the PIN was given, nor 6983 */
	if (apdu->len == 0)
		return (uint16_t)(SW_TRIES + pin_tries(jpki->state, ef->pin));
	sw = pin_check(jpki->state, ef->pin, apdu->data, apdu->len);
	*verified(jpki, ef->pin) = sw == SW_OK;
	return sw;
}

/* A DigestInfo comes; the card pads it (EMSA-PKCS1-v1_5) and signs. */
static uint16_t
sign(struct jpki *jpki, const struct apdu *apdu, struct reply *reply)
{
	const struct ef *ef = jpki->ef;
	uint8_t block[RSA_OCTETS];
	EVP_PKEY *key = NULL;
	enum error err;

	if (apdu->p1 != 0 || apdu->p2 != 0x80)
		return SW_P1P2;
	if (ef == NULL || ef->key == NULL)
		return SW_CONDITIONS;
	if (!*verified(jpki, ef->pin))
		return SW_SECURITY;
	if (apdu->len == 0 || apdu->len > DIGEST_INFO_MAX)
		return SW_DATA;
	memset(block, 0xff, sizeof block);
	block[0] = 0;
	block[1] = 1;
	block[sizeof block - apdu->len - 1] = 0;
	memcpy(block + sizeof block - apdu->len, apdu->data, apdu->len);
	if (key_load(jpki->state, ef->key, &key) != ERR_OK)
		return SW_FAILURE;
	err = key_sign(key, block, sizeof block, &reply->data);
	EVP_PKEY_free(key);
	if (err != ERR_OK)
		return SW_FAILURE;
	reply->has_signature = true;
	return SW_OK;
}

static uint16_t
run(void *self, const struct apdu *apdu, struct reply *reply)
{
	struct jpki *jpki = self;

	if (apdu->cla == 0x80 && apdu->ins == 0x2a)
		return sign(jpki, apdu, reply);
	if (apdu->cla != 0)
		return SW_CLA;
	switch (apdu->ins) {
	case 0xa4:
		return do_select(jpki, apdu);
	case 0xb0:
		return read_binary(jpki, apdu, reply);
	case 0x20:
		return verify(jpki, apdu);
	default:
		return SW_INS;
	}
}

static void
reset(void *self)
{
	struct jpki *jpki = self;

	jpki->selected = jpki->auth_verified = jpki->sign_verified = false;
	jpki->ef = NULL;
}

static bool
signs(void *self, const struct apdu *apdu)
{
	(void)self;
	return apdu->ins == 0x2a;
}

static void
count(void *self, json_t *object)
{
	const struct jpki *jpki = self;

	(void)json_object_set_new(
	    object, "auth_tries", json_integer(pin_tries(jpki->state, "auth")));
	(void)json_object_set_new(
	    object, "sign_tries", json_integer(pin_tries(jpki->state, "sign")));
}

enum error
jpki_open(struct state *state, struct applet *ret_applet)
{
	struct jpki *jpki = calloc(1, sizeof *jpki);

	if (jpki == NULL)
		return ERR_NOMEM;
	jpki->state = state;
	*ret_applet = (struct applet){.kind = "jpki",
	    .atr = atr,
	    .atr_len = sizeof atr,
	    .reset = reset,
	    .run = run,
	    .signs = signs,
	    .count = count,
	    .free = free,
	    .self = jpki};
	return ERR_OK;
}

/* Key, certificate and the authority's own under "auth-..." or "sign-...". */
static enum error
issue(struct state *state, const struct authority *ca, const char *what,
    const char *name)
{
	uint8_t bytes[EF_MAX];
	struct buf der = {bytes, sizeof bytes, 0, false};
	char file[16];
	unsigned char *issuer = NULL;
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	enum error err;
	int len;

	err = key_generate(KEY_RSA2048, &key);
	if (err == ERR_OK)
		err = key_store(state, what, key);
	if (err == ERR_OK)
		err = cert_new(name, key, false, ca, &certificate);
	if (err == ERR_OK)
		err = cert_sign(certificate, ca, &der);
	if (err != ERR_OK)
		goto out;
	(void)snprintf(file, sizeof file, "%s-cert", what);
	err = state_put_bytes(state, "files", file, der.bytes, der.len);
	if (err != ERR_OK)
		goto out;
	len = i2d_X509(ca->certificate, &issuer);
	if (len <= 0 || len > EF_MAX) {
		err = ERR_CRYPTO;
		goto out;
	}
	(void)snprintf(file, sizeof file, "%s-ca", what);
	err = state_put_bytes(state, "files", file, issuer, (size_t)len);
out:
	OPENSSL_free(issuer);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return err;
}

static bool
pin_formed(const char *pin, size_t least, size_t most)
{
	size_t len = strlen(pin);

	return len >= least && len <= most;
}

enum error
jpki_create(struct state *state, const struct jpki_options *options)
{
	const char *pin = options->pin ? options->pin : "1234";
	const char *sign_pin = options->sign_pin ? options->sign_pin : "ABC123";
	enum error err;

	if (!pin_formed(pin, 4, 4) || !pin_formed(sign_pin, 6, 16))
		return ERR_INPUT;
	err = pin_set(state, "auth", (const uint8_t *)pin, strlen(pin));
	if (err == ERR_OK)
		err = pin_set(
		    state, "sign", (const uint8_t *)sign_pin, strlen(sign_pin));
	if (err == ERR_OK)
		err = pin_set_max(state, "sign", 5);
	if (err == ERR_OK)
		err = issue(state, options->ca, "auth", "JPKI test user");
	if (err == ERR_OK)
		err = issue(state, options->ca, "sign", "JPKI test signer");
	return err;
}
