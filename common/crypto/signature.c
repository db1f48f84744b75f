/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/crypto/signature.h"

#include <string.h>
#include <time.h>

#include "common/base/secret.h"
#include "common/crypto/encode.h"
#include "common/crypto/ossl.h"

static const struct {
	const char *text;
	enum padding padding;
} schemes[] = {
    [SCHEME_ECDSA_SHA256] = {"ecdsa-sha256", PADDING_NONE},
    [SCHEME_RSA_PKCS1_SHA256] = {"rsa-pkcs1-sha256", PADDING_PKCS1},
    [SCHEME_RSA_PSS_SHA256] = {"rsa-pss-sha256", PADDING_PSS},
};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

const char *
scheme_text(enum scheme scheme)
{
	return schemes[scheme].text;
}

enum error
scheme_from_text(const void *text, size_t len, enum scheme *ret_scheme)
{
	size_t i;

	for (i = 0; i < SCHEMES; i++) {
		struct der in = {text, len};

		if (der_skip(&in, schemes[i].text, strlen(schemes[i].text)) &&
		    in.len == 0) {
			*ret_scheme = (enum scheme)i;
			return ERR_OK;
		}
	}
	return ERR_INPUT;
}

size_t
hash_len(enum hash hash)
{
	switch (hash) {
	case HASH_SHA256:
		return 32;
	case HASH_SHA384:
		return 48;
	case HASH_SHA512:
		return 64;
	}
	return 0;
}

static const char *
hash_name(enum hash hash)
{
	switch (hash) {
	case HASH_SHA256:
		return "SHA256";
	case HASH_SHA384:
		return "SHA384";
	case HASH_SHA512:
		return "SHA512";
	}
	return "";
}

/* Ecdsa-Sig-Value: two positive INTEGERs (SEC 1 C.5), and nothing more. */
static bool
is_ecdsa(struct der in, size_t order)
{
	struct der both, r, s;

	return der_only(in, DER_SEQUENCE, &both) && der_positive(&both, &r) &&
	       der_positive(&both, &s) && both.len == 0 && r.len <= order &&
	       s.len <= order;
}

static bool
is_well_formed(const struct spki *spki, enum padding padding, struct der in)
{
	switch (padding) {
	case PADDING_NONE:
		return spki->kind != KEY_RSA && is_ecdsa(in, spki->bits / 8);
	case PADDING_PKCS1:
	case PADDING_PSS:
		return spki->kind == KEY_RSA && in.len == spki->modulus.len;
	}
	return false;
}

/*
 * RFC 8017 8.2.2: the one encoding of the digest is made and compared, so no
 * padding and no DigestInfo is parsed. OpenSSL's own comparison would do, but
 * does not always say whether it compared.
 */
static enum error
verify_pkcs1(EVP_PKEY_CTX *ctx, enum hash hash, const unsigned char *digest,
    struct der signature)
{
	unsigned char info[ENCODE_DIGEST_INFO];
	unsigned char found[SIGNATURE_MAX], want[SIGNATURE_MAX];
	char none[] = OSSL_PKEY_RSA_PAD_MODE_NONE;
	OSSL_PARAM params[2];
	size_t found_len = sizeof found, len = 0;
	unsigned char *end = want + signature.len;

	encode_digest_info(hash, digest, info, &len);
	memset(want, 0xff, sizeof want);
	want[0] = 0;
	want[1] = 1;
	memcpy(end - len, info, len);
	end[-(ptrdiff_t)len - 1] = 0;

	params[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_SIGNATURE_PARAM_PAD_MODE, none, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_PKEY_verify_recover_init_ex(ctx, params) != 1)
		return ERR_CRYPTO;
	ERR_clear_error();
	if (EVP_PKEY_verify_recover(
		ctx, found, &found_len, signature.octets, signature.len) != 1)
		return ERR_peek_error() != 0 && ossl_blames_input()
			   ? ERR_MISMATCH
			   : ERR_CRYPTO;
	return secret_equal(found, found_len, want, signature.len)
		   ? ERR_OK
		   : ERR_MISMATCH;
}

