/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * webauthn.h - what a FIDO2 key and a browser say (WebAuthn Level 3). Nothing
 * here reads a file or the clock; what is believed about a key comes with the
 * call. Signatures are verified by libfido2, certificates by OpenSSL; what
 * those leave to the relying party (7.1, 7.2) is done here. Not for several
 * threads.
 *
 * A function that refuses says why in webauthn_fault(): English words for a log
 * or an officer, which never hold more of the input than a format's name.
 */
#ifndef SEKISHO_CRYPTO_WEBAUTHN_H
#define SEKISHO_CRYPTO_WEBAUTHN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	WEBAUTHN_CREDENTIAL_MIN = 16, /* WebAuthn 4: at least 100 random bits */
	WEBAUTHN_CREDENTIAL_MAX = 384, /* so that eight fit into a challenge */
	WEBAUTHN_KEY_MAX = 259,	       /* RS256: modulus 256, exponent 3 */
	WEBAUTHN_AUTHDATA_MIN = 37,
	WEBAUTHN_AUTHDATA_MAX = 1024, /* of an assertion */
	WEBAUTHN_REGISTRATION_MAX = 2048,
	WEBAUTHN_SIGNATURE_MAX = 512,
	WEBAUTHN_CLIENTDATA_MAX = 4096,
	WEBAUTHN_OBJECT_MAX = 16384,
	WEBAUTHN_RESPONSE_MAX = 65536, /* JSON with all of it in base64url */
	WEBAUTHN_FORMAT_MAX = 32,
	WEBAUTHN_HASH = 32,
	WEBAUTHN_AAGUID = 16,
	WEBAUTHN_FAULT = 160,
};

/* Flags of authenticatorData (6.1). */
enum {
	WEBAUTHN_UP = 0x01, /* somebody touched it */
	WEBAUTHN_UV = 0x04, /* and it made sure who */
	WEBAUTHN_BE = 0x08, /* can be copied to another device */
	WEBAUTHN_BS = 0x10, /* and has been */
	WEBAUTHN_AT = 0x40, /* with the new credential */
	WEBAUTHN_ED = 0x80, /* with extensions */
};

/* COSE algorithms that are taken (RFC 9053, 2; RFC 8812, 2). */
enum {
	WEBAUTHN_ES256 = -7,
	WEBAUTHN_EDDSA = -8,
	WEBAUTHN_ES384 = -35,
	WEBAUTHN_RS256 = -257,
};

/* A public key as libfido2's *_pk_from_ptr takes it. */
struct webauthn_key {
	int algorithm;
	size_t len; /* 64, 32, 96, 259 */
	unsigned char octets[WEBAUTHN_KEY_MAX];
};

struct webauthn_authdata {
	unsigned char rp_hash[WEBAUTHN_HASH];
	unsigned flags;
	uint32_t counter;
	/* With WEBAUTHN_AT. */
	unsigned char aaguid[WEBAUTHN_AAGUID];
	size_t credential_len;
	unsigned char credential[WEBAUTHN_CREDENTIAL_MAX];
	struct webauthn_key key;
};

/* Why the last call refused; "" if it did not. */
const char *webauthn_fault(void);

/*
 * Verifies one wrong signature of each algorithm, so that all that libcrypto
 * and libfido2 fetch or open is there: before a process locks itself in.
 */
MUST_CHECK enum error webauthn_init(void);

/*
 * A COSE_Key (RFC 9052 7), all of octets. ERR_INPUT unless it is one of the
 * four algorithms, with exactly the parameters that it needs, on its curve; RSA
 * with 2048 bits and the exponent 65537.
 */
MUST_CHECK enum error webauthn_cose_key(
    const void *octets, size_t len, struct webauthn_key *ret_key);

/*
 * authenticatorData, all of octets. with_credential: of a registration, which
 * has one; an assertion has none. ERR_INPUT for reserved flags, for
 * backed up without eligible, and for any octet too many or too few.
 */
MUST_CHECK enum error webauthn_authdata_parse(const void *octets, size_t len,
    bool with_credential, struct webauthn_authdata *ret);

