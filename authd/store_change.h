/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_change.h - what a new password is judged by, and its recording. */
#ifndef SEKISHO_AUTHD_STORE_CHANGE_H
#define SEKISHO_AUTHD_STORE_CHANGE_H

#include "authd/store.h"
#include "common/crypto/seal.h"
#include "common/guess/guess.h"

enum { STORE_HISTORY = 24 };

/* A password of before. */
struct store_before {
	struct pwhash_cost cost;
	unsigned char salt[PWHASH_SALT];
	struct store_box tag;
};

struct store_ground {
	struct guess_about about; /* its texts lie in the arena */
	unsigned min_chars, door_chars, guess_bits;
	struct pwhash_cost cost_today;
	size_t n_history;
	struct store_before history[STORE_HISTORY]; /* newest first */
};

MUST_CHECK enum error store_ground(struct db *db, const char *person_id,
    int timeout_ms, struct arena *arena, struct store_ground *ret_ground);

/* A new password beside the accept that it waited for. */
struct store_password {
	char id[UUID_TEXT];
	unsigned char salt[PWHASH_SALT];
	struct pwhash_cost cost;
	struct box box;
	unsigned key_version, min_chars;
};

MUST_CHECK enum error store_change(struct db *db,
    const struct store_record *record, const struct store_password *password,
    int timeout_ms, struct store_answer *ret_answer);

#endif
