/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sensor.h - what says that the door was opened and closed: lines of a
 * command's output, each "opened" or "closed", and the reader's name behind it
 * where it is not the first one's door.
 */
#ifndef SEKISHO_DOOR_SENSOR_H
#define SEKISHO_DOOR_SENSOR_H

#include "cardtools/door/doorconf.h"
#include "cardtools/terminal/radius.h"

enum { SENSOR_LINE = 256 };

/*
 * One line, without its newline. *ret_reader is one of the configured names.
 * ERR_INPUT: neither word, or no such reader.
 */
MUST_CHECK enum error sensor_line(const struct doorconf *conf, const char *line,
    bool *ret_opened, size_t *ret_reader);

/* Serves until it is killed. */
void sensor_serve(const struct doorconf *conf, struct radius *radius);

#endif