/*
 * An assertion (7.2): rpIdHash, UP, UV if need_uv, and the signature over
 * authenticatorData and the hash of the client data. Counter and BE/BS are for
 * who knows what they were. ERR_INPUT: malformed; ERR_DENIED: for another
 * relying party, not touched, or without UV; ERR_MISMATCH: a wrong signature;
 * ERR_CRYPTO, ERR_NOMEM: nothing is known.
 */
MUST_CHECK enum error webauthn_assertion(const struct webauthn_key *key,
    const char *rp_id, const unsigned char hash[WEBAUTHN_HASH],
    const void *authdata, size_t authdata_len, const void *signature,
    size_t signature_len, bool need_uv, struct webauthn_authdata *ret);

/*
 * clientDataJSON (5.8.1): of that type ("webauthn.create", "webauthn.get"), for
 * that challenge, from one of the origins (ended by NULL), not from within
 * another page, without a token binding. ERR_INPUT: malformed; ERR_MISMATCH: it
 * says something else. *ret_hash is its SHA-256.
 */
MUST_CHECK enum error webauthn_clientdata(const void *json, size_t len,
    const char *type, const void *challenge, size_t challenge_len,
    const char *const *origins, unsigned char ret_hash[WEBAUTHN_HASH]);

enum webauthn_trust {
	WEBAUTHN_TRUST_NONE,	   /* no statement */
	WEBAUTHN_TRUST_SELF,	   /* signed by the new key itself */
	WEBAUTHN_TRUST_UNVERIFIED, /* signed, by whom is not known */
	WEBAUTHN_TRUST_VERIFIED,   /* by a maker that is trusted */
};
/* "none", "self", "unverified", "verified": the words of the database. */
const char *webauthn_trust_text(enum webauthn_trust trust);

/* Who may attest to a model. */
struct webauthn_root {
	unsigned char aaguid[WEBAUTHN_AAGUID];
	const unsigned char *certificate; /* DER, a CA's */
	size_t len;
};

struct webauthn_registration {
	struct webauthn_authdata authdata;
	char format[WEBAUTHN_FORMAT_MAX + 1];
	enum webauthn_trust trust;
};

/* What a registration is held against. */
struct webauthn_demand {
	const char *rp_id;
	unsigned char hash[WEBAUTHN_HASH]; /* of the client data */
	bool uv;
	const struct webauthn_root *root;
	size_t n_roots;
	int64_t now; /* for the roots' certificates */
};

/*
 * An attestationObject (6.5.4, 7.1): formats "none", "packed" and "fido-u2f";
 * others are refused by name. ERR_INPUT: malformed, or a format or algorithm
 * that is not taken; ERR_DENIED: for another relying party, not touched, or
 * without UV; ERR_MISMATCH: the statement is wrong.
 */
MUST_CHECK enum error webauthn_registration(const void *object, size_t len,
    const struct webauthn_demand *demand, struct webauthn_registration *ret);

/*
 * The same of a registration that libfido2 made: format, authenticatorData and
 * statement (CBOR) as fido_cred_fmt, fido_cred_authdata_raw_ptr and
 * fido_cred_attstmt_ptr give them.
 */
MUST_CHECK enum error webauthn_registration_parts(const char *format,
    const void *authdata, size_t authdata_len, const void *statement,
    size_t statement_len, const struct webauthn_demand *demand,
    struct webauthn_registration *ret);

/*
 * RegistrationResponseJSON (5.1.8.1): what of it matters, out of base64url.
 * ERR_INPUT if something is missing, too long, said twice or at odds.
 */
struct webauthn_response {
	size_t credential_len, clientdata_len, object_len;
	unsigned char credential[WEBAUTHN_CREDENTIAL_MAX];
	unsigned char clientdata[WEBAUTHN_CLIENTDATA_MAX];
	unsigned char object[WEBAUTHN_OBJECT_MAX];
};
MUST_CHECK enum error webauthn_response(
    const void *json, size_t len, struct webauthn_response *ret);

#endif
