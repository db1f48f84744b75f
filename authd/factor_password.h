/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * factor_password.h - evaluates a password: the worker hashes, the keyring
 * compares. The same work is done where there is nothing to compare with.
 */
#ifndef SEKISHO_AUTHD_FACTOR_PASSWORD_H
#define SEKISHO_AUTHD_FACTOR_PASSWORD_H

#include "authd/store_change.h"
#include "authd/worker.h"
#include "common/crypto/pwhash.h"

/*
 * password is normalised. ERR_BUSY and ERR_TIMEOUT when it was not this
 * request's turn in time; ERR_DENIED when a refusal time began while it
 * waited. source: mask_number of the caller.
 */
MUST_CHECK enum error factor_password(struct worker *w,
    const struct store_view *view, const char *login, const void *password,
    size_t len, uint64_t source, bool *ret_right);

/*
 * Whether it is a password of before: of no login, so nothing is charged to
 * the source.
 */
MUST_CHECK enum error factor_password_is(struct worker *w,
    const char *person_id, const struct store_before *before, const char *login,
    const void *password, size_t len, uint64_t source, bool *ret_same);

/* Hashes and seals a new one; class as turn.h has it. */
MUST_CHECK enum error factor_password_make(struct worker *w,
    const struct pwhash_cost *cost, const char *person, uint64_t source,
    unsigned class, const void *password, size_t len,
    unsigned char ret_salt[PWHASH_SALT], struct box *ret_box);

/* After an accept: hashes at today's cost if the stored cost differs. */
void factor_password_renew(struct worker *w, const struct store_view *view,
    const void *password, size_t len);

#endif
