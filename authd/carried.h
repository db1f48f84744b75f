/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carried.h - what one round of a change of password has to know of another:
 * the old password, so that the new one can be compared with it, and the new
 * one, so that it can be typed twice. It lies in the login in progress, sealed
 * by a key that is made of the State, which the database does not have, and of
 * the workers' own: neither the database nor whoever sees the State opens it.
 */
#ifndef SEKISHO_AUTHD_CARRIED_H
#define SEKISHO_AUTHD_CARRIED_H

#include <stddef.h>
#include <stdint.h>

#include "authd/mask.h"
#include "common/base/error.h"
#include "common/rules/password.h"

enum carried_stage {
	CARRIED_WAITS = 1, /* a second factor is being asked for */
	CARRIED_NEW,	   /* the new password is */
	CARRIED_AGAIN,	   /* and once more */
};

struct carried {
	uint8_t stage;		  /* enum carried_stage */
	uint8_t tries;		  /* new passwords that were refused */
	int8_t change;		  /* as evidence.h has it */
	uint8_t old_len, new_len; /* old 0: none was given */
	unsigned char old[PASSWORD_MAX_OCTETS];
	unsigned char new[PASSWORD_MAX_OCTETS];
};

enum { CARRIED_BOX = 24 + 16 + 5 + 2 * PASSWORD_MAX_OCTETS };

/* Of one length, whatever is in it. state: the text that goes out. */
void carried_seal(const struct mask *mask, const void *state, size_t state_len,
    const struct carried *carried, unsigned char ret_box[CARRIED_BOX]);

/* ERR_CRYPTO for one that is not of this State. */
MUST_CHECK enum error carried_open(const struct mask *mask, const void *state,
    size_t state_len, const void *box, size_t box_len,
    struct carried *ret_carried);

#endif
