/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * module.h - the vendor's PKCS#11 module. Only ever in a process that may
 * hang or crash; what it answers is bounded and checked.
 */
#ifndef SEKISHO_TERMINAL_MODULE_H
#define SEKISHO_TERMINAL_MODULE_H

#include "cardtools/terminal/cardcert.h"
#include "common/wire/signed.h"

struct module;

/* Some modules take the digest, others make it themselves. */
struct to_sign {
	unsigned char digest[SIGNED_DIGEST];
	size_t len;
	unsigned char octets[SIGNED_MAX];
};

/* CARD_OK, CARD_KEYLESS or CARD_FAILED; the certificate is the one to use. */
enum card_outcome module_open(const struct settings *settings,
    const char *reader, struct module **ret_token,
    struct cardcert *ret_certificate);

/* Tries left as far as the module tells: 0, 1, TRIES_LOW, TRIES_UNKNOWN. */
unsigned module_tries(const struct module *token);

/*
 * PIN, if there is one, and one signature, in the form that
 * goes to the server (s->key_id is not filled). *ret_tries is what the module
 * knows of it.
 */
enum card_outcome module_sign(struct module *token,
    const struct cardcert *certificate, const struct secret *pin,
    const struct to_sign *what, struct signature *s, unsigned *ret_tries);

/* The last thing that went wrong, such as "C_Login: CKR_PIN_INCORRECT". */
const char *module_fault(void);

/* Logs out and lets the module go. */
void module_close(struct module **token);

#endif
