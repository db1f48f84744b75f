/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * token.h - the vendor's PKCS#11 module. Only ever in a process that may
 * hang or crash; what it answers is bounded and checked.
 */
#ifndef SEKISHO_TERMINAL_TOKEN_H
#define SEKISHO_TERMINAL_TOKEN_H

#include "cardtools/terminal/certificate.h"

struct token;

/* CARD_OK, CARD_KEYLESS or CARD_FAILED; the certificate is the one to use. */
enum card_outcome token_open(const struct settings *settings,
    const char *reader, struct token **ret_token,
    struct certificate *ret_certificate);

/* Tries left as far as the module tells: 0, 1, TRIES_LOW, TRIES_UNKNOWN. */
unsigned token_tries(const struct token *token);

/*
 * PIN and one signature over 32 octets, in the form that goes to the server
 * (s->key_id is not filled). *ret_tries is what the module knows of it.
 */
enum card_outcome token_sign(struct token *token,
    const struct certificate *certificate, const struct secret *pin,
    const unsigned char digest[SIGNATURE_DIGEST], struct signature *s,
    unsigned *ret_tries);

/* The last thing that went wrong, such as "C_Login: CKR_PIN_INCORRECT". */
const char *token_fault(void);

/* Logs out and lets the module go. */
void token_close(struct token **token);

#endif
