/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file.h - a whole file that is no secret, up to a bound. */
#ifndef SEKISHO_CARDTOOLS_FILE_H
#define SEKISHO_CARDTOOLS_FILE_H

#include <stddef.h>

#include "cardtools/command.h"

/* A NUL follows the octets; caller frees. Says what is wrong. */
enum status file_read(
    const char *path, size_t max, char **ret_octets, size_t *ret_len);

#endif
