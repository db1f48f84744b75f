/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freeradius.h - the one place of these tools that includes FreeRADIUS's
 * headers: libfreeradius-radius makes, checks and reads packets.
 */
#ifndef SEKISHO_CARDTOOLS_FREERADIUS_H
#define SEKISHO_CARDTOOLS_FREERADIUS_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"

#include <freeradius/build.h> /* before all others */

#include <freeradius/libradius.h>

#pragma GCC diagnostic pop

#endif
