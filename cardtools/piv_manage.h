/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * piv_manage.h - management keys that are AES. libykpiv knows those of 3DES
 * only; cards of today come with AES-192 (YubiKey from 5.7 on). For piv.c.
 */
#ifndef SEKISHO_CARDTOOLS_PIV_MANAGE_H
#define SEKISHO_CARDTOOLS_PIV_MANAGE_H

#include "cardtools/piv.h"
#include "common/crypto/block.h"

enum { PIV_SW_OK = 0x9000, PIV_ANSWER = 256 };

/*
 * One command and its answer, of PIV_ANSWER octets at most; *ret_sw is what
 * the card says to it. ERR_CLOSED: it is gone.
 */
MUST_CHECK enum error piv_command(struct piv *piv, const unsigned char head[4],
    const unsigned char *data, size_t len, unsigned char *ret_answer,
    size_t *ret_len, int *ret_sw);

/*
 * Which cipher the card's management key is of; false for 3DES, and for a
 * card that does not say, as those from before AES do not.
 */
MUST_CHECK enum error piv_manage_cipher(
    struct piv *piv, bool *ret_aes, enum block_cipher *ret_cipher);

/* Card and host prove the key to each other (SP 800-73-4 part 2, A.1). */
MUST_CHECK enum error piv_manage_aes(
    struct piv *piv, enum block_cipher cipher, const unsigned char *key);

/* Ours becomes the card's, as AES-192: it has the octets of one of 3DES. */
MUST_CHECK enum error piv_manage_set_aes(
    struct piv *piv, const unsigned char key[PIV_MANAGEMENT]);

#endif
