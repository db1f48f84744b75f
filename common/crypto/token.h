/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * token.h - keys that never leave their token: an HSM or a card through its
 * PKCS#11 module. A vendor's module is foreign code in our process; a
 * program that has other secrets loads it in a process of its own.
 */
#ifndef SEKISHO_CRYPTO_TOKEN_H
#define SEKISHO_CRYPTO_TOKEN_H

#include "common/base/error.h"
#include "common/base/secret.h"
#include "common/crypto/signature.h"

enum { TOKEN_LABEL_MAX = 32, TOKEN_KEY_LABEL_MAX = 64 };

struct token;

/* A private key there; worth something while the token is open. */
struct token_key {
	struct token *token;
	unsigned long handle;
	enum key_kind kind;
	unsigned char spki[SPKI_MAX];
	size_t spki_len;
};

/*
 * Loads the module and finds the one token with this label. ERR_CONFIG if
 * the module cannot be used, ERR_NOTFOUND, or ERR_INPUT for two of them.
 */
MUST_CHECK enum error token_open(
    const char *module, const char *label, struct token **ret_token);

/*
 * ERR_MISMATCH for a wrong PIN, ERR_DENIED for one that is locked, expired
 * or not set.
 */
MUST_CHECK enum error token_login(
    struct token *token, const struct secret *pin);

/*
 * A new pair of EC keys (KEY_P256 or KEY_P384) that only signs and cannot be
 * taken out, which is asked again afterwards. ERR_DENIED if there is a key
 * with this label already.
 */
MUST_CHECK enum error token_generate(struct token *token, enum key_kind kind,
    const char *label, struct token_key *ret_key);

/*
 * ERR_NOTFOUND; ERR_INPUT for two keys with this label or a kind that we do
 * not take; ERR_DENIED for one that could be taken out of the token.
 */
MUST_CHECK enum error token_find(
    struct token *token, const char *label, struct token_key *ret_key);

/*
 * Signs a digest; fits issue_signer.sign, with a struct token_key as
 * context. RSA with PKCS#1 v1.5 only.
 */
MUST_CHECK enum error token_sign(void *key, enum padding padding,
    enum hash hash, const unsigned char *digest,
    unsigned char ret_signature[SIGNATURE_MAX], size_t *ret_len);

/* The module's last word when something failed, for logs. */
const char *token_fault(const struct token *token);

/* Logs out, closes and unloads. */
void token_free(struct token **token);

#endif
