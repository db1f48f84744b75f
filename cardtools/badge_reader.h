/* SPDX-License-Identifier: GPL-2.0-or-later */
/* badge_reader.h - reads the number of a contactless card, through PC/SC. */
#ifndef SEKISHO_CARDTOOLS_BADGE_READER_H
#define SEKISHO_CARDTOOLS_BADGE_READER_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/wire/badge.h"

/*
 * Of the card in the reader of that name, else in the only one with a card
 * whose name contains wanted (NULL: any). ERR_NOTFOUND: no card there, or one
 * without a number of its own. ERR_BUSY: several. ERR_CLOSED: no pcscd.
 */
MUST_CHECK enum error badge_read(
    const char *wanted, unsigned char ret_number[BADGE_MAX], size_t *ret_len);

#endif
