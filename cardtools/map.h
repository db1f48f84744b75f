/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map.h - zones and doors as a graph in the language of Graphviz. Pure but
 * for the language of its texts; now is an argument.
 */
#ifndef SEKISHO_CARDTOOLS_MAP_H
#define SEKISHO_CARDTOOLS_MAP_H

#include <jansson.h>
#include <time.h>

/* From what zone_list and door_list answer. NULL without memory; caller
 * frees. */
char *map_write(const json_t *zones, const json_t *doors, time_t now);

#endif
