/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * webauthn-check - is this assertion of a browser right? Arguments: relying
 * party, origin, challenge, algorithm of COSE and public key (hexadecimal); the
 * AuthenticationResponseJSON on standard input. Says what is wrong, and ends
 * with 1.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hex.h"
#include "common/crypto/webauthn.h"

struct octets {
	unsigned char bytes[4096];
	size_t len;
};

static bool
take(const json_t *object, const char *name, struct octets *ret)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL &&
	       sodium_base642bin(ret->bytes, sizeof ret->bytes, text,
		   strlen(text), NULL, &ret->len, NULL,
		   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

int
main(int argc, char *argv[])
{
	static struct octets client, data, signature, challenge;
	const json_t *response;
	struct webauthn_key key = {.len = 0};
	struct webauthn_authdata authdata;
	unsigned char hash[WEBAUTHN_HASH];
	const char *origins[2] = {NULL, NULL};
	json_t *json;
	enum error err;
	char *end;

	if (argc != 6)
		return 2;
	origins[0] = argv[2];
	key.algorithm = (int)strtol(argv[4], &end, 10);
	if (*end != '\0')
		return 2;
	json = json_loadf(stdin, 0, NULL);
	response = json_object_get(json, "response");
	if (webauthn_init() != ERR_OK ||
	    hex_decode(argv[3], strlen(argv[3]), challenge.bytes,
		sizeof challenge.bytes, &challenge.len) != ERR_OK ||
	    hex_decode(argv[5], strlen(argv[5]), key.octets, sizeof key.octets,
		&key.len) != ERR_OK ||
	    !take(response, "clientDataJSON", &client) ||
	    !take(response, "authenticatorData", &data) ||
	    !take(response, "signature", &signature)) {
		(void)fprintf(stderr, "webauthn-check: no such answer\n");
		return 2;
	}
	err = webauthn_clientdata(client.bytes, client.len, "webauthn.get",
	    challenge.bytes, challenge.len, origins, hash);
	if (err == ERR_OK)
		err = webauthn_assertion(&key, argv[1], hash, data.bytes,
		    data.len, signature.bytes, signature.len, true, &authdata);
	json_decref(json);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "%s\n", webauthn_fault());
		return 1;
	}
	(void)printf("right, counter %u\n", authdata.counter);
	return 0;
}
