/* SPDX-License-Identifier: GPL-2.0-or-later */
/* graphviz.h - lets Graphviz's dot, a program of its own, draw. */
#ifndef SEKISHO_CARDTOOLS_GRAPHVIZ_H
#define SEKISHO_CARDTOOLS_GRAPHVIZ_H

#include "common/base/error.h"

/*
 * Writes what graph describes as SVG to path, which only its owner can read
 * and which is there whole or as it was. ERR_SYSTEM with errno where files
 * are at fault; ERR_NOTFOUND without dot, ERR_INPUT if it did not draw.
 */
MUST_CHECK enum error graphviz_svg(const char *graph, const char *path);

#endif
