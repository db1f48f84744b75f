/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - marks what people read; po/ translates it. */
#ifndef SEKISHO_CARDTOOLS_TEXT_H
#define SEKISHO_CARDTOOLS_TEXT_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text /* translated where it is printed */

#endif
