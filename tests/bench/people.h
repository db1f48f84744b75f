/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * people.h - whom a load logs in: a file of lines "LOGIN WORD SEED", blanks
 * between. WORD is a password, or the State of a login in progress, and SEED
 * the Base32 of a time-based token (SHA-1, six digits, 30 s).
 */
#ifndef SEKISHO_BENCH_PEOPLE_H
#define SEKISHO_BENCH_PEOPLE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/base/error.h"

enum { PEOPLE_SEED = 64, PEOPLE_CODE = 8, PEOPLE_STEP = 30 };

struct someone {
	char *login; /* into the file's text, as is word */
	char *word;
	size_t seed_len;
	unsigned char seed[PEOPLE_SEED];
	void *card; /* the caller's, or NULL */
};

struct people {
	size_t n;
	struct someone *someone;
	char *text;
};

MUST_CHECK enum error people_read(const char *path, struct people **ret_people);
void people_free(struct people **people);

/* The code of the step that is offset steps from now's. */
MUST_CHECK enum error people_code(const struct someone *someone, time_t now,
    int offset, char ret_code[PEOPLE_CODE]);

#endif
