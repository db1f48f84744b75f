/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piv.h - the PIV card application (SP 800-73-4 part 2): data objects, PIN and
 * PUK, the card management key, and key pairs in slots 9A, 9C, 9D and 9E.
 */
#ifndef SEKISHO_PIV_PIV_H
#define SEKISHO_PIV_PIV_H

#include <openssl/evp.h>

#include "tests/rigs/piv/apdu.h"
#include "tests/rigs/piv/cert.h"
#include "tests/rigs/piv/keys.h"
#include "tests/rigs/piv/state.h"

/* The defaults are those every such card is delivered with. */
#define PIV_PIN_DEFAULT "123456"
#define PIV_PUK_DEFAULT "12345678"
#define PIV_MGM_DEFAULT                    \
	"01020304050607080102030405060708" \
	"01020304050607080102030405060708"

enum { PIV_PIN_LEN = 8, PIV_TRIES = 3, MGM_LEN_MAX = 32 };

/* When a slot's key wants the PIN (the vendor's numbers). */
enum pin_policy {
	PIN_POLICY_SLOT = 0, /* as the standard has it for the slot */
	PIN_POLICY_NEVER = 1,
	PIN_POLICY_ONCE = 2,
	PIN_POLICY_ALWAYS = 3,
};

struct piv {
	struct state *state; /* not ours */
	bool extensions;     /* the vendor's instructions are answered */
	/* what a reset clears */
	bool selected, pin_verified, pin_fresh, managed;
	uint8_t witness[BLOCK_MAX], challenge[BLOCK_MAX];
	bool has_witness, has_challenge;
};

struct piv_options {
	const char *pin, *puk, *mgm; /* NULL: the defaults */
	uint8_t mgm_alg;	     /* KEY_...; 0: 3DES */
	bool extensions;
	const struct authority
	    *attestation; /* NULL: the card attests nothing */
};

/* A new card's state, not yet saved. */
MUST_CHECK enum error piv_create(
    struct state *state, const struct piv_options *options);
/* The applet of a card whose state was loaded; state must outlive it. */
MUST_CHECK enum error piv_open(struct state *state, struct applet *ret_applet);

/* Parts of a new card. */
MUST_CHECK enum error piv_set_pins(
    struct state *state, const struct piv_options *options);
MUST_CHECK enum error piv_set_mgm(
    struct state *state, uint8_t alg, const char *hex);
/* The maker's management key for an algorithm; NULL: there is none. */
const char *piv_mgm_default(uint8_t alg);
bool piv_pin_is_default(const struct state *state, const char *name);

/* piv_key.c: commands that use or make keys. */
uint16_t piv_authenticate(
    struct piv *piv, const struct apdu *apdu, struct reply *reply);
uint16_t piv_generate(
    struct piv *piv, const struct apdu *apdu, struct reply *reply);
/* The name of a slot with a key pair in state, or NULL. */
const char *piv_slot(uint8_t reference);
enum pin_policy piv_policy(const struct piv *piv, const char *slot);

/* piv_vendor.c: what a YubiKey adds; SW_INS if it is nothing of it. */
/* An attestation key, certified by the authority, in slot F9. */
MUST_CHECK enum error piv_set_attestation(
    struct state *state, const struct authority *root);
uint16_t piv_vendor(
    struct piv *piv, const struct apdu *apdu, struct reply *reply);

#endif
