/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qr.h - a text as a QR code, in the terminal or in a PNG file. */
#ifndef SEKISHO_CARDTOOLS_QR_H
#define SEKISHO_CARDTOOLS_QR_H

#include <stdbool.h>

#include "common/base/error.h"

/*
 * To standard output in half blocks of UTF-8. in_colour writes black and
 * white, so that it can be read whatever the terminal's colours are.
 */
MUST_CHECK enum error qr_print(const char *text, bool in_colour);

/* Into a new file that only its owner reads; ERR_SYSTEM sets errno. */
MUST_CHECK enum error qr_png(const char *text, const char *path);

#endif
