/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store_internal.h - what the files of store.h share. */
#ifndef SEKISHO_AUTHD_STORE_INTERNAL_H
#define SEKISHO_AUTHD_STORE_INTERNAL_H

#include "authd/store.h"

/* A column of octets into the arena; NULL is none. */
MUST_CHECK enum error store_copy_box(const struct db_result *r, int row,
    int column, struct arena *arena, struct store_box *ret_box);

/* Of attempt_record and what answers like it; frees the result. */
MUST_CHECK enum error store_read_answer(
    struct db_result **result, struct store_answer *ret_answer);

#endif
