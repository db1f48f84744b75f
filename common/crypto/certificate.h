/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * certificate.h - what one X.509 certificate says (RFC 5280). Parsing it is
 * not believing it: see path.h. Refused, as ERR_INPUT, is what cannot be
 * shown or compared without doubt: a name or UPN with control characters or
 * characters that turn the direction of writing, a serial number that is not
 * positive, an extension that comes twice, two different UPNs.
 */
#ifndef SEKISHO_CRYPTO_CERTIFICATE_H
#define SEKISHO_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/crypto/der.h"
#include "common/crypto/spki.h"

enum {
	CERTIFICATE_MAX = 8192, /* octets of DER */
	CERTIFICATE_HASH = 32,
	CERTIFICATE_NAME = 1024, /* of a name as text, with its NUL */
	CERTIFICATE_SERIAL = 41, /* 20 octets in hexadecimal, and NUL */
	CERTIFICATE_UPN = 256,	 /* with its NUL */
	CERTIFICATE_SID = 192	 /* with its NUL */
};

/* The extended key usages that are told apart. */
enum {
	USE_CLIENT_AUTH = 1 << 0,     /* id-kp-clientAuth */
	USE_SERVER_AUTH = 1 << 1,     /* id-kp-serverAuth */
	USE_EMAIL = 1 << 2,	      /* id-kp-emailProtection */
	USE_SMARTCARD_LOGON = 1 << 3, /* 1.3.6.1.4.1.311.20.2.2 */
	USE_PIV_CARD_AUTH = 1 << 4,   /* 2.16.840.1.101.3.6.8 */
	USE_ANY = 1 << 5,	      /* anyExtendedKeyUsage */
	USE_OTHER = 1 << 6	      /* there are others beside these */
};

/* Everything that is a struct der points into the caller's octets. */
struct certificate {
	struct der whole;
	unsigned char hash[CERTIFICATE_HASH]; /* SHA-256 of the whole */
	struct der spki;
	unsigned char key_id[SPKI_KEY_ID];
	struct der issuer, subject; /* Name, with tag and length */
	char issuer_text[CERTIFICATE_NAME], subject_text[CERTIFICATE_NAME];
	char serial[CERTIFICATE_SERIAL]; /* lower case, without leading 00 */
	int64_t not_before, not_after;	 /* both seconds belong to it */
	unsigned uses;			 /* 0: no extendedKeyUsage at all */
	bool may_sign; /* digitalSignature, or no keyUsage at all */
	bool is_ca;
	char upn[CERTIFICATE_UPN]; /* "": none */
	char sid[CERTIFICATE_SID]; /* of Active Directory; "": none */
};

/*
 * Names as text are RFC 4514: last part first, in UTF-8 that is not escaped.
 * ERR_CRYPTO if OpenSSL fails.
 */
MUST_CHECK enum error certificate_parse(
    const void *der, size_t len, struct certificate *ret_certificate);

/* The numbers of one USE_..., with dots; NULL for USE_OTHER. */
const char *certificate_use_oid(unsigned use);

#endif