/* ECDSA and PSS. */
static enum error
verify(EVP_PKEY_CTX *ctx, enum padding padding, enum hash hash,
    const unsigned char *digest, struct der signature)
{
	char name[16], pad[] = OSSL_PKEY_RSA_PAD_MODE_PSS;
	int salt = (int)hash_len(hash), rc;
	OSSL_PARAM params[5], *p = params;

	(void)stpcpy(name, hash_name(hash));
	*p++ = OSSL_PARAM_construct_utf8_string(
	    OSSL_SIGNATURE_PARAM_DIGEST, name, 0);
	if (padding == PADDING_PSS) {
		*p++ = OSSL_PARAM_construct_utf8_string(
		    OSSL_SIGNATURE_PARAM_PAD_MODE, pad, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(
		    OSSL_SIGNATURE_PARAM_MGF1_DIGEST, name, 0);
		*p++ = OSSL_PARAM_construct_int(
		    OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt);
	}
	*p = OSSL_PARAM_construct_end();
	if (EVP_PKEY_verify_init_ex(ctx, params) != 1)
		return ERR_CRYPTO;
	ERR_clear_error();
	rc = EVP_PKEY_verify(
	    ctx, signature.octets, signature.len, digest, hash_len(hash));
	if (rc == 1)
		return ERR_OK;
	/* Less than 0 without a reason is no answer. */
	if (rc < 0 && ERR_peek_error() == 0)
		return ERR_CRYPTO;
	return ossl_blames_input() ? ERR_MISMATCH : ERR_CRYPTO;
}

enum error
signature_verify_hash(const void *spki_der, size_t spki_len,
    enum padding padding, enum hash hash, const unsigned char *digest,
    const void *signature, size_t len)
{
	struct der in = {signature, len};
	struct spki spki;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx;
	enum error err;

	ERR_clear_error();
	if (len == 0 || len > SIGNATURE_MAX)
		return ERR_INPUT;
	err = spki_parse(spki_der, spki_len, &spki);
	if (err != ERR_OK)
		return err;
	if (!is_well_formed(&spki, padding, in))
		return ERR_INPUT;
	err = ossl_key(&spki, &key);
	if (err != ERR_OK)
		return err;
	ctx = EVP_PKEY_CTX_new_from_pkey(ossl_context(), key, NULL);
	if (ctx == NULL)
		err = ERR_CRYPTO;
	else if (padding == PADDING_PKCS1)
		err = verify_pkcs1(ctx, hash, digest, in);
	else
		err = verify(ctx, padding, hash, digest, in);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}

enum error
signature_verify(const void *spki, size_t spki_len, enum scheme scheme,
    const unsigned char digest[SIGNATURE_DIGEST], const void *signature,
    size_t len)
{
	return signature_verify_hash(spki, spki_len, schemes[scheme].padding,
	    HASH_SHA256, digest, signature, len);
}

/* The base point of P-256: a key as good as any. */
static const unsigned char init_ec[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x6b, 0x17, 0xd1,
    0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
    0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39,
    0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
    0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
    0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51,
    0xf5};
static const unsigned char init_ecdsa[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
/* Around a modulus of 256 octets ff. */
static const unsigned char init_rsa_head[] = {0x30, 0x82, 0x01, 0x22, 0x30,
    0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02,
    0x82, 0x01, 0x01, 0x00};
static const unsigned char init_rsa_tail[] = {0x02, 0x03, 0x01, 0x00, 0x01};

enum error
signature_init(void)
{
	static const unsigned char digest[SIGNATURE_DIGEST] = {1};
	unsigned char rsa[294], signature[256];
	enum scheme scheme;

	_Static_assert(
	    sizeof init_rsa_head + 256 + sizeof init_rsa_tail == sizeof rsa,
	    "the lengths inside init_rsa_head");
	tzset(); /* times of certificates: libc reads the zone once */
	memset(signature, 1, sizeof signature);
	memset(rsa, 0xff, sizeof rsa);
	memcpy(rsa, init_rsa_head, sizeof init_rsa_head);
	memcpy(rsa + sizeof init_rsa_head + 256, init_rsa_tail,
	    sizeof init_rsa_tail);
	if (signature_verify(init_ec, sizeof init_ec, SCHEME_ECDSA_SHA256,
		digest, init_ecdsa, sizeof init_ecdsa) != ERR_MISMATCH)
		return ERR_CRYPTO;
	for (scheme = SCHEME_RSA_PKCS1_SHA256; scheme <= SCHEME_RSA_PSS_SHA256;
	     scheme++) {
		if (signature_verify(rsa, sizeof rsa, scheme, digest, signature,
			sizeof signature) != ERR_MISMATCH)
			return ERR_CRYPTO;
	}
	return ERR_OK;
}
