/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * server.h - the only place that includes FreeRADIUS's headers. They are
 * system headers to the compiler, so that our own warnings stay strict.
 */
#ifndef SEKISHO_RADIUS_SERVER_H
#define SEKISHO_RADIUS_SERVER_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"

#include <freeradius/build.h> /* before all others */

#include <freeradius/radiusd.h>

#include <freeradius/modules.h>

#pragma GCC diagnostic pop

#endif
