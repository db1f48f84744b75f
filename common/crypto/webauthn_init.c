/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that a verification would fetch or open later. */
#include <fido.h>
#include <sodium.h>
#include <string.h>

#include "common/crypto/ossl.h"
#include "common/crypto/webauthn.h"
#include "common/crypto/webauthn_internal.h"

/* A public key that is new, in libfido2's form. */
static enum error
make_key(int algorithm, struct webauthn_key *ret)
{
	unsigned char octets[WEBAUTHN_KEY_MAX + 1];
	const char *kind = algorithm == WEBAUTHN_EDDSA ? "ED25519" : "EC";
	const char *group = algorithm == WEBAUTHN_ES384 ? "P-384" : "P-256";
	EVP_PKEY *pkey;
	size_t len = sizeof octets;
	bool good;

	ret->algorithm = algorithm;
	if (algorithm == WEBAUTHN_RS256) {
		/* making one takes long; any odd modulus verifies nothing */
		ret->len = WEBAUTHN_KEY_MAX;
		memset(ret->octets, 0xff, WEBAUTHN_KEY_MAX - 3);
		memcpy(ret->octets + WEBAUTHN_KEY_MAX - 3, "\x01\x00\x01", 3);
		return ERR_OK;
	}
	pkey = algorithm == WEBAUTHN_EDDSA
		   ? EVP_PKEY_Q_keygen(NULL, NULL, kind)
		   : EVP_PKEY_Q_keygen(NULL, NULL, kind, group);
	if (pkey == NULL)
		return ERR_CRYPTO;
	if (algorithm == WEBAUTHN_EDDSA) {
		good =
		    EVP_PKEY_get_raw_public_key(pkey, ret->octets, &len) == 1;
		ret->len = len;
	} else {
		good = EVP_PKEY_get_octet_string_param(
			   pkey, "pub", octets, sizeof octets, &len) == 1 &&
		       len > 1;
		ret->len = good ? len - 1 : 0; /* without the 04 */
		if (good)
			memcpy(ret->octets, octets + 1, ret->len);
	}
	EVP_PKEY_free(pkey);
	return good ? ERR_OK : ERR_CRYPTO;
}

enum error
webauthn_init(void)
{
	static const int algorithm[] = {
	    WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_ES384, WEBAUTHN_RS256};
	/* ECDSA: r and s are 1 */
	static const unsigned char der[] = {
	    0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};
	unsigned char authdata[WEBAUTHN_AUTHDATA_MIN] = {0};
	unsigned char hash[WEBAUTHN_HASH] = {0}, signature[256];
	struct webauthn_authdata parsed;
	struct webauthn_key key;
	enum error err = ERR_OK;
	size_t i, len;

	fido_init(0);
	if (sodium_init() < 0)
		return ERR_CRYPTO;
	crypto_hash_sha256(authdata, (const unsigned char *)"init", 4);
	authdata[WEBAUTHN_HASH] = WEBAUTHN_UP;
	for (i = 0; err == ERR_OK && i < sizeof algorithm / sizeof *algorithm;
	     i++) {
		err = make_key(algorithm[i], &key);
		if (err != ERR_OK)
			return err;
		memset(signature, 1, sizeof signature);
		len = algorithm[i] == WEBAUTHN_RS256   ? 256
		      : algorithm[i] == WEBAUTHN_EDDSA ? 64
						       : sizeof der;
		if (len == sizeof der)
			memcpy(signature, der, sizeof der);
		err = webauthn_assertion(&key, "init", hash, authdata,
		    sizeof authdata, signature, len, false, &parsed);
		if (err == ERR_OK)
			return ERR_CRYPTO; /* that cannot be */
		err = err == ERR_MISMATCH ? ERR_OK : ERR_CRYPTO;
	}
	return err;
}
