/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piv.h - a PIV card (SP 800-73-4) in a reader, through libykpiv and PC/SC.
 * The card is ours alone while it is open: no other program can select or
 * reset it between two steps. Changing the management key is not part of the
 * standard; cards that know Yubico's commands can.
 *
 * Errors of all functions: ERR_CLOSED the card or its reader is gone;
 * ERR_MISMATCH a PIN, PUK or key is wrong; ERR_DENIED it is blocked, or the
 * card wants a PIN first; ERR_NOTFOUND the card does not know the command or
 * has no such object; ERR_BUSY another program holds the card; ERR_SYSTEM
 * anything else. piv_why says in the library's words what it was.
 */
#ifndef SEKISHO_CARDTOOLS_PIV_H
#define SEKISHO_CARDTOOLS_PIV_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"
#include "common/crypto/spki.h"

struct piv;

enum {
	PIV_MANAGEMENT = 24, /* a key of 3DES or AES-192 */
	PIV_PUK = 8,
	PIV_PIN_MIN = 6,
	PIV_PIN_MAX = 8,
	PIV_GUID = 16,
	PIV_DEVICE = 129,
	PIV_OBJECT_MAX = 3072,
	PIV_SIGNATURE_MAX = 512,
	PIV_READERS = 4096,
};

#define PIV_PUK_DEFAULT "12345678"

enum piv_slot {
	PIV_9A = 0x9a, /* login: asks for the PIN */
	PIV_9E = 0x9e, /* card authentication: never does */
};

enum piv_algorithm { PIV_P256, PIV_P384, PIV_RSA2048 };

/*
 * Opens the card in the reader whose name contains wanted, or in the only
 * one that has a card (NULL). ERR_NOTFOUND if there is no such reader or no
 * card in it, ERR_INPUT if several have one; ret_readers then names them, a
 * line each.
 */
MUST_CHECK enum error piv_open(
    const char *wanted, struct piv **ret_piv, char ret_readers[PIV_READERS]);
void piv_close(struct piv **piv);

/* Whether such a reader has a card in it; asks nothing of the card. */
bool piv_present(const char *wanted);

const char *piv_why(const struct piv *piv);

/* "YubiKey 12345678", or "" if the card tells no serial number. */
const char *piv_device(const struct piv *piv);
/* "5.2.7", or "" */
const char *piv_version(const struct piv *piv);

/* A NULL key is the maker's default. A card whose key is AES keeps to that. */
MUST_CHECK enum error piv_manage(
    struct piv *piv, const unsigned char key[PIV_MANAGEMENT]);
MUST_CHECK enum error piv_set_management(
    struct piv *piv, const unsigned char key[PIV_MANAGEMENT]);

MUST_CHECK enum error piv_change_puk(
    struct piv *piv, const char *old_puk, const char *new_puk);
/* RESET RETRY COUNTER: whatever the PIN was, blocked or not. */
MUST_CHECK enum error piv_set_pin(
    struct piv *piv, const char *puk, const char *pin);
MUST_CHECK enum error piv_change_pin(
    struct piv *piv, const char *old_pin, const char *new_pin);
/* ret_tries: how many are left after a wrong one. */
MUST_CHECK enum error piv_verify(
    struct piv *piv, const char *pin, int *ret_tries);

/* The card asks for its PIN again. */
MUST_CHECK enum error piv_forget_pin(struct piv *piv);

/* Makes a key in the card; ret_spki has room for SPKI_MAX octets. */
MUST_CHECK enum error piv_generate(struct piv *piv, enum piv_slot slot,
    enum piv_algorithm algorithm, unsigned char *ret_spki, size_t *ret_len);

/*
 * Signs SHA-256 of something: ECDSA in DER, or RSA PKCS#1 v1.5, according to
 * the key. ret_signature has room for PIV_SIGNATURE_MAX octets.
 */
MUST_CHECK enum error piv_sign(struct piv *piv, enum piv_slot slot,
    const unsigned char *spki, size_t spki_len, const unsigned char digest[32],
    unsigned char *ret_signature, size_t *ret_len);

MUST_CHECK enum error piv_write_certificate(
    struct piv *piv, enum piv_slot slot, const unsigned char *der, size_t len);
/* ret_der has room for PIV_OBJECT_MAX octets. */
MUST_CHECK enum error piv_read_certificate(struct piv *piv, enum piv_slot slot,
    unsigned char *ret_der, size_t *ret_len);

/* The CHUID with this GUID, and a card capability container. */
MUST_CHECK enum error piv_write_guid(
    struct piv *piv, const unsigned char guid[PIV_GUID]);
MUST_CHECK enum error piv_read_guid(
    struct piv *piv, unsigned char ret_guid[PIV_GUID]);

/* What the card attests about a key it made, and with which certificate. */
MUST_CHECK enum error piv_attest(struct piv *piv, enum piv_slot slot,
    unsigned char *ret_der, size_t *ret_len);
MUST_CHECK enum error piv_attester(
    struct piv *piv, unsigned char *ret_der, size_t *ret_len);

#endif
