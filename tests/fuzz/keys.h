/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.h - a keyring that is the same each time, so that seeds' boxes open. */
#ifndef SEKISHO_TESTS_FUZZ_KEYS_H
#define SEKISHO_TESTS_FUZZ_KEYS_H

#include "authd/keys.h"

/* Versions 1 and 2. Caller frees. */
MUST_CHECK enum error fuzz_keys(struct keys **ret_keys);

#endif
