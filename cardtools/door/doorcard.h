/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doorcard.h - a PIV card at a door: its card authentication key (9E, SP
 * 800-73-4 part 1, 3.1.3), which signs without a PIN.
 */
#ifndef SEKISHO_DOOR_DOORCARD_H
#define SEKISHO_DOOR_DOORCARD_H

#include "cardtools/piv.h"
#include "cardtools/terminal/packet.h"
#include "common/wire/signed.h"

struct doorcard {
	struct piv *piv;
	size_t spki_len;
	unsigned char spki[SPKI_MAX];
	unsigned char key_id[SPKI_KEY_ID];
	const char *why; /* of a failure, for the log */
};

/*
 * Opens the card in this reader and reads which key it has. ERR_NOTFOUND: it
 * has none for doors, or is no PIV card; ERR_CLOSED: it is gone; others:
 * it cannot be read. Close it in any case. A card that takes more than 20 s,
 * here or below, ends the process (SIGALRM).
 */
MUST_CHECK enum error doorcard_open(
    const char *reader, struct doorcard *ret_card);

/*
 * Signs what the fields say. The signature was verified with the card's own
 * certificate: one that is wrong is the card's fault and not sent anywhere
 * (ERR_CRYPTO).
 */
MUST_CHECK enum error doorcard_sign(struct doorcard *card,
    const struct signed_fields *fields, struct signature *ret_signature);

void doorcard_close(struct doorcard *card);

#endif
